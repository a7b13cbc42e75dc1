// A policy maps observations to actions: choices, several choices at once, or vectors within bounds. `act` returns the mode, `sample` draws; both take one
// observation or, as `actBatch` and `sampleBatch`, many.
// Read next: discrete-policies.ts and continuous-policies.ts for policies made of networks, ../evaluate.ts.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { ShapeError, ValueError } from '../../tensor/errors.ts'
import type { Rng } from '../../tensor/random.ts'
import type { AnyEnv } from '../envs/env.ts'
import type { Bounds } from './distributions/squashed-gaussian.ts'

/** Actions for several observations, flat: int32 choices [count], or float32, int32 or int8 vectors [count, actionSize]. */
export type Actions = Int32Array | Int8Array | Float32Array

/** The part of the environment's observations that a policy reads: [count, environment's size] → [count, observationSize], flat. */
export type View = (observations: Float32Array) => Float32Array

/** What a policy remembers of each episode: [count, memorySize], zeros at the start of an episode. Acting overwrites it. */
export type Memory = Float32Array

/** Mean and ln σ of a Gaussian policy, [batch, actionSize] each; the mean alone for a deterministic one. */
export interface GaussianOutputs {
  readonly mean: Tensor
  readonly logStd?: Tensor
}

/** Chooses the action for one observation. */
export interface Agent<Observation = Float32Array, Action = number> {
  /** The best action. `mask` [actions] is 1 where an action is allowed; left out, all are. */
  act(observation: Observation, mask?: ArrayLike<number>, memory?: Memory): Action
}

/**
 * A policy for vector observations and any action space: what agents, teachers, students and loaded files are. It acts; losses and
 * labels read the network outputs that it has. `Batch` holds actions for several observations.
 */
export interface Policy<Action = number | Float32Array | Int32Array | Int8Array, Batch extends Actions = Actions>
  extends Agent<Float32Array, Action> {
  /** Numbers of an observation, after `view`. */
  readonly observationSize: number
  /** Absent: the policy reads whole observations. */
  readonly view?: View
  /** Numbers that it remembers of an episode. Absent: none. */
  readonly memorySize?: number
  /** Of discrete actions. */
  readonly numActions?: number
  /** Of continuous actions: bounds of the environment's actions. */
  readonly bounds?: Bounds

  /** An action drawn from the policy, for exploration. */
  sample(observation: Float32Array, rng: Rng, mask?: ArrayLike<number>): Action
  /** The mode for each row of observations [count, observationSize]. Masks are [count, actions], 1 where allowed. */
  actBatch(observations: Float32Array, masks?: Float32Array, memory?: Memory): Batch
  /** A draw for each row of observations. */
  sampleBatch(observations: Float32Array, rng: Rng, masks?: Float32Array): Batch
  /** Actions of `actBatch` and `sampleBatch` in the environment's units; choices are returned unchanged. */
  toEnvironment(actions: Actions): Actions

  /** Unnormalised log-probabilities [batch, actions]. */
  logits?(observations: Tensor): Tensor
  /** Expected returns of each action [batch, actions]; with `rng`, noisy layers draw their noise. */
  actionValues?(observations: Tensor, rng?: Rng): Tensor
  /** Expected returns [batch]. */
  stateValues?(observations: Tensor): Tensor
  /** The Gaussian, or the deterministic action, of continuous actions. */
  gaussian?(observations: Tensor): GaussianOutputs
  /** Whether `gaussian` is that before tanh. */
  readonly squashed?: boolean
  /** Of an ensemble. */
  readonly members?: readonly TeachingPolicy[]
}

/** Network outputs of a policy over discrete actions, as far as it has them. */
export type PolicyOutputs = Pick<Policy, 'logits' | 'actionValues' | 'stateValues'>

/** A policy that chooses among `numActions` actions. */
export interface DiscretePolicy extends Policy<number, Int32Array> {
  readonly numActions: number
}

/** A policy or a value function, as far as it has something to teach. */
export type TeachingPolicy = Pick<Policy, 'observationSize'> & Partial<Policy>

/** The part of a policy that plays. */
export type Player = Pick<Policy, 'actBatch'> & Partial<Pick<Policy, 'toEnvironment' | 'view' | 'memorySize'>>

/** Greedy actions in the environment's units for whole observations, flat: [count] or [count, actionSize]. */
export function playedActions(
  player: Partial<Player>,
  observations: Float32Array,
  masks?: Float32Array,
  memory?: Memory,
): Actions {
  const seen = player.view === undefined ? observations : player.view(observations)
  const actions = player.actBatch!(seen, masks, memory)
  return player.toEnvironment?.(actions) ?? actions
}

/** The memory of `count` episodes at their start; undefined for a policy without memory. */
export function memoryOf({ memorySize = 0 }: Pick<Player, 'memorySize'>, count: number): Memory | undefined {
  return memorySize > 0 ? new Float32Array(count * memorySize) : undefined
}

/** Clears the memory of the sub-environments whose episodes have ended. */
export function forget(memory: Memory | undefined, dones: Uint8Array): void {
  if (memory === undefined) return
  const size = memory.length / dones.length
  for (let i = 0; i < dones.length; i++) if (dones[i] === 1) memory.fill(0, i * size, (i + 1) * size)
}

/** Plans from the environment's state. */
export interface Planner {
  plan(env: AnyEnv): number
}

/** An agent, a function of an observation, or a planner. */
export type PolicyLike<Observation = Float32Array, Action = number> =
  | Agent<Observation, Action>
  | ((observation: Observation, mask?: ArrayLike<number>) => Action)
  | Planner

/** Throws a `ShapeError` on other than `size` numbers, a `ValueError` with the index of the first that is NaN or infinite. */
export function requireFinite(observation: Float32Array, size = observation.length): void {
  if (observation?.length !== size)
    throw new ShapeError(`act: the observation has ${observation?.length ?? 'no'} numbers; expected ${size}`)
  for (let i = 0; i < observation.length; i++) {
    if (!Number.isFinite(observation[i]!)) {
      throw new ValueError(`act: the observation is ${observation[i]} at index ${i}; expected finite numbers`)
    }
  }
}
