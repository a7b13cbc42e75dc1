// The networks of the on-policy algorithms, as in the code of PPO's authors: tanh layers with orthogonal weights, and a small output
// layer of the actor, so that the first policy is almost uniform. Read next: ../policies/actor-critic.ts.

import { flattenSpace } from '../../data/packing.ts'
import { Box, MultiBinary, MultiDiscrete } from '../../data/spaces.ts'
import { parameter } from '../../nn/flat.ts'
import { constant, orthogonal } from '../../nn/init.ts'
import { build } from '../../nn/layers/spec.ts'
import type { Module } from '../../nn/module.ts'
import type { Rng } from '../../tensor/random.ts'
import { sizeOf } from '../../tensor/shape.ts'
import type { VectorEnv } from '../envs/vector/vector-env.ts'
import {
  type ActorCritic,
  CategoricalActorCritic,
  FactoredActorCritic,
  GaussianActorCritic,
} from '../policies/actor-critic.ts'
import { type NetworkFunction, perceptron, takingRows } from '../training/networks.ts'
import { requireChoices, requireShape } from '../training/requirements.ts'

export type NetworkSource = Module | NetworkFunction

/**
 * Networks in place of the default ones: a module, which is trained itself, or a function that makes one. Actor and critic may share
 * layers, such as a trunk, except in TRPO.
 */
export interface ActorCriticNetworks {
  /**
   * The actor: [batch, ...observation] → logits [batch, actions], concatenated logits, or means [batch, actionSize]. A text is the layers
   * before the outputs, of actor and critic.
   */
  readonly network?: NetworkSource | string | undefined
  /** [batch, ...observation] → [batch, 1] */
  readonly critic?: NetworkSource | undefined
}

/** Throws a `ValueError` on observations or actions of other kinds, a `ShapeError` on networks of other sizes. */
export function makeActorCritic(
  algorithm: string,
  envs: VectorEnv,
  hidden: readonly number[],
  rng: Rng,
  { network, critic }: ActorCriticNetworks = {},
): ActorCritic {
  const shape = requireShape(algorithm, envs)
  const observationSize = sizeOf(shape)
  const make = (source: NetworkSource | string | undefined, outputs: number, outputGain: number): Module => {
    if (source !== undefined && typeof source !== 'string') {
      const site = { shape, inputs: observationSize, outputs, rng }
      return takingRows('forward' in source ? source : source(site), shape)
    }
    return build(perceptron(network, hidden, 'tanh', { shape, outputs }), rng, {
      weightInit: orthogonal(Math.SQRT2),
      outputInit: orthogonal(outputGain),
      biasInit: constant(0),
    })
  }
  const makeBoth = (outputs: number) => [make(network, outputs, 0.01), make(critic, 1, 1)] as const
  const { actionSpace } = envs
  if (actionSpace instanceof Box) {
    const actionSize = actionSpace.low.length
    const logStd = parameter([actionSize], new Float32Array(actionSize))
    return new GaussianActorCritic(...makeBoth(actionSize), observationSize, logStd, actionSpace)
  }
  if (actionSpace instanceof MultiDiscrete || actionSpace instanceof MultiBinary) {
    const networks = makeBoth(flattenSpace(actionSpace).low.length)
    return new FactoredActorCritic(...networks, observationSize, actionSpace)
  }
  const expected = 'this algorithm acts in Box, Discrete, MultiDiscrete and MultiBinary spaces'
  const { numActions } = requireChoices(algorithm, envs, expected)
  return new CategoricalActorCritic(...makeBoth(numActions), observationSize, numActions)
}
