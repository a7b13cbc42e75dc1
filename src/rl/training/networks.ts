// The networks and optimizers of a training: the algorithm's own, or functions of the caller's; networks also as text.

import type { Option } from '../../data/options.ts'
import type { ActivationName } from '../../nn/layers/activations.ts'
import { flattened, hiddenLayers, layerNames, parseLayers } from '../../nn/layers/network-text.ts'
import { Shaped } from '../../nn/layers/sequential.ts'
import { build, type NetworkSpec } from '../../nn/layers/spec.ts'
import type { Module, ParameterSource } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import type { CommonSettings, Optimizer } from '../../nn/optimizers/optimizer.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import { formatShape, requireMethods, ShapeError, ValueError } from '../../tensor/errors.ts'
import { zeros } from '../../tensor/ops/create.ts'
import type { Rng } from '../../tensor/random.ts'
import { type Shape, sizeOf } from '../../tensor/shape.ts'
import { Critics } from '../policies/critics.ts'

/** What a network must take and give. */
export interface NetworkSite {
  /** Shape of one input: [4] for a vector of 4 numbers, [10, 10, 4] for a board. */
  readonly shape: Shape
  /** Numbers of one input. */
  readonly inputs: number
  readonly outputs: number
  /** Random numbers of the run, for the first weights. */
  readonly rng: Rng
}

/** Makes a network, [batch, ...shape] → [batch, outputs], with new parameters in each call. */
export type NetworkFunction = (site: NetworkSite) => Module

/** An option `network`: the layers before the outputs as text, or what `Own` is. Default: those of `hidden`. */
export function networkOption<Own = NetworkFunction>(
  about = 'layers before the outputs in place of hidden, such as linear:64,tanh,linear:64,tanh',
): Option<string | Own | undefined> {
  const accepts = (given: unknown) => given === undefined || (typeof given === 'string' && areLayersText(given))
  const allowed = `layers such as linear:64,tanh of the kinds ${layerNames.join(', ')}`
  return { value: undefined, about, allowed, accepts, parse: (text) => text }
}

function areLayersText(text: string): boolean {
  try {
    return parseLayers(text).length > 0
  } catch {
    return false
  }
}

/** The layers of the text `network`, or of the widths `hidden`, then a linear layer with the outputs. */
export function perceptron(
  network: unknown,
  hidden: readonly number[],
  activation: ActivationName,
  { shape, outputs }: Pick<NetworkSite, 'shape' | 'outputs'>,
): NetworkSpec {
  const layers = typeof network === 'string' ? parseLayers(network) : hiddenLayers(hidden, activation)
  return { input: shape, layers: flattened([...layers, { linear: outputs }], shape) }
}

/** A network and an optimizer in place of the algorithm's. */
export interface OwnNetwork extends OwnOptimizer {
  /** Makes the network: [batch, ...observation] → [batch, outputs]. A text is its layers before the outputs. */
  readonly network?: NetworkFunction | string | undefined
}

/** The options of the off-policy algorithms for vector actions that are functions. */
export interface OwnParts extends OwnOptimizer {
  /**
   * The actor, and its target network: [batch, ...observation] → [batch, actionSize], for SAC [batch, 2 · actionSize]. A text is the
   * layers before the outputs, of the critics too.
   */
  readonly network?: NetworkFunction | string | undefined
  /** Each critic, and its target network: [batch, observationSize + actionSize] → [batch, 1]. */
  readonly critic?: NetworkFunction | undefined
}

/** Makes the parts of an off-policy learner: the caller's, else multilayer perceptrons and Adam. */
export function partMakers(name: string, hidden: readonly number[], rng: Rng, own: OwnParts = {}) {
  const { network, critic, optimizer } = own
  const standard: NetworkFunction = (site) => build(perceptron(network, hidden, 'relu', site), site.rng)
  const actor = typeof network === 'string' || network === undefined ? standard : network
  return {
    actor: (shape: Shape, outputs: number) => makeNetwork(name, 'network', actor, { shape, outputs, rng }),
    critics: (count: number, inputs: number) =>
      new Critics(count, () => makeNetwork(name, 'critic', critic ?? standard, { shape: [inputs], outputs: 1, rng })),
    optimizer: (parameters: ParameterSource, learningRate: number) =>
      makeOptimizer(name, optimizer, parameters, learningRate),
  }
}

/** Throws a `ValueError` unless `make` is a function, a `ShapeError` on a network with other outputs. */
export function makeNetwork(
  name: string,
  option: string,
  make: NetworkFunction,
  { shape, outputs, rng }: Omit<NetworkSite, 'inputs'>,
): Module {
  requireMethods(`${name}: ${option}`, make, ['call'], '({ shape, inputs, outputs, rng }) => Module, for each network')
  const inputs = sizeOf(shape)
  const network = takingRows(make({ shape, inputs, outputs, rng }), shape)
  const { dims, size } = inferenceMode(() => network.forward(zeros([1, inputs])))
  if (size === outputs) return network
  throw new ShapeError(`${name}: ${option} gives ${formatShape(dims)} for one input; expected [1, ${outputs}]`)
}

/** The network as one of rows [batch, numbers], in which observations are stored. */
export function takingRows(network: Module, shape: Shape): Module {
  return shape.length === 1 || network instanceof Shaped ? network : new Shaped(network, shape)
}

/** An optimizer with any settings, as a training loop uses it. */
export type AnyOptimizer = Pick<
  Optimizer<CommonSettings>,
  'learningRate' | 'steps' | 'minimize' | 'saveState' | 'loadState'
>

/** `(parameters, { learningRate }) => new SGD(parameters, { learningRate })` */
export type OptimizerFunction = (
  parameters: ParameterSource,
  settings: { readonly learningRate: number },
) => AnyOptimizer

export interface OwnOptimizer {
  /** In place of the algorithm's. It is made once for each set of parameters that is updated alone; SAC has three. */
  readonly optimizer?: OptimizerFunction | undefined
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

/** With `annealLearningRate`, the learning rate falls linearly to 0. */
export function anneal(
  optimizer: { learningRate: number },
  o: { readonly annealLearningRate: boolean } & Readonly<Record<'learningRate' | 'totalTimesteps', number>>,
  step: number,
): void {
  if (o.annealLearningRate) optimizer.learningRate = o.learningRate * Math.max(0, 1 - step / o.totalTimesteps)
}
