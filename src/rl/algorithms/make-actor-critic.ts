// The networks of the on-policy algorithms, as PPO's code has them: tanh layers, orthogonal weights, an output layer that
// starts near 0, so that the first policy is almost uniform. Read next: ../actor-critic.ts.

import { parameter } from '../../nn/flat.ts'
import { constant, orthogonal } from '../../nn/init.ts'
import { MLP } from '../../nn/mlp.ts'
import type { Module } from '../../nn/module.ts'
import type { Rng } from '../../tensor/random.ts'
import { type ActorCritic, CategoricalActorCritic, GaussianActorCritic } from '../actor-critic.ts'
import { Box } from '../spaces.ts'
import type { VectorEnv } from '../vector-env.ts'
import { requireBoxActions, requireChoices } from './requirements.ts'

const POLICY_GAIN = 0.01
const VALUE_GAIN = 1

/** Networks to begin with in place of fresh ones; the learner trains them themselves. */
export interface FirstNetworks {
  /** [batch, observationSize] → [batch, actions], or the means [batch, actionSize]. */
  readonly actor?: Module
  /** [batch, observationSize] → [batch, 1] */
  readonly critic?: Module
}

/**
 * Throws a `ValueError` unless the environments show vectors and take choices or vectors, a `ShapeError` on first networks
 * of other sizes.
 */
export function makeActorCritic(
  algorithm: string,
  envs: VectorEnv,
  hidden: readonly number[],
  rng: Rng,
  first: FirstNetworks = {},
): ActorCritic {
  const mlp = (inputs: number, outputs: number, outputGain: number) =>
    new MLP([inputs, ...hidden, outputs], rng, {
      activation: 'tanh',
      weightInit: orthogonal(Math.SQRT2),
      outputInit: orthogonal(outputGain),
      biasInit: constant(0),
    })
  if (envs.actionSpace instanceof Box) {
    const { observationSize, actionSpace } = requireBoxActions(algorithm, envs)
    const actionSize = actionSpace.low.length
    const actor = first.actor ?? mlp(observationSize, actionSize, POLICY_GAIN)
    const critic = first.critic ?? mlp(observationSize, 1, VALUE_GAIN)
    return new GaussianActorCritic(
      actor,
      critic,
      observationSize,
      parameter([actionSize], new Float32Array(actionSize)),
      actionSpace,
    )
  }
  const { observationSize, actionCount } = requireChoices(algorithm, envs)
  const actor = first.actor ?? mlp(observationSize, actionCount, POLICY_GAIN)
  const critic = first.critic ?? mlp(observationSize, 1, VALUE_GAIN)
  return new CategoricalActorCritic(actor, critic, observationSize, actionCount)
}
