// What acts. An agent maps observations to actions, and shows what a student can learn from it: logits, action values,
// state values, as far as it has them. Read next: evaluate.ts, then algorithms/dqn.ts for how one comes to be.

import { noGrad } from '../tensor/autograd.ts'
import { ValueError } from '../tensor/errors.ts'
import { full, tensor } from '../tensor/ops/create.ts'
import { where } from '../tensor/ops/elementwise.ts'
import { argmax } from '../tensor/ops/reduce.ts'
import type { Rng } from '../tensor/random.ts'
import { scope } from '../tensor/scope.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { AnyEnv } from './env.ts'

export interface Agent<Observation = Float32Array, Action = number> {
  /** With `rng` an exploring action, without it the greedy one. */
  act(observation: Observation, rng?: Rng): Action
}

/** An agent made of networks: observations [batch, observationSize] in, what a student can learn from out. */
export interface NetworkAgent extends Agent {
  readonly observationSize: number
  readonly actionCount: number
  /** Unnormalised log-probabilities [batch, actions]. */
  logits?(observations: Tensor): Tensor
  /** Expected returns of each action [batch, actions]; with `rng` by layers that draw their noise from it, if there are any. */
  actionValues?(observations: Tensor, rng?: Rng): Tensor
  /** Expected returns [batch]. */
  stateValues?(observations: Tensor): Tensor
}

/** Acts by looking ahead in the environment itself: it needs the state, not only the observation. */
export interface Planner {
  plan(env: AnyEnv): number
}

/** The scores [batch, actions] whose largest is the greedy action: logits, or else action values. */
export function actionScores(agent: NetworkAgent, observations: Tensor, rng?: Rng): Tensor {
  if (agent.logits !== undefined) return agent.logits(observations)
  if (agent.actionValues !== undefined) return agent.actionValues(observations, rng)
  throw new ValueError(
    'the agent has neither logits nor action values, so it cannot choose; plan with its state values',
  )
}

/**
 * The greedy actions for `count` observations that lie one after the other, into `actions`; with masks [count, actions]
 * among those that are allowed; with `rng` as noisy layers see them, with noise that all of these observations share.
 */
export function greedyActions(
  agent: NetworkAgent,
  observations: Float32Array,
  count: number,
  actions: Int32Array,
  masks?: Float32Array,
  rng?: Rng,
): void {
  scope(() =>
    noGrad(() => {
      const batch = tensor(observations.subarray(0, count * agent.observationSize), [count, agent.observationSize])
      const scores = actionScores(agent, batch, rng)
      const allowed = masks && tensor(masks.subarray(0, scores.size), scores.shape)
      const open = allowed === undefined ? scores : where(allowed, scores, full(scores.shape, -Infinity))
      actions.set(argmax(open, 1).view())
    }),
  )
}

/** The greedy action for one observation; with `rng` as noisy layers see it. */
export function greedyAction(agent: NetworkAgent, observation: Float32Array, rng?: Rng): number {
  requireFinite(observation)
  return scope(() =>
    noGrad(() => argmax(actionScores(agent, tensor(observation, [1, agent.observationSize]), rng), 1).view()[0]!),
  )
}

/** Throws a ValueError that says where an observation is NaN or infinite. */
export function requireFinite(observation: Float32Array): void {
  for (let i = 0; i < observation.length; i++) {
    if (!Number.isFinite(observation[i]!)) {
      throw new ValueError(`act: the observation is ${observation[i]} at place ${i}; expected finite numbers`)
    }
  }
}
