// The environment interface: Gymnasium's contract (Towers et al. 2024, arXiv:2407.17032), synchronous and seeded.
// Read next: ../../data/spaces.ts, then tasks/cart-pole.ts for an environment and wrappers/episode.ts for a wrapper.

import type { Space } from '../../data/spaces.ts'
import { describeValue } from '../../data/values.ts'
import { StateError, ValueError } from '../../tensor/errors.ts'
import type { Rng } from '../../tensor/random.ts'
import type { MirrorSymmetry } from './mirror-symmetry.ts'

/** Diagnostics of a reset or step. The library writes the named keys; an environment may add its own. */
export interface Info {
  /** 1 where an action is allowed next, 0 where it is not: [actions]. */
  readonly actionMask?: ArrayLike<number>
  /** Return and length of the episode that ended with this step (`RecordEpisodeStatistics`). */
  readonly episode?: EpisodeStatistics
  readonly [key: string]: unknown
}

export interface EpisodeStatistics {
  /** Sum of the episode's rewards, undiscounted. */
  readonly return: number
  /** Steps from reset to end. */
  readonly length: number
}

export interface Reset<Observation> {
  readonly observation: Observation
  readonly info: Info
}

/**
 * What `step` returns. `terminated`: the task ended by itself, so no value follows. `truncated`: the episode was cut off, by a
 * time limit for instance, so the value of `observation` still counts.
 */
export interface Step<Observation> {
  readonly observation: Observation
  readonly reward: number
  readonly terminated: boolean
  readonly truncated: boolean
  readonly info: Info
}

export interface ResetOptions {
  /** Seeds the environment's random numbers. Default: they continue. */
  readonly seed?: number
  /** Options of the environment's reset, such as the bounds of the start state. */
  readonly options?: Readonly<Record<string, unknown>>
}

/** Observations and actions are values of any spaces; those with arrays are new at each step. */
export interface Env<Observation = Float32Array, Action = number> {
  readonly id: string
  readonly observationSpace: Space<Observation>
  readonly actionSpace: Space<Action>
  /** A mirror symmetry of the dynamics, which `checkEnv` verifies. Default: none. */
  readonly mirror?: MirrorSymmetry | undefined
  reset(options?: ResetOptions): Reset<Observation>
  /** Throws a `StateError` outside an episode, a `ValueError` on an action outside its space. */
  step(action: Action): Step<Observation>
  /** The innermost environment, inside all wrappers. */
  readonly unwrapped: AnyEnv
  /** A copy of the whole dynamic state, for planning and checkpoints. Setting it continues the episode from there. */
  state: readonly number[]
  /** The environment's own random numbers, for checkpoints. */
  rng: Rng
}

export type AnyEnv = Env<unknown, unknown>

/** Options of an environment, such as `{ goalVelocity: 0.06 }`. Unknown ones throw a `ValueError`. */
export type EnvOptions = Readonly<Record<string, unknown>>

export interface EnvSpec {
  /** By convention `Name-v0`. */
  readonly id: string
  /** Creates the environment, without its time limit. */
  readonly create: (options: EnvOptions, id: string) => AnyEnv
  /** The step on which `truncated` is set. Default: none. */
  readonly maxEpisodeSteps?: number
  /** Mean return at which the task counts as solved. */
  readonly rewardThreshold?: number
  /** Lowest and highest reward of a step, under the default options. Default: unknown. */
  readonly rewardRange?: readonly [low: number, high: number]
}

/** The info of steps without diagnostics. */
export const NO_INFO: Info = Object.freeze({})

export function stepOutsideEpisode(id: string, started: boolean): StateError {
  const when = started ? 'after the end of the episode' : 'before the first reset()'
  return new StateError(`${id}: step() ${when}; call reset() first`)
}

export function invalidAction(id: string, action: unknown, space: Space<unknown>): ValueError {
  return new ValueError(`${id}: the action is ${describeValue(action)}; allowed is ${space}`)
}
