// Heads and ensembles as linear layers, so that every format can hold them: networks side by side are block-diagonal layers, a linear read-out
// is folded into the layer before it, and the expectation of a categorical distribution is a softmax and a linear layer.

import { ValueError } from '../tensor/errors.ts'
import type { DenseLayer } from './dense-layers.ts'

/** Networks side by side on one input, with their outputs one after another. Throws a ValueError unless they have the same activations. */
export function sideBySide(networks: readonly (readonly DenseLayer[])[]): DenseLayer[] {
  const activations = networks.map((layers) => layers.map(({ activation, span = '' }) => activation + span).join(', '))
  const other = activations.find((each) => each !== activations[0])
  if (other !== undefined)
    throw new ValueError(`export: networks of [${activations[0]}] and [${other}] in one; expected the same activations`)
  const first = networks[0]!
  return first.map((layer, l) => {
    const parts = networks.map((each) => each[l]!)
    const sum = (size: 'inputs' | 'outputs') => parts.reduce((total, each) => total + each[size], 0)
    const [inputs, outputs] = [l === 0 ? layer.inputs : sum('inputs'), sum('outputs')]
    const weight = new Float32Array(outputs * inputs)
    let [row, column] = [0, 0]
    for (const part of parts) {
      for (let i = 0; i < part.outputs; i++, row++) {
        weight.set(part.weight.subarray(i * part.inputs, (i + 1) * part.inputs), row * inputs + column)
      }
      if (l > 0) column += part.inputs
    }
    return { ...layer, inputs, outputs, weight, bias: Float32Array.from(parts.flatMap(({ bias }) => [...bias])) }
  })
}

/** Appends y = M x + offset, with the elements M[i, j], or folds it into the last layer if that is linear. */
export function followedBy(
  layers: readonly DenseLayer[],
  outputs: number,
  element: (i: number, j: number) => number,
  offset = 0,
): DenseLayer[] {
  const last = layers.at(-1)!
  const width = last.outputs
  const isLinear = last.activation === 'identity'
  const inputs = isLinear ? last.inputs : width
  const weight = new Float64Array(outputs * inputs)
  const bias = new Float64Array(outputs).fill(offset)
  for (let i = 0; i < outputs; i++) {
    const row = weight.subarray(i * inputs, (i + 1) * inputs)
    for (let j = 0; j < width; j++) {
      const m = element(i, j)
      if (m === 0) continue
      if (!isLinear) row[j] = m
      else {
        bias[i]! += m * last.bias[j]!
        for (let k = 0; k < inputs; k++) row[k]! += m * last.weight[j * inputs + k]!
      }
    }
  }
  const numbers = { weight: Float32Array.from(weight), bias: Float32Array.from(bias) }
  return [...(isLinear ? layers.slice(0, -1) : layers), { inputs, outputs, ...numbers, activation: 'identity' }]
}

/** The mean of the outputs of several networks. */
export function meanOf(networks: readonly (readonly DenseLayer[])[]): DenseLayer[] {
  const { outputs } = networks[0]!.at(-1)!
  return followedBy(sideBySide(networks), outputs, (i, j) => (j % outputs === i ? 1 / networks.length : 0))
}

/** Probabilities of each group of `span` outputs. Throws a ValueError if they have an activation. */
export function softmaxOf(layers: readonly DenseLayer[], span: number): DenseLayer[] {
  const last = layers.at(-1)!
  if (last.activation !== 'identity') throw new ValueError(`export: a softmax cannot follow ${last.activation}`)
  return [...layers.slice(0, -1), { ...last, activation: 'softmax', span }]
}

/** The expectation Σ softmax(z) · atoms of each group of as many outputs z as there are atoms. */
export function expectationOf(layers: readonly DenseLayer[], atoms: ArrayLike<number>): DenseLayer[] {
  const { length: span } = atoms
  const { outputs } = layers.at(-1)!
  const element = (i: number, j: number) => (Math.floor(j / span) === i ? atoms[j % span]! : 0)
  return followedBy(softmaxOf(layers, span), outputs / span, element)
}
