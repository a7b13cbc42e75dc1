// Goals for the main method, set before the measurements.

import { MAIN_SIZE } from './plan.ts'
import type { Summary } from './summary.ts'

export interface Goal {
  readonly name: string
  readonly labels: number
  readonly size: string
  /** Lower bound of the interquartile mean over the tasks, and of the lower end of its interval. */
  readonly iqm?: number
  readonly intervalLow?: number
  /** Lower bound of the mean score of every task, and of every run. */
  readonly eachTask?: number
  readonly worst?: number
}

export const goals: readonly Goal[] = [
  { name: 'must', labels: 500, size: MAIN_SIZE, iqm: 0.97, eachTask: 0.9 },
  { name: 'silver', labels: 200, size: MAIN_SIZE, eachTask: 0.95, intervalLow: 0.93 },
  { name: 'gold', labels: 100, size: MAIN_SIZE, eachTask: 0.95, intervalLow: 0.93, worst: 0.7 },
  { name: 'moonshot', labels: 50, size: MAIN_SIZE, iqm: 0.9, eachTask: 0.8 },
  { name: 'tiny', labels: 200, size: '1', iqm: 0.95 },
]

/** Whether a summary with the goal's labels and size meets every bound. */
export function reaches({ iqm, intervalLow, eachTask, worst }: Goal, summary: Summary): boolean {
  return (
    atLeast(summary.iqm, iqm) &&
    atLeast(summary.interval.low, intervalLow) &&
    atLeast(Math.min(...summary.tasks.map(({ score }) => score)), eachTask) &&
    atLeast(summary.worst, worst)
  )
}

function atLeast(value: number, least: number | undefined): boolean {
  return least === undefined || value >= least
}
