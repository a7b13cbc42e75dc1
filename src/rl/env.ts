// The environment interface: Gymnasium's contract (Towers et al. 2024, arXiv:2407.17032), synchronous and seeded.
// Read next: spaces.ts, then envs/cart-pole.ts for an environment and wrappers/time-limit.ts for a wrapper.

import type { Rng } from '../tensor/random.ts'
import type { Space } from './spaces.ts'

/** Extra facts about a step. Keys that the library itself writes are named here; an environment may add its own. */
export interface Info {
  /** The last observation of an episode that a vector environment has already reset. */
  readonly finalObservation?: unknown
  /** 1 where a discrete action is allowed, 0 where it is not: [actions]. */
  readonly actionMask?: ArrayLike<number>
  readonly [key: string]: unknown
}

/** What `reset` gives. */
export interface Reset<Observation> {
  readonly observation: Observation
  readonly info: Info
}

/**
 * What `step` gives. `terminated`: the task came to its own end, so no value follows. `truncated`: the episode was cut off
 * from outside (a time limit), so the value of `observation` still counts.
 */
export interface Step<Observation> {
  readonly observation: Observation
  readonly reward: number
  readonly terminated: boolean
  readonly truncated: boolean
  readonly info: Info
}

export interface ResetOptions {
  /** Restarts the environment's random numbers. Without it they go on from where they were. */
  readonly seed?: number
  /** Options of one environment, such as the bounds of its start state. */
  readonly options?: Readonly<Record<string, unknown>>
}

/** Observations are vectors (a fresh array each step) or state numbers; actions are choice numbers or vectors. */
export interface Env<Observation = Float32Array, Action = number> {
  readonly id: string
  readonly observationSpace: Space<Observation>
  readonly actionSpace: Space<Action>
  /** Starts an episode. */
  reset(options?: ResetOptions): Reset<Observation>
  /** Throws a `StateError` before the first `reset` and after the end of an episode, a `ValueError` on a foreign action. */
  step(action: Action): Step<Observation>
  /** The environment inside all wrappers. */
  readonly unwrapped: Env<Observation, Action>
  /** The whole dynamic state as numbers, so that planning, look-ahead and replay work. Setting it puts the episode in progress. */
  state: readonly number[]
  /** The environment's own random numbers, for checkpoints. */
  rng: Rng
}

/** Shared by every step that has nothing to add. */
export const NO_INFO: Info = Object.freeze({})
