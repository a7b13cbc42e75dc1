// Confidence intervals of aggregates over tasks: the stratified percentile bootstrap. Runs are resampled with replacement within
// each task. Agarwal et al. 2021, arXiv:2108.13264, section 4.1.

import { type Interval, quantile } from 'alambic/rl'
import { type Rng, ValueError } from 'alambic/tensor'
import type { TaskScores } from './aggregates.ts'

export interface BootstrapOptions {
  /** Default 0.95. */
  readonly confidence?: number
  /** Default 2000. */
  readonly resamples?: number
}

/** Resamples the runs of each task with replacement. */
export function resampled(scores: TaskScores, rng: Rng): Float64Array[] {
  return scores.map((runs) => {
    const drawn = new Float64Array(runs.length)
    for (let i = 0; i < drawn.length; i++) drawn[i] = runs[rng.integer(runs.length)]!
    return drawn
  })
}

/** The interval of a statistic: `stratifiedInterval(interquartileMean, [scores], rng)`. Several sets of scores are resampled independently. */
export function stratifiedInterval(
  statistic: (...sets: TaskScores[]) => number,
  sets: readonly TaskScores[],
  rng: Rng,
  options: BootstrapOptions = {},
): Interval {
  return stratifiedBand((...drawn) => [statistic(...drawn)], sets, rng, options)[0]!
}

/** The pointwise intervals of a curve, such as a performance profile. */
export function stratifiedBand(
  statistic: (...sets: TaskScores[]) => ArrayLike<number>,
  sets: readonly TaskScores[],
  rng: Rng,
  { confidence = 0.95, resamples = 2000 }: BootstrapOptions = {},
): Interval[] {
  if (!(confidence > 0 && confidence < 1)) {
    throw new ValueError(`bootstrap: the confidence is ${confidence}; it must lie between 0 and 1`)
  }
  if (!(Number.isInteger(resamples) && resamples >= 1)) {
    throw new ValueError(`bootstrap: ${resamples} resamples; expected a whole number from 1`)
  }
  const draws = Array.from({ length: resamples }, () => statistic(...sets.map((scores) => resampled(scores, rng))))
  return Array.from(draws[0]!, (_, point) => {
    const sorted = Float64Array.from(draws, (draw) => draw[point]!).sort()
    return { low: quantile(sorted, (1 - confidence) / 2), high: quantile(sorted, (1 + confidence) / 2) }
  })
}
