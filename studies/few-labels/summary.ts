// Records aggregated over seeds and teachers, for each method, size and number of labels. The bootstrap resamples the teachers of a
// task, then the students of each drawn teacher. Read next: goals.ts, tables.ts.

import { type Interval, meanOf } from 'alambic/rl'
import { Rng } from 'alambic/tensor'
import { groupBy } from '../lib/group-by.ts'
import { interquartileMean, type TaskScores } from '../statistics/aggregates.ts'
import { bootstrapBand, type ClusteredScores, joinClusters } from '../statistics/hierarchical-bootstrap.ts'
import { methods } from './methods.ts'
import { type CellRecord, stepsOf } from './record.ts'
import { taskOf, tasks } from './tasks.ts'

export interface Estimate {
  readonly value: number
  /** 95 % */
  readonly interval: Interval
}

export interface TaskSummary extends Estimate {
  readonly task: string
}

/** Mean costs of a student. */
export interface MeanCosts {
  readonly steps: number
  readonly evaluations: number
  readonly jacobians: number
  /** Teacher evaluations with each Jacobian counted as often as there are actions. */
  readonly work: number
  readonly updates: number
  readonly cpuSeconds: number
}

export interface Summary {
  readonly method: string
  readonly size: string
  readonly labels: number
  readonly students: number
  /** Mean scores, in the order of the tasks. */
  readonly tasks: readonly TaskSummary[]
  /** Interquartile mean of the scores of all tasks. */
  readonly iqm: Estimate
  /** Fractions of the students with a score of at least .95, and below .5. */
  readonly good: number
  readonly failed: number
  /** The teacher whose students have the lowest mean score. */
  readonly worst: { readonly teacher: string; readonly mean: number }
  readonly costs: MeanCosts
  /** The largest of the tasks' mean costs. */
  readonly most: Pick<MeanCosts, 'steps' | 'work'>
}

const RESAMPLES = 500

/** One summary for each method, size and number of labels that occurs, in the order of the methods, from many labels to few. */
export function summariesOf(records: readonly CellRecord[]): Summary[] {
  const groups = groupBy(records, ({ method, size, labels }) => `${method}/${size}/${labels}`)
  const place = ({ method }: Summary) => methods.findIndex(({ name }) => name === method)
  return [...groups.values()].map(summaryOf).sort((a, b) => place(a) - place(b) || b.labels - a.labels)
}

function summaryOf(unordered: readonly CellRecord[]): Summary {
  const records = [...unordered].sort((a, b) => a.teacher.localeCompare(b.teacher) || a.seed - b.seed)
  const { method, size, labels } = records[0]!
  const byTask = tasks
    .map(({ name }) => ({ task: name, own: records.filter(({ task }) => task === name) }))
    .filter(({ own }) => own.length > 0)
  const share = (counts: (score: number) => boolean) => meanOf(records.map(({ score }) => Number(counts(score))))
  const costs = byTask.map(({ own }) => costsOf(own))
  const [iqm, ...means] = estimates(byTask.map(({ own }) => clustersOf(own)))
  return {
    ...{ method, size, labels, students: records.length },
    tasks: byTask.map(({ task }, i) => ({ task, ...means[i]! })),
    iqm: iqm!,
    good: share((score) => score >= 0.95),
    failed: share((score) => score < 0.5),
    worst: [...groupBy(records, ({ teacher }) => teacher)]
      .map(([teacher, own]) => ({ teacher, mean: meanOf(own.map(({ score }) => score)) }))
      .reduce((worst, each) => (each.mean < worst.mean ? each : worst)),
    costs: costsOf(records),
    most: { steps: Math.max(...costs.map(({ steps }) => steps)), work: Math.max(...costs.map(({ work }) => work)) },
  }
}

function costsOf(records: readonly CellRecord[]): MeanCosts {
  const mean = (number: (record: CellRecord) => number) => meanOf(records.map(number))
  return {
    steps: mean(stepsOf),
    evaluations: mean(({ teacherEvaluations }) => teacherEvaluations),
    jacobians: mean(({ jacobians }) => jacobians),
    work: mean(({ task, teacherEvaluations, jacobians }) => teacherEvaluations + taskOf(task).actions * jacobians),
    updates: mean(({ updates }) => updates),
    cpuSeconds: mean(({ cpuSeconds }) => cpuSeconds),
  }
}

/** The scores of each teacher's students. */
function clustersOf(records: readonly CellRecord[]): number[][] {
  return [...groupBy(records, ({ teacher }) => teacher).values()].map((own) => own.map(({ score }) => score))
}

/** The interquartile mean of all tasks, then each task's mean, from the same resamples. */
function estimates(clusters: ClusteredScores): Estimate[] {
  const statistics = (scores: TaskScores) => [interquartileMean(scores), ...scores.map(meanOf)]
  const intervals = bootstrapBand(statistics, [clusters], new Rng(0), { resamples: RESAMPLES })
  return statistics(joinClusters(clusters)).map((value, i) => ({ value, interval: intervals[i]! }))
}
