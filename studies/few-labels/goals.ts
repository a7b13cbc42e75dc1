// The goals of the study, set before it ran, and whether they are met.

import { formatFixed } from 'alambic/plot'
import type { Summary } from './summary.ts'

export interface Goal {
  readonly labels: number
  /** Least mean score of each task, of each teacher's students, and least interquartile mean of all. */
  readonly eachTask?: number
  readonly worstTeacher?: number
  readonly iqm?: number
}

export const goals: readonly Goal[] = [
  { labels: 100, eachTask: 0.97, worstTeacher: 0.95 },
  { labels: 50, eachTask: 0.95, worstTeacher: 0.9 },
  { labels: 20, eachTask: 0.9 },
  { labels: 10, iqm: 0.9 },
]

/** Limits of the mean costs in each task. A Jacobian counts as many evaluations as there are actions. */
export const MOST_STEPS = 10_000
export const MOST_EVALUATIONS = 1000

/** The methods that are to reach the goals; Jacobians are allowed below 100 labels. */
const candidates = (labels: number) =>
  labels >= 100 ? ['recommended'] : ['recommended', 'recommended-jacobians', 'errors', 'errors-jacobians']
/** Controls at the cost of the recommended method. */
const controls = [
  'dagger-hard',
  'behaviour-cloning',
  'previous-default-1000',
  'evaluation-matched',
  'viper',
  'rl-matched',
]

export interface Verdict {
  readonly labels: number
  readonly method: string
  readonly goal: string
  readonly measured: string
  readonly met: boolean
}

/** Every goal for every method that is to reach it and was measured. `summaries` are of one student size. */
export function verdicts(summaries: readonly Summary[]): Verdict[] {
  return goals.flatMap((goal) =>
    candidates(goal.labels).flatMap((method) => {
      const summary = summaries.find((each) => each.method === method && each.labels === goal.labels)
      return summary === undefined ? [] : verdictsOf(goal, summary, summaries)
    }),
  )
}

function verdictsOf(
  { labels, eachTask, worstTeacher, iqm }: Goal,
  summary: Summary,
  all: readonly Summary[],
): Verdict[] {
  const { method, tasks, worst, most } = summary
  const lowest = tasks.reduce((low, each) => (each.value < low.value ? each : low))
  const list: Verdict[] = []
  const add = (goal: string, measured: string, met: boolean) => list.push({ labels, method, goal, measured, met })
  const atLeast = (what: string, least: number | undefined, value: number, where = '') => {
    if (least !== undefined) add(`${what} ≥ ${least}`, formatFixed(value, 3) + where, value >= least)
  }
  atLeast('each task', eachTask, lowest.value, ` (${lowest.task})`)
  atLeast('worst teacher', worstTeacher, worst.mean, ` (${worst.teacher})`)
  atLeast('IQM', iqm, summary.iqm.value)
  const rivals = all.filter((each) => controls.includes(each.method) && [0, labels].includes(each.labels))
  if (rivals.length > 0) {
    const best = rivals.reduce((top, each) => (each.iqm.value > top.iqm.value ? each : top))
    const { low, high } = best.iqm.interval
    const measured = `${formatFixed(summary.iqm.value, 3)}; ${best.method} ${formatFixed(best.iqm.value, 3)} [${formatFixed(low, 3)}, ${formatFixed(high, 3)}]`
    add('IQM not below the interval of the best control', measured, summary.iqm.value >= low)
  }
  add('environment steps ≤ 10,000 in each task', formatFixed(most.steps, 0), most.steps <= MOST_STEPS)
  add('teacher evaluations ≤ 1,000 in each task', formatFixed(most.work, 0), most.work <= MOST_EVALUATIONS)
  return list
}
