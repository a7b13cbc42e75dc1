// Values as distributions over bins, so that regression becomes classification: two-hot weights (Bellemare et al. 2017; this
// form: Hafner et al. 2023, arXiv:2301.04104, eq. 8 to 10) and histograms of a Gaussian around the value (HL-Gauss: Imani and
// White 2018; Farebrother et al. 2024, arXiv:2403.03950, section 3.2). Labels are constants, hence plain arrays.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { ValueError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { matmul } from '../../tensor/ops/matmul.ts'
import { softmax } from '../../tensor/ops/rows.ts'
import type { Rng } from '../../tensor/random.ts'
import { normalCdf } from '../../tensor/special-math.ts'
import { requirePositive } from '../checks.ts'
import type { Module, NamedParameters } from '../module.ts'

/** Evenly spaced values from low to high. */
export interface Support {
  readonly low: number
  readonly high: number
  readonly count: number
}

/** The `count` values from low to high, both included: the support of two-hot weights. */
export function supportValues(bins: Support): Float64Array {
  requireBins(bins, 2)
  const width = (bins.high - bins.low) / (bins.count - 1)
  return Float64Array.from({ length: bins.count }, (_, j) => bins.low + j * width)
}

/**
 * Weights on the two bins next to each value, whose mean is the value; values outside are clipped. [n] → [n, count].
 */
export function twoHot(values: ArrayLike<number>, bins: Support): Float64Array {
  requireBins(bins, 2)
  const { low, high, count } = bins
  const width = (high - low) / (count - 1)
  const weights = new Float64Array(values.length * count)
  for (let i = 0; i < values.length; i++) {
    const place = (clip(values[i]!, low, high) - low) / width
    const below = Math.min(Math.floor(place), count - 2)
    weights[i * count + below] = 1 - (place - below)
    weights[i * count + below + 1] = place - below
  }
  return weights
}

/** The centres of `count` bins between low and high: the support of HL-Gauss weights. */
export function supportCenters(bins: Support): Float64Array {
  requireBins(bins, 1)
  const width = (bins.high - bins.low) / bins.count
  return Float64Array.from({ length: bins.count }, (_, j) => bins.low + (j + 0.5) * width)
}

/**
 * Probability of each bin under a Gaussian around each value with standard deviation `sigma`, truncated to [low, high]:
 * [n] → [n, count]. A `sigma` of 0.75 bin widths is a good choice.
 */
export function hlGauss(values: ArrayLike<number>, bins: Support, sigma: number): Float64Array {
  requireBins(bins, 1)
  requirePositive('hlGauss: sigma', sigma)
  const { low, high, count } = bins
  const width = (high - low) / count
  const weights = new Float64Array(values.length * count)
  for (let i = 0; i < values.length; i++) {
    const value = clip(values[i]!, low, high)
    let before = normalCdf((low - value) / sigma)
    const total = normalCdf((high - value) / sigma) - before
    for (let j = 0; j < count; j++) {
      const after = normalCdf((low + (j + 1) * width - value) / sigma)
      weights[i * count + j] = (after - before) / total
      before = after
    }
  }
  return weights
}

/** Σ weight · position, row by row: weights [n, count], positions [count] → [n]. */
export function fromTwoHot(weights: ArrayLike<number>, positions: ArrayLike<number>): Float64Array {
  const count = positions.length
  return Float64Array.from({ length: weights.length / count }, (_, i) => {
    let sum = 0
    for (let j = 0; j < count; j++) sum += weights[i * count + j]! * positions[j]!
    return sum
  })
}

function clip(value: number, low: number, high: number): number {
  if (Number.isNaN(value)) throw new ValueError('value bins: a value is NaN; expected numbers')
  return Math.min(Math.max(value, low), high)
}

function requireBins({ low, high, count }: Support, least: number): void {
  if (!(low < high && Number.isFinite(high - low) && Number.isInteger(count) && count >= least)) {
    throw new ValueError(
      `value bins: ${count} bins from ${low} to ${high}; expected at least ${least} and finite ends with low < high`,
    )
  }
}

/** Wraps a network with an output per bin: Σ softmax(z) · position, [batch, values · bins] → [batch, values]. */
export class BinReadOut implements Module {
  private readonly column: Tensor // [bins, 1]

  constructor(
    readonly network: Module,
    /** Value of each bin: [bins]. */
    readonly positions: Float64Array,
  ) {
    this.column = tensor(Float32Array.from(positions), [positions.length, 1])
  }

  forward(x: Tensor, rng?: Rng): Tensor {
    const logits = this.network.forward(x, rng)
    const [batch] = logits.dims as [number]
    const probabilities = softmax(reshape(logits, [-1, this.positions.length]))
    return reshape(matmul(probabilities, this.column), [batch, -1])
  }

  parameters(): NamedParameters {
    return this.network.parameters()
  }
}
