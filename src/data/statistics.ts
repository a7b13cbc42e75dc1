// Means, quantiles and bootstrap intervals.

import { ValueError } from '../tensor/errors.ts'
import type { Rng } from '../tensor/random.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

/** Population standard deviation (divided by n). */
export function standardDeviationOf(values: ArrayLike<number>): number {
  const mean = meanOf(values)
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2
  return Math.sqrt(squares / values.length)
}

/** Quantile of sorted values with linear interpolation; `fraction` in [0, 1]. */
export function quantile(sorted: ArrayLike<number>, fraction: number): number {
  const place = fraction * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!)
}

export function medianOf(values: ArrayLike<number>): number {
  return quantile(Float64Array.from(values).sort(), 0.5)
}

/** Confidence interval of the mean by percentile bootstrap (Efron and Tibshirani 1993, chapter 13). Throws a ValueError on no values. */
export function bootstrapInterval(values: ArrayLike<number>, rng: Rng, confidence = 0.95, resamples = 2000): Interval {
  const n = values.length
  if (n === 0) throw new ValueError('bootstrapInterval: no values to resample')
  const means = new Float64Array(resamples)
  for (let r = 0; r < resamples; r++) {
    let sum = 0
    for (let i = 0; i < n; i++) sum += values[rng.integer(n)]!
    means[r] = sum / n
  }
  means.sort()
  return { low: quantile(means, (1 - confidence) / 2), high: quantile(means, (1 + confidence) / 2) }
}
