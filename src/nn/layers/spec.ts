// A network as plain JSON: the shape of its input and its layers in order. Options, files, exports and messages share this description.
// A new layer adds one row to `kinds`. Read next: sequential.ts for the networks that are built, ../../export/dense-layers.ts for a reader.

import { CheckpointError, excerpt, ValueError } from '../../tensor/errors.ts'
import { areNumbers, isCount, isRecord } from '../../tensor/json.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import type { Rng } from '../../tensor/random.ts'
import { type Shape, sizeOf } from '../../tensor/shape.ts'
import { requireRng } from '../checks.ts'
import { defaultLinearInit, type Initializer } from '../init.ts'
import type { Module } from '../module.ts'
import { type ActivationName, activations } from './activations.ts'
import { Dropout } from './dropout.ts'
import { DuelingHead } from './dueling-head.ts'
import { Embedding } from './embedding.ts'
import { LayerNorm } from './layer-norm.ts'
import { Linear } from './linear.ts'
import { NoisyLinear } from './noisy-linear.ts'
import { flatten, type Layer, Sequential, Shaped } from './sequential.ts'
import { BinReadOut } from './value-bins.ts'

/** One layer: an activation, `flatten`, or an object with the kind of the layer as its one key. */
export type LayerSpec = ActivationName | 'flatten' | { readonly [Kind in keyof LayerValues]?: LayerValues[Kind] }

interface LayerValues {
  /** Outputs of a linear layer, with a bias. */
  readonly linear: number
  /** Outputs of a linear layer without a bias. */
  readonly unbiased: number
  /** Outputs of a noisy linear layer. */
  readonly noisy: number
  /** Rate of a dropout layer. */
  readonly dropout: number
  /** Epsilon of a layer normalization. */
  readonly layerNorm: number
  readonly embedding: { readonly count: number; readonly features: number }
  /** The streams of a dueling head. */
  readonly dueling: {
    readonly value: readonly LayerSpec[]
    readonly advantage: readonly LayerSpec[]
    readonly atoms: number
  }
  /** Σ softmax(z) · position over each group of as many outputs z as there are positions. The last layer. */
  readonly expectation: readonly number[]
  /** The mean of each group of as many outputs, such as quantiles. The last layer. */
  readonly mean: number
}

/** A network from `input`, the shape without the batch, through its layers to the outputs of the last. */
export interface NetworkSpec {
  readonly input: Shape
  readonly layers: readonly LayerSpec[]
}

/** Initializers of linear layers. Default: PyTorch's. */
export interface LinearInits {
  readonly weightInit?: Initializer
  /** Weights of the last linear layer. Default: as the others. */
  readonly outputInit?: Initializer
  readonly biasInit?: Initializer
}

interface LayerKind<Value> {
  /** Of the value, in messages. */
  readonly expected: string
  accepts(value: unknown): boolean
  /** Shape of the outputs, without the batch. */
  shape(value: Value, input: Shape): Shape
  /** Number of parameters. */
  count(value: Value, input: Shape): number
  make(value: Value, input: Shape, rng: Rng, inits: LinearInits): Layer
  /** Value of a layer of this kind; undefined for other layers. */
  of(layer: Module): Value | undefined
}

const widthOf = (input: Shape) => input.at(-1) ?? 1
const withWidth = (width: number, input: Shape) => [...input.slice(0, -1), width]
const isSize = (value: unknown): value is number => isCount(value, 1)

const matrix = { expected: 'a whole number of outputs from 1 on', accepts: isSize, shape: withWidth }
const unchanged = { shape: (_: unknown, input: Shape) => input }
const grouped = (span: number, input: Shape) => withWidth(widthOf(input) / span, input)

/** What each kind of layer needs, makes and counts. */
export const kinds: { readonly [Kind in keyof LayerValues]: LayerKind<LayerValues[Kind]> } = {
  linear: {
    ...matrix,
    count: (outputs, input) => outputs * (widthOf(input) + 1),
    make: (outputs, input, rng, inits) => new Linear(widthOf(input), outputs, rng, inits),
    of: (layer) => (layer instanceof Linear && layer.bias !== null ? layer.outputs : undefined),
  },
  unbiased: {
    ...matrix,
    count: (outputs, input) => outputs * widthOf(input),
    make: (outputs, input, rng, inits) => new Linear(widthOf(input), outputs, rng, { ...inits, bias: false }),
    of: (layer) => (layer instanceof Linear && layer.bias === null ? layer.outputs : undefined),
  },
  noisy: {
    ...matrix,
    count: (outputs, input) => 2 * outputs * (widthOf(input) + 1),
    make: (outputs, input, rng) => new NoisyLinear(widthOf(input), outputs, rng),
    of: (layer) => (layer instanceof NoisyLinear ? layer.outputs : undefined),
  },
  dropout: {
    ...unchanged,
    expected: 'a rate from 0 on and below 1',
    accepts: (rate) => typeof rate === 'number' && rate >= 0 && rate < 1,
    count: () => 0,
    make: (rate) => new Dropout(rate),
    of: (layer) => (layer instanceof Dropout ? layer.rate : undefined),
  },
  layerNorm: {
    ...unchanged,
    expected: 'an epsilon above 0, such as 0.00001',
    accepts: (epsilon) => typeof epsilon === 'number' && epsilon > 0 && epsilon < Infinity,
    count: (_, input) => 2 * widthOf(input),
    make: (epsilon, input) => new LayerNorm(widthOf(input), epsilon),
    of: (layer) => (layer instanceof LayerNorm ? layer.epsilon : undefined),
  },
  embedding: {
    expected: '{ count, features }',
    accepts: (value) => isRecord(value) && isSize(value.count) && isSize(value.features),
    shape: ({ features }, input) => [...input, features],
    count: ({ count, features }) => count * features,
    make: ({ count, features }, _, rng) => new Embedding(count, features, rng),
    of: (layer) => (layer instanceof Embedding ? { count: layer.count, features: layer.features } : undefined),
  },
  dueling: {
    expected: '{ value: […], advantage: […], atoms }',
    accepts: (value) => isRecord(value) && isSize(value.atoms) && areLayers(value.value) && areLayers(value.advantage),
    shape({ advantage, atoms }, input) {
      const outputs = widthOf(shapeAfter(advantage, input))
      return atoms === 1 ? withWidth(outputs, input) : [...withWidth(outputs / atoms, input), atoms]
    },
    count: ({ value, advantage }, input) => countOf(value, input) + countOf(advantage, input),
    make({ value, advantage, atoms }, input, rng, inits) {
      const stream = (layers: readonly LayerSpec[]) => {
        const [first, ...others] = layersOf(layers, input, rng, inits)
        return others.length > 0 || typeof first === 'function' ? new Sequential(first!, ...others) : first!
      }
      return new DuelingHead(stream(value), stream(advantage), atoms)
    },
    of(layer) {
      if (!(layer instanceof DuelingHead)) return undefined
      return { value: layerSpecs(layer.value), advantage: layerSpecs(layer.advantage), atoms: layer.atoms }
    },
  },
  expectation: {
    expected: 'a list of numbers',
    accepts: (positions) => areNumbers(positions) && positions.length > 0,
    shape: ({ length }, input) => grouped(length, input),
    count: () => 0,
    make: () => (x) => x, // wraps the layers before it: see build
    of: () => undefined,
  },
  mean: {
    expected: 'a whole number of outputs from 1 on',
    accepts: isSize,
    shape: grouped,
    count: () => 0,
    make: (span) => (x) => mean(reshape(x, [x.dims[0]!, -1, span]), 2),
    of: () => undefined,
  },
}

/** The kind and the value of a layer that has parameters or a value. */
export type KindOfLayer = { [Kind in keyof LayerValues]: readonly [Kind, LayerValues[Kind]] }[keyof LayerValues]

/** The kind of a layer and its value; undefined for an activation and `flatten`. */
export function kindOf(layer: LayerSpec): KindOfLayer | undefined {
  return typeof layer === 'string' ? undefined : (Object.entries(layer)[0] as unknown as KindOfLayer)
}

const rowOf = (layer: LayerSpec) => {
  const found = kindOf(layer)
  return found && { kind: kinds[found[0]] as LayerKind<unknown>, value: found[1] }
}

/** Shape of the outputs, without the batch. */
export function shapeAfter(layers: readonly LayerSpec[], input: Shape): Shape {
  return layers.reduce<Shape>((shape, layer) => {
    const row = rowOf(layer)
    return row !== undefined ? row.kind.shape(row.value, shape) : layer === 'flatten' ? [sizeOf(shape)] : shape
  }, input)
}

function countOf(layers: readonly LayerSpec[], input: Shape): number {
  return layers.reduce((sum, layer, i) => {
    const row = rowOf(layer)
    return row === undefined ? sum : sum + row.kind.count(row.value, shapeAfter(layers.slice(0, i), input))
  }, 0)
}

const MOST_LAYERS = 1000

function areLayers(value: unknown): value is readonly LayerSpec[] {
  if (!Array.isArray(value) || value.length > MOST_LAYERS) return false
  return value.every((layer: unknown) => {
    if (typeof layer === 'string') return layer === 'flatten' || Object.hasOwn(activations, layer)
    const [kind, ...others] = isRecord(layer) ? Object.entries(layer) : []
    if (kind === undefined || others.length > 0 || !Object.hasOwn(kinds, kind[0])) return false
    return kinds[kind[0] as keyof LayerValues].accepts(kind[1])
  })
}

/** The description of a network in a file. Throws a CheckpointError on a value that is none. */
export function checkedSpec(value: unknown): NetworkSpec {
  const { input, layers } = isRecord(value) ? value : {}
  const areSizes = Array.isArray(input) && input.length > 0 && input.length <= 8 && input.every(isSize)
  if (areSizes && areLayers(layers) && layers.length > 0) {
    const isReadOut = (layer: LayerSpec) => kindOf(layer)?.[0] === 'expectation'
    if (!layers.slice(0, -1).some(isReadOut) && shapeAfter(layers, input).every(isSize)) return { input, layers }
  }
  throw new CheckpointError(
    `the network is ${excerpt(value)}; expected { input: [4], layers: [{ linear: 64 }, "tanh", …] }`,
  )
}

/** Number of parameters of the network. */
export function countSpec({ layers, input }: NetworkSpec): number {
  return countOf(layers, input)
}

/**
 * The network with new parameters, drawn layer by layer. It takes [batch, ...input], and where the input has several axes also rows,
 * [batch, numbers].
 */
export function build(spec: NetworkSpec, rng: Rng, inits: LinearInits = {}): Module {
  requireRng('build', rng)
  const { input } = spec
  const last = kindOf(spec.layers.at(-1)!)
  const wraps = last?.[0] === 'expectation'
  const body = new Sequential(...layersOf(wraps ? spec.layers.slice(0, -1) : spec.layers, input, rng, inits))
  const network = wraps ? new BinReadOut(body, Float64Array.from(last[1])) : body
  return input.length > 1 ? new Shaped(network, input) : network
}

function layersOf(layers: readonly LayerSpec[], input: Shape, rng: Rng, inits: LinearInits): Layer[] {
  const { weightInit = defaultLinearInit, outputInit = weightInit, biasInit } = inits
  const output = layers.findLastIndex((layer) => kindOf(layer)?.[0] === 'linear')
  let shape = input
  return layers.map((layer, i) => {
    const before = shape
    shape = shapeAfter([layer], shape)
    const row = rowOf(layer)
    const own = { weightInit: i === output ? outputInit : weightInit, ...(biasInit && { biasInit }) }
    if (row !== undefined) return row.kind.make(row.value, before, rng, own)
    return layer === 'flatten' ? flatten : activations[layer as ActivationName]
  })
}

/** A module that describes its layers, so that it can be saved with its description and exported. */
export interface Specified extends Module {
  toSpec(): readonly LayerSpec[]
}

/**
 * The description of a network that takes `inputs` numbers. Throws a ValueError on a module of one's own without `toSpec`, or an
 * activation of one's own.
 */
export function specOf(network: Module, inputs: number): NetworkSpec {
  return { input: inputOf(network) ?? [inputs], layers: layerSpecs(network) }
}

// A read-out holds the network that it reads.
function inputOf(network: Module): Shape | undefined {
  if (network instanceof Shaped) return network.input
  const { network: inner } = network as { network?: Module }
  return inner && inputOf(inner)
}

/** The layers of a network. Throws as `specOf` does. */
export function layerSpecs(network: Layer): readonly LayerSpec[] {
  if (network instanceof Shaped) return layerSpecs(network.network)
  if (network instanceof Sequential) return network.layers.flatMap(layerSpecs)
  if (network instanceof BinReadOut) {
    return [...layerSpecs(network.network), { expectation: Array.from(network.positions) }]
  }
  if (typeof (network as Partial<Specified>).toSpec === 'function') return (network as Specified).toSpec()
  if (typeof network === 'function') {
    const name = network === flatten ? 'flatten' : Object.entries(activations).find(([, each]) => each === network)?.[0]
    if (name !== undefined) return [name as ActivationName | 'flatten']
  } else {
    for (const [name, kind] of Object.entries(kinds)) {
      const value = kind.of(network)
      if (value !== undefined) return [{ [name]: value }]
    }
  }
  const what = (typeof network === 'function' ? network.name : network.constructor.name) || 'a function'
  throw new ValueError(
    `the network holds ${what}, which has no description; it cannot be exported or loaded from its file alone. ` +
      'Give its class a method toSpec() that returns the layers it is made of',
  )
}
