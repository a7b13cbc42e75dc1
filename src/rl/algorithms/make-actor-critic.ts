// The networks of the on-policy algorithms, as in PPO's code: tanh layers, orthogonal weights, and an output layer that
// starts near 0, so that the first policy is almost uniform. Read next: ../actor-critic.ts.

import { parameter } from '../../nn/flat.ts'
import { constant, orthogonal } from '../../nn/init.ts'
import { MLP } from '../../nn/mlp.ts'
import type { Module } from '../../nn/module.ts'
import type { Rng } from '../../tensor/random.ts'
import { type ActorCritic, CategoricalActorCritic, GaussianActorCritic } from '../actor-critic.ts'
import type { Resumable } from '../checkpoint.ts'
import { Box } from '../spaces.ts'
import type { VectorEnv } from '../vector-env.ts'
import type { AuxiliaryLoss } from './guide.ts'
import { requireBoxActions, requireChoices } from './requirements.ts'

const POLICY_GAIN = 0.01
const VALUE_GAIN = 1

/** Networks in place of the default ones: a module, which is trained as it is, or a function that makes one. */
export interface ActorCriticNetworks {
  /** The actor: [batch, observationSize] → logits [batch, actions], or means [batch, actionSize]. */
  readonly network?: NetworkSource | undefined
  /** [batch, observationSize] → [batch, 1] */
  readonly critic?: NetworkSource | undefined
}

export type NetworkSource = Module | ((inputs: number, outputs: number, rng: Rng) => Module)

/** The options of the on-policy algorithms that are objects. */
export interface OnPolicyObjects extends ActorCriticNetworks, Resumable {
  /** A term added to the loss of every minibatch. */
  readonly auxiliaryLoss?: AuxiliaryLoss | undefined
}

/**
 * Throws a `ValueError` unless the environments have vector observations and discrete or vector actions, a `ShapeError` on
 * networks of other sizes.
 */
export function makeActorCritic(
  algorithm: string,
  envs: VectorEnv,
  hidden: readonly number[],
  rng: Rng,
  { network, critic }: ActorCriticNetworks = {},
): ActorCritic {
  const make = (source: NetworkSource | undefined, inputs: number, outputs: number, outputGain: number): Module => {
    if (source !== undefined) return 'forward' in source ? source : source(inputs, outputs, rng)
    return new MLP([inputs, ...hidden, outputs], rng, {
      activation: 'tanh',
      weightInit: orthogonal(Math.SQRT2),
      outputInit: orthogonal(outputGain),
      biasInit: constant(0),
    })
  }
  if (envs.actionSpace instanceof Box) {
    const { observationSize, actionSpace } = requireBoxActions(algorithm, envs)
    const actionSize = actionSpace.low.length
    const actor = make(network, observationSize, actionSize, POLICY_GAIN)
    const valueNetwork = make(critic, observationSize, 1, VALUE_GAIN)
    return new GaussianActorCritic(
      actor,
      valueNetwork,
      observationSize,
      parameter([actionSize], new Float32Array(actionSize)),
      actionSpace,
    )
  }
  const { observationSize, numActions } = requireChoices(algorithm, envs)
  const actor = make(network, observationSize, numActions, POLICY_GAIN)
  const valueNetwork = make(critic, observationSize, 1, VALUE_GAIN)
  return new CategoricalActorCritic(actor, valueNetwork, observationSize, numActions)
}
