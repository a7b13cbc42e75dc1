// The arithmetic of an exported module: float32, in the order of the default kernels for one state
// (tensor/backends/wasm/matmul-kernels.ts, elementary.ts). javascript.ts writes the same as text.

import { argmaxOf } from '../data/argmax.ts'
import type { ActionBounds, DenseLayer } from './dense-layers.ts'

const f = Math.fround

/** The outputs for one observation, bit for bit those of the network on the default backend. */
export function forwardDense(layers: readonly DenseLayer[], observation: ArrayLike<number>): Float32Array {
  let x: Float32Array = Float32Array.from(observation)
  for (const layer of layers) {
    const { inputs, outputs, weight, bias } = layer
    const y = new Float32Array(outputs)
    for (let i = 0; i < outputs; i++) {
      const row = weight.subarray(i * inputs, (i + 1) * inputs)
      const sum = f(f(laneSum(row, x, 0) + laneSum(row, x, 1)) + f(laneSum(row, x, 2) + laneSum(row, x, 3)))
      y[i] = f(bias[i]! + sum)
    }
    x = activated(y, layer)
  }
  return x
}

// Sums every fourth product, like one lane of a vector register.
function laneSum(row: Float32Array, x: Float32Array, lane: number): number {
  let sum = 0
  for (let j = lane; j < row.length; j += 4) sum = f(sum + f(row[j]! * x[j]!))
  return sum
}

/** The index of the largest output; the first of equals. */
export function greedyOutput(layers: readonly DenseLayer[], observation: ArrayLike<number>): number {
  return actionOf(forwardDense(layers, observation)) as number
}

/** The action of `act`: the index of the largest output, the first of equals; with bounds, the outputs within them. */
export function actionOf(outputs: Float32Array, bounds?: ActionBounds): number | Float32Array {
  if (bounds === undefined) return argmaxOf(outputs)
  const { low, high, scaled } = bounds
  return outputs.map((y, i) => {
    const [least, most] = [low[i]!, high[i]!]
    return Math.min(Math.max(scaled ? least + ((y + 1) / 2) * (most - least) : y, least), most)
  })
}

/** The outputs of a layer after its activation. */
export function activated(y: Float32Array, { activation, span = y.length }: Pick<DenseLayer, 'activation' | 'span'>) {
  if (activation === 'relu') return y.map((x) => Math.max(x, 0))
  if (activation === 'tanh') return y.map(tanh)
  if (activation === 'softmax') for (let at = 0; at < y.length; at += span) softmax(y.subarray(at, at + span))
  return y
}

function softmax(y: Float32Array): void {
  const largest = y.reduce((a, b) => Math.max(a, b))
  let sum = 0
  for (let i = 0; i < y.length; i++) {
    y[i] = exp(f(y[i]! - largest))
    sum = f(sum + y[i]!)
  }
  for (let i = 0; i < y.length; i++) y[i] = y[i]! / sum
}

// e^x for x <= 0 as (e^(x/128))^128, in double precision, by operations that have the same bits in JavaScript and in C.
function exp(x: number): number {
  const t = Math.max(x, -87) / 128
  let y = 1
  for (let n = 12; n > 0; n--) y = 1 + (t / n) * y // Taylor
  for (let n = 0; n < 7; n++) y *= y
  return y
}

/** Coefficients of x P(x²) / Q(x²), the highest power first. */
export const TANH_P: readonly number[] = [1.3265912e-8, 2.0545158e-5, 0.0034917062, 0.13377757, 1]
export const TANH_Q: readonly number[] = [7.7402763e-7, 0.00032792849, 0.025862215, 0.46711072, 1]

function tanh(x: number): number {
  const v = f(Math.min(Math.max(x, -9.05), 9.05))
  const z = f(v * v)
  const horner = (coefficients: readonly number[]) => coefficients.map(f).reduce((sum, c) => f(f(sum * z) + c))
  return Math.min(Math.max(f(f(v * horner(TANH_P)) / horner(TANH_Q)), -1), 1)
}
