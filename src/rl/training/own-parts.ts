// Networks and optimizers of the caller's, which every algorithm takes by the same names in place of its own. Read next: ../actor-critic/sac.ts for a
// use of all of them, ../on-policy/make-actor-critic.ts for the on-policy algorithms, which take finished modules too.

import { MLP } from '../../nn/layers/mlp.ts'
import type { Module, ParameterSource } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import type { CommonSettings, Optimizer } from '../../nn/optimizers/optimizer.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import { formatShape, requireMethods, ShapeError, ValueError } from '../../tensor/errors.ts'
import { zeros } from '../../tensor/ops/create.ts'
import type { Rng } from '../../tensor/random.ts'
import { Critics } from '../policies/critics.ts'

/** Makes a network, [batch, inputs] → [batch, outputs], with new parameters in each call. `rng` is that of the run. */
export type NetworkFunction = (inputs: number, outputs: number, rng: Rng) => Module

/** An optimizer with any settings, as a training loop uses it. */
export type AnyOptimizer = Pick<
  Optimizer<CommonSettings>,
  'learningRate' | 'steps' | 'minimize' | 'saveState' | 'loadState'
>

/** Makes the optimizer of these parameters: `(parameters, { learningRate }) => new Sgd(parameters, { learningRate })`. */
export type OptimizerFunction = (
  parameters: ParameterSource,
  settings: { readonly learningRate: number },
) => AnyOptimizer

export interface OwnOptimizer {
  /** In place of the algorithm's. It is made once for each set of parameters that is updated alone; SAC has three. */
  readonly optimizer?: OptimizerFunction | undefined
}

/** A network and an optimizer in place of the algorithm's. */
export interface OwnNetwork extends OwnOptimizer {
  /** Makes the network: [batch, observationSize] → [batch, outputs]. */
  readonly network?: NetworkFunction | undefined
}

/** The options of the off-policy algorithms for vector actions that are functions. */
export interface OwnParts extends OwnOptimizer {
  /** The actor, and its target network: [batch, observationSize] → [batch, actionSize], for SAC [batch, 2 · actionSize]. */
  readonly network?: NetworkFunction | undefined
  /** Each critic, and its target network: [batch, observationSize + actionSize] → [batch, 1]. */
  readonly critic?: NetworkFunction | undefined
}

/** Makes the parts of an off-policy learner: the caller's, else multilayer perceptrons and Adam. */
export function partMakers(name: string, hidden: readonly number[], rng: Rng, own: OwnParts = {}) {
  const { network, critic, optimizer } = own
  const mlp: NetworkFunction = (inputs, outputs) => new MLP([inputs, ...hidden, outputs], rng)
  return {
    actor: (inputs: number, outputs: number) => makeNetwork(name, 'network', network ?? mlp, inputs, outputs, rng),
    critics: (count: number, inputs: number) =>
      new Critics(count, () => makeNetwork(name, 'critic', critic ?? mlp, inputs, 1, rng)),
    optimizer: (parameters: ParameterSource, learningRate: number) =>
      makeOptimizer(name, optimizer, parameters, learningRate),
  }
}

/** Throws a `ValueError` unless `make` is a function, a `ShapeError` on a network with other outputs. */
export function makeNetwork(
  name: string,
  option: string,
  make: NetworkFunction,
  inputs: number,
  outputs: number,
  rng: Rng,
): Module {
  requireMethods(`${name}: ${option}`, make, ['call'], '(inputs, outputs, rng) => Module, called for each network')
  const network = make(inputs, outputs, rng)
  const { dims, size } = inferenceMode(() => network.forward(zeros([1, inputs])))
  if (size === outputs) return network
  throw new ShapeError(`${name}: ${option} gives ${formatShape(dims)} for [1, ${inputs}]; expected [1, ${outputs}]`)
}

/**
 * Throws a `ValueError` unless `own` is a function that makes an optimizer.
 *
 * @param standard the algorithm's own. Default: Adam.
 */
export function makeOptimizer(
  name: string,
  own: OptimizerFunction | undefined,
  parameters: ParameterSource,
  learningRate: number,
  standard: OptimizerFunction = (source, settings) => new Adam(source, settings),
): AnyOptimizer {
  const make = own ?? standard
  const made = typeof make === 'function' ? make(parameters, { learningRate }) : undefined
  if (typeof made?.minimize === 'function') return made
  const expected = 'a function such as (parameters, { learningRate }) => new Adam(parameters, { learningRate })'
  throw new ValueError(`${name}: optimizer made no Optimizer; expected ${expected}`)
}
