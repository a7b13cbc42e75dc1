// A policy maps observations to actions: choices, several choices at once, or vectors within bounds. `act` returns the mode, `sample` draws; both take one
// observation or, as `actBatch` and `sampleBatch`, many.
// Read next: discrete-policies.ts and continuous-policies.ts for policies made of networks, ../evaluate.ts.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { ShapeError, ValueError } from '../../tensor/errors.ts'
import type { Rng } from '../../tensor/random.ts'
import type { AnyEnv } from '../envs/env.ts'
import type { Distribution } from './distributions/distribution.ts'
import type { Bounds } from './distributions/squashed-gaussian.ts'

/** Actions for several observations, flat: int32 choices [count], or float32, int32 or int8 vectors [count, actionSize]. */
export type Actions = Int32Array | Int8Array | Float32Array

/** Chooses the action for one observation. */
export interface Agent<Observation = Float32Array, Action = number> {
  /** The best action. `mask` [actions] is 1 where an action is allowed; left out, all are. */
  act(observation: Observation, mask?: ArrayLike<number>): Action
}

/** A policy for vector observations and any action space. `Batch` holds actions for several observations. */
export interface Policy<Action = number | Float32Array | Int32Array | Int8Array, Batch extends Actions = Actions>
  extends Agent<Float32Array, Action> {
  readonly observationSize: number
  /** An action drawn from the policy, for exploration. */
  sample(observation: Float32Array, rng: Rng, mask?: ArrayLike<number>): Action
  /** The mode for each row of observations [count, observationSize]. Masks are [count, actions], 1 where allowed. */
  actBatch(observations: Float32Array, masks?: Float32Array): Batch
  /** A draw for each row of observations. */
  sampleBatch(observations: Float32Array, rng: Rng, masks?: Float32Array): Batch
  /** Actions of `actBatch` and `sampleBatch` in the environment's units; choices are returned unchanged. */
  toEnvironment(actions: Actions): Actions
}

/** Network outputs of a policy, as far as it has them. */
export interface PolicyOutputs {
  /** Unnormalised log-probabilities [batch, actions]. */
  logits?(observations: Tensor): Tensor
  /** Expected returns of each action [batch, actions]; with `rng`, noisy layers draw their noise. */
  actionValues?(observations: Tensor, rng?: Rng): Tensor
  /** Expected returns [batch]. */
  stateValues?(observations: Tensor): Tensor
}

/** A policy that chooses among `numActions` actions. */
export interface DiscretePolicy extends Policy<number, Int32Array>, PolicyOutputs {
  readonly numActions: number
}

/** A policy whose actions are vectors within bounds. */
export interface ContinuousPolicy extends Policy<Float32Array, Float32Array> {
  readonly actionSize: number
  /** Bounds of the environment's actions. */
  readonly bounds: Bounds
  toEnvironment(actions: Actions): Float32Array
  /** π(·|s) for observations [batch, observationSize]; deterministic policies have none. */
  distribution?(observations: Tensor): Distribution
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
