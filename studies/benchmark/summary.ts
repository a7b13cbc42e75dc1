// The jobs of each task aggregated: mean, interval and worst seed, beside the published figure. Read next: page.ts.

import { formatCount, formatFixed } from 'alambic/plot'
import { type Interval, meanOf, medianOf } from 'alambic/rl'
import { Rng } from 'alambic/tensor'
import { allScores, type TaskScores } from '../statistics/aggregates.ts'
import { bootstrap } from '../statistics/hierarchical-bootstrap.ts'
import { type SpreadPoint, spreadOf } from './curve.ts'
import { type JobResult, totalStepsOf } from './jobs.ts'
import type { Published, Task } from './plan.ts'

export interface Summary {
  readonly task: string
  readonly algorithm: string
  readonly env: string
  readonly seeds: number
  /** Environment steps of the longest training. */
  readonly steps: number
  /** Mean over seeds of the mean greedy return. */
  readonly mean: number
  /** 95 % interval of that mean: seeds are resampled, then the start states of each drawn seed's evaluation. */
  readonly interval: Interval
  readonly worst: { readonly seed: number; readonly mean: number }
  /** Each seed's mean greedy return. */
  readonly means: readonly number[]
  /** Median over seeds of a training's processor seconds. */
  readonly cpuSeconds: number
  readonly published: Published | null
  /** Returns during training, exploration included. */
  readonly curve: readonly SpreadPoint[]
}

/** One summary for each task that has results, in the order of the tasks. */
export function summarize(tasks: readonly Task[], results: readonly JobResult[]): Summary[] {
  return tasks.flatMap((task) => {
    const own = results.filter((result) => result.task === task.name)
    if (own.length === 0) return []
    const means = own.map(({ mean }) => mean)
    const worst = own.reduce((least, each) => (each.mean < least.mean ? each : least))
    return [
      {
        task: task.name,
        algorithm: task.algorithm,
        env: task.env,
        seeds: own.length,
        steps: Math.max(...own.map(({ steps }) => steps)),
        mean: meanOf(means),
        interval: bootstrap(meanReturn, [[own.map(({ returns }) => returns)]], new Rng(0)),
        worst: { seed: worst.seed, mean: worst.mean },
        means,
        cpuSeconds: medianOf(own.map(({ cpuSeconds }) => cpuSeconds)),
        published: task.published ?? null,
        curve: spreadOf(
          own.map(({ curve }) => curve),
          totalStepsOf(task),
        ),
      },
    ]
  })
}

const meanReturn = (returns: TaskScores) => meanOf(allScores('meanReturn', returns))

export const summaryHead = [
  ...['task', 'seeds', 'env steps', 'mean return', '95 % interval', 'worst seed', 'processor, s'],
  ...['published', 'in steps', 'by'],
]

/** The cells of one line under `summaryHead`. */
export function summaryRow(summary: Summary): string[] {
  const { task, seeds, steps, mean, interval, worst, cpuSeconds, published } = summary
  return [
    task,
    formatCount(seeds),
    formatCount(steps),
    formatFixed(mean),
    `[${formatFixed(interval.low)}, ${formatFixed(interval.high)}]`,
    formatFixed(worst.mean),
    formatFixed(cpuSeconds),
    published === null ? '–' : formatFixed(published.mean),
    published === null ? '–' : formatCount(published.steps),
    published?.source ?? '–',
  ]
}
