// The networks of the on-policy algorithms, as in the code of PPO's authors: tanh layers with orthogonal weights, and a small output
// layer of the actor, so that the first policy is almost uniform. Read next: ../policies/actor-critic.ts.

import { flattenSpace } from '../../data/flatten.ts'
import { Box, MultiBinary, MultiDiscrete } from '../../data/spaces.ts'
import { parameter } from '../../nn/flat.ts'
import { constant, orthogonal } from '../../nn/init.ts'
import { MLP } from '../../nn/layers/mlp.ts'
import type { Module } from '../../nn/module.ts'
import type { Rng } from '../../tensor/random.ts'
import type { VectorEnv } from '../envs/vector/vector-env.ts'
import {
  type ActorCritic,
  CategoricalActorCritic,
  FactoredActorCritic,
  GaussianActorCritic,
} from '../policies/actor-critic.ts'
import type { NetworkFunction } from '../training/own-parts.ts'
import { requireChoices, requireVectors } from '../training/requirements.ts'

type NetworkSource = Module | NetworkFunction

/**
 * Networks in place of the default ones: a module, which is trained itself, or a function that makes one. Actor and critic may share
 * layers, such as a trunk, except in TRPO.
 */
export interface ActorCriticNetworks {
  /** The actor: [batch, observationSize] → logits [batch, actions], concatenated logits, or means [batch, actionSize]. */
  readonly network?: NetworkSource | undefined
  /** [batch, observationSize] → [batch, 1] */
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
  const make = (source: NetworkSource | undefined, inputs: number, outputs: number, outputGain: number): Module => {
    if (source !== undefined) return 'forward' in source ? source : source(inputs, outputs, rng)
    return new MLP([inputs, ...hidden, outputs], rng, {
      activation: 'tanh',
      weightInit: orthogonal(Math.SQRT2),
      outputInit: orthogonal(outputGain),
      biasInit: constant(0),
    })
  }
  const makeBoth = (inputs: number, outputs: number) =>
    [make(network, inputs, outputs, 0.01), make(critic, inputs, 1, 1)] as const
  const { actionSpace } = envs
  const observationSize = requireVectors(algorithm, envs)
  if (actionSpace instanceof Box) {
    const actionSize = actionSpace.low.length
    const logStd = parameter([actionSize], new Float32Array(actionSize))
    return new GaussianActorCritic(...makeBoth(observationSize, actionSize), observationSize, logStd, actionSpace)
  }
  if (actionSpace instanceof MultiDiscrete || actionSpace instanceof MultiBinary) {
    const networks = makeBoth(observationSize, flattenSpace(actionSpace).low.length)
    return new FactoredActorCritic(...networks, observationSize, actionSpace)
  }
  const expected = 'this algorithm acts in Box, Discrete, MultiDiscrete and MultiBinary spaces'
  const { numActions } = requireChoices(algorithm, envs, expected)
  return new CategoricalActorCritic(...makeBoth(observationSize, numActions), observationSize, numActions)
}
