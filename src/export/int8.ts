// A network with 8-bit weights and inputs of each layer, whose sums are integers. Steps are symmetric around zero: of the weights one
// for each output, of a layer's inputs one for each input, from its largest absolute value in calibration states. Jacob et al. 2018,
// arXiv:1712.05877. c.ts writes the same arithmetic as text.

import { ValueError } from '../tensor/errors.ts'
import type { DenseLayer } from './dense-layers.ts'
import { activated, forwardDense } from './forward.ts'

/** y = activation(scale · (W q) + b), with q = round(x · inverse) clipped to ±127. */
export interface Int8Layer extends Omit<DenseLayer, 'weight'> {
  /** 1 / step of each input: [inputs] */
  readonly inverse: Float32Array
  /** [outputs, inputs], row-major. */
  readonly weight: Int8Array
  /** Step of each output's sum: [outputs] */
  readonly scale: Float32Array
}

const LEVELS = 127
const f = Math.fround

/** Calibrates on states [states, inputs], flat. Throws a ValueError on no whole number of states, and on NaN. */
export function quantize(layers: readonly DenseLayer[], states: Float32Array): Int8Layer[] {
  const width = layers[0]!.inputs
  if (states.length === 0 || states.length % width !== 0 || !states.every(Number.isFinite)) {
    throw new ValueError(
      `calibration: ${states.length} numbers; expected whole observations of ${width} finite numbers`,
    )
  }
  let xs = Array.from({ length: states.length / width }, (_, i) => states.subarray(i * width, (i + 1) * width))
  return layers.map((layer) => {
    const { inputs, outputs, weight } = layer
    const steps = new Float32Array(inputs).map((_, j) => largest(xs.map((x) => x[j]!)) / LEVELS)
    xs = xs.map((x) => forwardDense([layer], x))
    const scaled = weight.map((w, at) => w * steps[at % inputs]!)
    const scale = Float32Array.from({ length: outputs }, (_, i) => {
      return largest(scaled.subarray(i * inputs, (i + 1) * inputs)) / LEVELS
    })
    return {
      ...{ ...layer, scale },
      inverse: steps.map((step) => (step === 0 ? 0 : 1 / step)),
      weight: Int8Array.from(scaled, (w, at) => Math.round(w / (scale[Math.floor(at / inputs)]! || 1))),
    }
  })
}

function largest(values: Float32Array | number[]): number {
  return (values as number[]).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

/** The outputs for one observation, bit for bit those of the C code. */
export function forwardInt8(layers: readonly Int8Layer[], observation: ArrayLike<number>): Float32Array {
  let x: Float32Array = Float32Array.from(observation)
  for (const layer of layers) {
    const { inputs, outputs, inverse, weight, scale, bias } = layer
    const q = Int8Array.from(x, (value, j) => {
      const level = Math.min(Math.max(f(value * inverse[j]!), -LEVELS), LEVELS)
      return Math.trunc(f(level + (level < 0 ? -0.5 : 0.5)))
    })
    const y = new Float32Array(outputs)
    for (let i = 0; i < outputs; i++) {
      let sum = 0
      for (let j = 0; j < inputs; j++) sum += weight[i * inputs + j]! * q[j]!
      y[i] = f(bias[i]! + f(scale[i]! * f(sum)))
    }
    x = activated(y, layer)
  }
  return x
}
