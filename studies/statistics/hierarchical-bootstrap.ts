// Confidence intervals of aggregates over tasks. Runs that share a cause, such as students of one teacher, are not independent:
// within each task, clusters are resampled with replacement, and then the runs of each drawn cluster (Davison and Hinkley 1997,
// section 3.8). With one cluster per task this is the stratified bootstrap of Agarwal et al. 2021, arXiv:2108.13264, section 4.1.

import { type Interval, quantile } from 'alambic/rl'
import { type Rng, ValueError } from 'alambic/tensor'
import type { TaskScores } from './aggregates.ts'

/** For each task its clusters, and for each cluster the scores of its runs. */
export type ClusteredScores = readonly (readonly ArrayLike<number>[])[]

export interface BootstrapOptions {
  /** Default 0.95. */
  readonly confidence?: number
  /** Default 2000. */
  readonly resamples?: number
}

/** The runs of each task in one list. */
export function joinClusters(scores: ClusteredScores): number[][] {
  return scores.map((clusters) => clusters.flatMap((runs) => Array.from(runs)))
}

/** One draw: as many clusters of each task as it has, with replacement, and as many runs of each drawn cluster as that has. */
export function resampled(scores: ClusteredScores, rng: Rng): number[][] {
  return scores.map((clusters) =>
    clusters.flatMap(() => {
      const runs = clusters[clusters.length === 1 ? 0 : rng.integer(clusters.length)]!
      return Array.from(runs, () => runs[rng.integer(runs.length)]!)
    }),
  )
}

/** The interval of a statistic: `bootstrap(interquartileMean, [scores], rng)`. Several sets of scores are resampled independently. */
export function bootstrap(
  statistic: (...sets: TaskScores[]) => number,
  sets: readonly ClusteredScores[],
  rng: Rng,
  options: BootstrapOptions = {},
): Interval {
  return bootstrapBand((...drawn) => [statistic(...drawn)], sets, rng, options)[0]!
}

/** The pointwise intervals of a curve, such as a performance profile. */
export function bootstrapBand(
  statistic: (...sets: TaskScores[]) => ArrayLike<number>,
  sets: readonly ClusteredScores[],
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
