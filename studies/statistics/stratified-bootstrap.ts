// How sure is a number over many tasks? Runs are drawn anew, with replacement, within each task alone, and the number is
// computed again: stratified percentile bootstrap, Agarwal et al. 2021, arXiv:2108.13264, section 4.1.

import { type Interval, quantile } from 'alambic/rl'
import { type Rng, ValueError } from 'alambic/tensor'
import type { TaskScores } from './aggregates.ts'

export interface BootstrapOptions {
  /** Default 0.95. */
  readonly confidence?: number
  /** Default 2000. */
  readonly resamples?: number
}

/** As many runs of each task, drawn with replacement from its own. */
export function resampled(scores: TaskScores, rng: Rng): Float64Array[] {
  return scores.map((runs) => {
    const drawn = new Float64Array(runs.length)
    for (let i = 0; i < drawn.length; i++) drawn[i] = runs[rng.integer(runs.length)]!
    return drawn
  })
}

/** `stratifiedInterval(interquartileMean, [scores], rng)`; several sets of scores are drawn anew each on their own. */
export function stratifiedInterval(
  statistic: (...sets: TaskScores[]) => number,
  sets: readonly TaskScores[],
  rng: Rng,
  options: BootstrapOptions = {},
): Interval {
  return stratifiedBand((...drawn) => [statistic(...drawn)], sets, rng, options)[0]!
}

/** The same for a curve, such as a performance profile: an interval for each of its points, each on its own. */
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
