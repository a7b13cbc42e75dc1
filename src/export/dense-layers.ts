// A network as a list of linear layers, each with the activation after it: the input of all export formats.
// Read next: combined-layers.ts for heads and ensembles, javascript.ts, onnx.ts, safetensors.ts.

import { activations } from '../nn/layers/activations.ts'
import { Linear } from '../nn/layers/linear.ts'
import { type Layer, Sequential } from '../nn/layers/sequential.ts'
import { kindOf, type LayerSpec, layerSpecs } from '../nn/layers/spec.ts'
import { type Module, parameterList } from '../nn/module.ts'
import type { Tensor } from '../tensor/autograd/tensor.ts'
import { ShapeError, unknownName, ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { expectationOf, followedBy, sideBySide } from './combined-layers.ts'

/** Activations of single outputs. */
export type DenseActivation = 'identity' | 'relu' | 'tanh'

/** y = activation(W x + b). */
export interface DenseLayer {
  readonly inputs: number
  readonly outputs: number
  /** [outputs, inputs], row-major. */
  readonly weight: Float32Array
  /** [outputs] */
  readonly bias: Float32Array
  readonly activation: DenseActivation | 'softmax'
  /** Outputs that a softmax turns into probabilities together: the first `span`, the next, …. */
  readonly span?: number
}

/** A layer without softmax. */
export type PlainLayer = DenseLayer & { readonly activation: DenseActivation }

const meanings = ['logits', 'probabilities', 'actionValues', 'stateValues', 'actions'] as const

/** Meaning of a network's outputs, and their name in the exported file. */
export type OutputMeaning = (typeof meanings)[number]

/** How outputs become continuous actions: `scaled` from [-1, 1] to the bounds, then clipped to them. */
export interface ActionBounds {
  /** [outputs], in the environment's units. */
  readonly low: ArrayLike<number>
  readonly high: ArrayLike<number>
  readonly scaled: boolean
}

/** What the outputs of exported layers are. */
export interface Outputs {
  readonly meaning: OutputMeaning
  /** Bounds of the actions, if the outputs are `actions`. */
  readonly bounds?: ActionBounds
}

/**
 * The layers of a network by its description: linear and noisy layers (their means), relu and tanh; of dueling and distributional heads
 * and bins, the layers that compute the values. Throws a ValueError on any other layer and on parameters that are not finite.
 */
export function denseLayers(network: Module): DenseLayer[] {
  const layers = lowered(layerSpecs(network), parameterList(network))
  requireLayers('export', layers)
  return layers
}

/** Takes the parameters of each layer from the front of `parameters`, which are in the order of the layers. */
function lowered(specs: readonly LayerSpec[], parameters: Tensor[]): DenseLayer[] {
  let layers: DenseLayer[] = []
  for (const spec of specs) {
    const [kind, value] = kindOf(spec) ?? [spec as Exclude<LayerSpec, object>, undefined]
    const last = layers.at(-1)
    if (kind === 'linear' || kind === 'unbiased' || kind === 'noisy') {
      const [weight, bias] = parameters.splice(0, { linear: 2, unbiased: 1, noisy: 4 }[kind])
      layers.push(denseOf(weight!, bias))
    } else if (kind === 'dueling') {
      const streams = [value.value, value.advantage].map((stream) => lowered(stream, parameters))
      layers.push(...dueling(streams, value.atoms))
    } else if (kind === 'expectation' && last !== undefined) {
      layers = expectationOf(layers, value)
    } else if (kind === 'mean' && last !== undefined) {
      layers = followedBy(layers, last.outputs / value, (i, j) => (Math.floor(j / value) === i ? 1 / value : 0))
    } else if (kind === 'relu' || kind === 'tanh') {
      if (last?.activation !== 'identity') {
        throw new ValueError(`export: an activation (${kind}) that follows no linear layer cannot be exported`)
      }
      layers[layers.length - 1] = { ...last, activation: kind }
    } else if (kind !== 'identity' && kind !== 'dropout' && kind !== 'flatten') {
      throw new ValueError(
        `export: the network holds ${kind}; only linear layers, relu, tanh and the heads of values can be exported`,
      )
    }
  }
  return layers
}

/** Q = V + A - mean of A over the actions, of each atom. */
function dueling(streams: readonly DenseLayer[][], atoms: number): DenseLayer[] {
  const both = sideBySide(streams) // V of each atom, then A of each action and atom
  const outputs = both.at(-1)!.outputs - atoms
  return followedBy(both, outputs, (i, j) => {
    if (i % atoms !== j % atoms) return 0
    return j < atoms ? 1 : (j - atoms === i ? 1 : 0) - atoms / outputs
  })
}

/** The network of such layers, which `denseLayers` takes apart again. */
export function networkOf(layers: readonly PlainLayer[]): Sequential {
  const parts = layers.flatMap(({ inputs, outputs, weight, bias, activation }): Layer[] => {
    const init = { weightInit: () => Float64Array.from(weight), biasInit: () => Float64Array.from(bias) }
    const linear = new Linear(inputs, outputs, new Rng(), init)
    return activation === 'identity' ? [linear] : [linear, activations[activation]]
  })
  return new Sequential(...parts)
}

/** Throws a ValueError without layers or on NaN, a ShapeError unless numbers fill the sizes and each layer takes what the last gives. */
export function requireLayers(op: string, layers: readonly DenseLayer[]): void {
  if (!Array.isArray(layers) || layers.length === 0) {
    throw new ValueError(`${op}: no linear layers to export; expected those of an agent: agentLayers(agent).layers`)
  }
  for (const [i, layer] of (layers as readonly DenseLayer[]).entries()) {
    const { inputs, outputs, weight, bias } = layer ?? {}
    const before: number = layers[i - 1]?.outputs ?? inputs
    if (weight?.length !== inputs * outputs || bias?.length !== outputs || inputs !== before) {
      throw new ShapeError(
        `${op}: layer ${i + 1} takes ${inputs} and gives ${outputs} numbers with ${weight?.length} weights and ${bias?.length} biases; ` +
          `expected to take ${before}, inputs * outputs weights, and as many biases as outputs`,
      )
    }
    if (![...weight, ...bias].every(Number.isFinite))
      throw new ValueError(`${op}: layer ${i + 1} holds numbers that are not finite`)
  }
}

/** Throws a ValueError on outputs of another meaning, a ShapeError unless `actions` have a bound for each output. */
export function requireOutputs(op: string, layers: readonly DenseLayer[], given: Partial<Outputs> | undefined): void {
  const { meaning, bounds } = given ?? {}
  if (!(meanings as readonly unknown[]).includes(meaning)) {
    throw new ValueError(`${op}: ${unknownName('meaning', String(meaning), meanings)}`)
  }
  const { outputs } = layers.at(-1)!
  if (meaning !== 'actions' || (bounds?.low.length === outputs && bounds.high.length === outputs)) return
  throw new ShapeError(
    `${op}: ${outputs} actions with ${bounds?.low.length ?? 'no'} bounds; expected the bounds that agentLayers gives`,
  )
}

export function countNumbers(layers: readonly DenseLayer[]): number {
  return layers.reduce((sum, { weight, bias }) => sum + weight.length + bias.length, 0)
}

/** The widths from the input to the output, as in `4-64-64-2`. */
export function describeSizes(layers: readonly DenseLayer[]): string {
  return [layers[0]!.inputs, ...layers.map(({ outputs }) => outputs)].join('-')
}

function denseOf(weight: Tensor, bias: Tensor | undefined): DenseLayer {
  const [outputs, inputs] = weight.dims as [number, number]
  const biases = bias === undefined ? new Float32Array(outputs) : Float32Array.from(bias.toArray())
  return { inputs, outputs, weight: Float32Array.from(weight.toArray()), bias: biases, activation: 'identity' }
}
