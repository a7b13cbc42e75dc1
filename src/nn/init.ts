// Weight initializers: functions from a shape and random numbers to values, which layers take as options.
// A weight is [outputs, inputs, …kernel]: fan-in is shape[1] and fan-out shape[0], each times the kernel's size.
// Glorot and Bengio 2010 (Xavier), He et al. 2015, arXiv:1502.01852 (Kaiming), Saxe et al. 2014, arXiv:1312.6120
// (orthogonal). Read next: layers/linear.ts.

import { formatShape, ShapeError, unknownName, ValueError } from '../tensor/errors.ts'
import type { Rng } from '../tensor/random.ts'
import { type Shape, sizeOf } from '../tensor/shape.ts'

/** Values for a tensor of this shape, row-major. */
export type Initializer = (shape: Shape, rng: Rng) => Float64Array

/** Activations with a recommended gain. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu'

const GAINS: Readonly<Record<Nonlinearity, (negativeSlope: number) => number>> = {
  linear: () => 1,
  sigmoid: () => 1,
  tanh: () => 5 / 3,
  relu: () => Math.SQRT2,
  leakyRelu: (negativeSlope) => Math.sqrt(2 / (1 + negativeSlope * negativeSlope)),
  selu: () => 3 / 4,
}

/** The factor that keeps the variance of activations about equal from layer to layer. `negativeSlope` is leakyRelu's. */
export function calculateGain(nonlinearity: Nonlinearity, negativeSlope = 0.01): number {
  if (!Object.hasOwn(GAINS, nonlinearity)) {
    throw new ValueError(`calculateGain: ${unknownName('nonlinearity', nonlinearity, Object.keys(GAINS))}`)
  }
  return GAINS[nonlinearity](negativeSlope)
}

export interface KaimingOptions {
  /** `fanIn` keeps the variance of activations, `fanOut` that of gradients. Default `fanIn`. */
  readonly mode?: 'fanIn' | 'fanOut'
  /** The activation that follows. Default `relu`. */
  readonly nonlinearity?: Nonlinearity
  /** leakyRelu's slope left of 0. Default 0.01. */
  readonly negativeSlope?: number
}

/** Uniform with standard deviation gain / √fan. He et al. 2015, eq. 10 and 14. */
export function kaimingUniform(options: KaimingOptions = {}): Initializer {
  return (shape, rng) => uniformInit(Math.sqrt(3) * kaimingDeviation(shape, options))(shape, rng)
}

/** Normal with standard deviation gain / √fan. He et al. 2015, eq. 10 and 14. */
export function kaimingNormal(options: KaimingOptions = {}): Initializer {
  return (shape, rng) => normalInit(kaimingDeviation(shape, options))(shape, rng)
}

/** Uniform with standard deviation gain · √(2 / (fan-in + fan-out)). Glorot and Bengio 2010, eq. 16. */
export function xavierUniform(gain = 1): Initializer {
  return (shape, rng) => uniformInit(Math.sqrt(3) * xavierDeviation(shape, gain))(shape, rng)
}

/** Normal with standard deviation gain · √(2 / (fan-in + fan-out)). Glorot and Bengio 2010, eq. 12. */
export function xavierNormal(gain = 1): Initializer {
  return (shape, rng) => normalInit(xavierDeviation(shape, gain))(shape, rng)
}

/** Uniform in ±1/√fan-in, for a weight: PyTorch's default for linear layers (Kaiming with a leaky slope of √5). */
export const defaultLinearInit: Initializer = (shape, rng) => uniformInit(1 / Math.sqrt(fans(shape).fanIn))(shape, rng)

/** Independent draws, uniform in ±bound. */
export function uniformInit(bound: number): Initializer {
  return (shape, rng) => draw(shape, () => rng.uniform(-bound, bound))
}

/** Independent normal draws around `mean`. */
export function normalInit(deviation: number, mean = 0): Initializer {
  return (shape, rng) => draw(shape, () => rng.normal(mean, deviation))
}

/** The same value everywhere. */
export function constant(value: number): Initializer {
  return (shape) => new Float64Array(sizeOf(shape)).fill(value)
}

/**
 * gain times a uniformly random matrix with orthonormal rows (columns where there are more rows than columns): Q of the QR
 * decomposition of a normal matrix, with a positive diagonal of R. Trailing axes are flattened.
 */
export function orthogonal(gain = 1): Initializer {
  return (shape, rng) => {
    if (shape.length < 2) throw needsTwoAxes('orthogonal', shape)
    const rows = shape[0]!
    const columns = sizeOf(shape.slice(1))
    const wide = rows <= columns
    const vectors = orthonormalRows(Math.min(rows, columns), Math.max(rows, columns), rng)
    return Float64Array.from({ length: rows * columns }, (_, at) => {
      const [i, j] = [Math.floor(at / columns), at % columns]
      return gain * (wide ? vectors[i]![j]! : vectors[j]![i]!)
    })
  }
}

// Gram-Schmidt with a second pass, which removes what rounding leaves of the earlier directions (Giraud et al. 2005).
function orthonormalRows(count: number, length: number, rng: Rng): Float64Array[] {
  const rows: Float64Array[] = []
  for (let i = 0; i < count; i++) {
    const row = Float64Array.from({ length }, () => rng.normal())
    for (let pass = 0; pass < 2; pass++) {
      for (const unit of rows) {
        const along = dot(row, unit)
        for (let j = 0; j < length; j++) row[j]! -= along * unit[j]!
      }
    }
    const norm = Math.sqrt(dot(row, row))
    for (let j = 0; j < length; j++) row[j]! /= norm
    rows.push(row)
  }
  return rows
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!
  return sum
}

function draw(shape: Shape, one: () => number): Float64Array {
  return Float64Array.from({ length: sizeOf(shape) }, one)
}

function kaimingDeviation(shape: Shape, options: KaimingOptions): number {
  const { mode = 'fanIn', nonlinearity = 'relu', negativeSlope } = options
  return calculateGain(nonlinearity, negativeSlope) / Math.sqrt(fans(shape)[mode])
}

function xavierDeviation(shape: Shape, gain: number): number {
  const { fanIn, fanOut } = fans(shape)
  return gain * Math.sqrt(2 / (fanIn + fanOut))
}

function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) throw needsTwoAxes('initializer', shape)
  const kernel = sizeOf(shape.slice(2))
  return { fanIn: shape[1]! * kernel, fanOut: shape[0]! * kernel }
}

function needsTwoAxes(what: string, shape: Shape): ShapeError {
  return new ShapeError(
    `${what}: the shape ${formatShape(shape)} has no inputs and outputs; expected [outputs, inputs, …]`,
  )
}
