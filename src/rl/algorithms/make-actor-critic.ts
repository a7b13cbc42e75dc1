// The networks of the on-policy algorithms, as PPO's code has them: tanh layers, orthogonal weights, an output layer that
// starts near 0, so that the first policy is almost uniform. Read next: ../actor-critic.ts.

import { parameter } from '../../nn/flat.ts'
import { constant, orthogonal } from '../../nn/init.ts'
import { MLP } from '../../nn/mlp.ts'
import type { Rng } from '../../tensor/random.ts'
import { type ActorCritic, CategoricalActorCritic, GaussianActorCritic } from '../actor-critic.ts'
import { Box } from '../spaces.ts'
import type { VectorEnv } from '../vector-env.ts'
import { requireBoxActions, requireChoices } from './requirements.ts'

const POLICY_GAIN = 0.01
const VALUE_GAIN = 1

/** Throws a `ValueError` unless the environments show vectors and take choices or vectors. */
export function makeActorCritic(algorithm: string, envs: VectorEnv, hidden: readonly number[], rng: Rng): ActorCritic {
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
    const actor = mlp(observationSize, actionSize, POLICY_GAIN)
    const critic = mlp(observationSize, 1, VALUE_GAIN)
    return new GaussianActorCritic(
      actor,
      critic,
      observationSize,
      parameter([actionSize], new Float32Array(actionSize)),
      actionSpace,
    )
  }
  const { observationSize, actionCount } = requireChoices(algorithm, envs)
  const actor = mlp(observationSize, actionCount, POLICY_GAIN)
  return new CategoricalActorCritic(actor, mlp(observationSize, 1, VALUE_GAIN), observationSize, actionCount)
}
