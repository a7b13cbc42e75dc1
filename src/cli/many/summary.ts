// The results of a setting over its seeds: statistics of the seeds' greedy mean returns (Agarwal et al. 2021, arXiv:2108.13264).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrapInterval, type Interval, meanOf } from '../../data/statistics.ts'
import { formatFixed } from '../../plot/format.ts'
import { Rng } from '../../tensor/random.ts'
import { readEpisodes, recentMean } from '../runs/episodes.ts'
import { EVALUATION, RunFolder } from '../runs/run-folder.ts'
import { METRICS } from '../runs/run-log.ts'
import { type Job, secondsOf, sumOf } from './child-runs.ts'

export interface Summary {
  readonly mean: number
  /** 95 % interval of the mean over seeds; null for one seed. */
  readonly interval: Interval | null
  /** Interquartile mean over seeds: the mean of the middle half. Null for fewer than four seeds. */
  readonly iqm: number | null
  /** Training and evaluation, summed over seeds. */
  readonly seconds: number
  /** For each seed its environment steps and its mean return of greedy play. */
  readonly seeds: readonly {
    readonly seed: number
    readonly steps: number
    readonly mean: number
    readonly seconds: number
  }[]
}

/** Reads the results of finished runs of one setting. */
export function summaryOf(jobs: readonly Job[]): Summary {
  const seeds = jobs.map((job) => {
    const { mean } = JSON.parse(readFileSync(join(job.path, EVALUATION), 'utf8')) as { mean: number }
    const lastReport = readFileSync(join(job.path, METRICS), 'utf8').trimEnd().split('\n').at(-1)!
    return {
      seed: Number(job.config.options.seed),
      steps: Number(JSON.parse(lastReport).step),
      mean,
      seconds: secondsOf(job),
    }
  })
  return { ...statisticsOf(seeds.map(({ mean }) => mean)), seconds: sumOf(seeds.map((each) => each.seconds)), seeds }
}

export function statisticsOf(means: readonly number[]): Pick<Summary, 'mean' | 'interval' | 'iqm'> {
  const sorted = Float64Array.from(means).sort()
  const cut = Math.floor(sorted.length / 4)
  return {
    mean: meanOf(means),
    interval: means.length === 1 ? null : bootstrapInterval(means, new Rng(0)),
    iqm: means.length < 4 ? null : meanOf(sorted.subarray(cut, sorted.length - cut)),
  }
}

/** `[480.2, 493.0]`, or a dash. */
export function formatInterval(interval: Interval | null): string {
  return interval === null ? '–' : `[${formatFixed(interval.low)}, ${formatFixed(interval.high)}]`
}

const POINTS = 50

/** The learning curve over seeds: mean and 95 % interval of the latest episodes' mean returns, from where every seed has ended one. */
export function curveOf(jobs: readonly Job[]) {
  const runs = jobs.map(({ path }) => readEpisodes(RunFolder.open(path)))
  const total = Number(jobs[0]!.config.options.totalTimesteps)
  return Array.from({ length: POINTS }, (_, i) => Math.round((total * (i + 1)) / POINTS)).flatMap((step) => {
    const values = runs.map(({ steps, returns }) => recentMean(returns.filter((_, episode) => steps[episode]! <= step)))
    if (values.some(Number.isNaN)) return []
    return [{ step, mean: meanOf(values), ...bootstrapInterval(values, new Rng(0)) }]
  })
}
