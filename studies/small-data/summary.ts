// Records aggregated: for each method, size and number of labels the tasks one by one, and all tasks together with intervals. The
// bootstrap resamples teachers within each task, then the students of each drawn teacher. Tasks and the episodes of a student's
// evaluation are not resampled. Read next: goals.ts, ../statistics/hierarchical-bootstrap.ts.

import { type Interval, meanOf } from 'alambic/rl'
import { Rng } from 'alambic/tensor'
import {
  allScores,
  interquartileMean,
  optimalityGap,
  performanceProfile,
  probabilityOfImprovement,
  type TaskScores,
  worstScore,
} from '../statistics/aggregates.ts'
import { bootstrap, bootstrapBand, type ClusteredScores, joinClusters } from '../statistics/hierarchical-bootstrap.ts'
import { studyMethods } from './methods.ts'
import { studentSizes } from './plan.ts'
import type { CellRecord } from './record.ts'
import { studyTasks } from './tasks.ts'

/** The runs of one task, aggregated. */
export interface TaskSummary {
  readonly task: string
  readonly runs: number
  /** Mean normalised score, with its 95 % interval. */
  readonly score: number
  readonly interval: Interval
  readonly worst: number
  /** The fraction of runs with a score below 0.5. */
  readonly failures: number
  /** Mean returns: of the students with its 95 % interval, of random actions, of the teachers. */
  readonly meanReturn: number
  readonly returnInterval: Interval
  readonly randomReturn: number
  readonly teacherReturn: number
  readonly parameters: number
  readonly environmentSteps: number
  readonly cpuSeconds: number
}

export interface Summary {
  readonly method: string
  readonly size: string
  readonly labels: number
  readonly tasks: readonly TaskSummary[]
  /** Interquartile mean of the scores of all tasks, with its 95 % interval. */
  readonly iqm: number
  readonly interval: Interval
  readonly optimalityGap: number
  readonly worst: number
  /** The fraction of runs, of all tasks, with a score below 0.5. */
  readonly failures: number
}

/** Scores of one method, size and number of labels, task by task. */
export interface ScoreGroup {
  readonly method: string
  readonly size: string
  readonly labels: number
  /** In the order of the study's tasks; tasks without runs are left out. */
  readonly tasks: readonly { readonly task: string; readonly records: readonly CellRecord[] }[]
}

/** Groups in the order of methods, sizes and labels. The order of the records has no effect, on intervals neither. */
export function groupRecords(records: readonly CellRecord[]): ScoreGroup[] {
  const byName = new Map<string, CellRecord[]>()
  const inOrder = [...records].sort((a, b) => a.teacher - b.teacher || a.seed - b.seed)
  for (const record of inOrder) {
    const name = [record.method, record.size, record.labels].join('/')
    const found = byName.get(name)
    if (found === undefined) byName.set(name, [record])
    else found.push(record)
  }
  const place = <Named extends { readonly name: string }>(all: readonly Named[], name: string) =>
    all.findIndex((each) => each.name === name)
  return [...byName.values()]
    .map((own) => {
      const { method, size, labels } = own[0]!
      const tasks = studyTasks.map(({ name }) => ({ task: name, records: own.filter(({ task }) => task === name) }))
      return { method, size, labels, tasks: tasks.filter((each) => each.records.length > 0) }
    })
    .sort(
      (a, b) =>
        place(studyMethods, a.method) - place(studyMethods, b.method) ||
        place(studentSizes, a.size) - place(studentSizes, b.size) ||
        a.labels - b.labels,
    )
}

/** The scores of each task, clustered by teacher. */
export function scoresOf({ tasks }: ScoreGroup): ClusteredScores {
  return tasks.map(({ records }) => byTeacher(records, ({ score }) => score))
}

function byTeacher(records: readonly CellRecord[], number: (record: CellRecord) => number): number[][] {
  const teachers = [...new Set(records.map(({ teacher }) => teacher))]
  return teachers.map((teacher) => records.filter((record) => record.teacher === teacher).map(number))
}

const meanScore = (scores: TaskScores) => meanOf(allScores('meanScore', scores))

export function summarize(group: ScoreGroup): Summary {
  const { method, size, labels, tasks } = group
  const clustered = scoresOf(group)
  const scores = joinClusters(clustered)
  return {
    method,
    size,
    labels,
    tasks: tasks.map(({ task, records }) => {
      const own = records.map(({ score }) => score)
      const mean = (number: (record: CellRecord) => number) => meanOf(records.map(number))
      return {
        task,
        runs: records.length,
        score: meanOf(own),
        interval: bootstrap(meanScore, [[byTeacher(records, ({ score }) => score)]], new Rng(0)),
        failures: failuresIn(own),
        worst: Math.min(...own),
        meanReturn: mean((record) => record.mean),
        returnInterval: bootstrap(meanScore, [[byTeacher(records, (record) => record.mean)]], new Rng(0)),
        randomReturn: mean(({ randomReturn }) => randomReturn),
        teacherReturn: mean(({ teacherReturn }) => teacherReturn),
        parameters: mean(({ parameters }) => parameters),
        environmentSteps: mean(({ environmentSteps }) => environmentSteps),
        cpuSeconds: mean(({ cpuSeconds }) => cpuSeconds),
      }
    }),
    iqm: interquartileMean(scores),
    interval: bootstrap(interquartileMean, [clustered], new Rng(0)),
    failures: failuresIn(scores.flat()),
    optimalityGap: optimalityGap(scores),
    worst: worstScore(scores),
  }
}

function failuresIn(scores: readonly number[]): number {
  return scores.filter((score) => score < 0.5).length / scores.length
}

export interface ProfilePoint extends Interval {
  /** The score to exceed. */
  readonly threshold: number
  /** The fraction of runs that do. */
  readonly share: number
}

/** The performance profile: the fraction of runs above each threshold from -0.1 to 1.1. */
export function profileOf(group: ScoreGroup): ProfilePoint[] {
  const thresholds = Array.from({ length: 61 }, (_, i) => (2 * i - 10) / 100)
  const scores = scoresOf(group)
  const shares = performanceProfile(joinClusters(scores), thresholds)
  const band = bootstrapBand((drawn) => performanceProfile(drawn, thresholds), [scores], new Rng(0))
  return thresholds.map((threshold, i) => ({ threshold, share: shares[i]!, ...band[i]! }))
}

export interface Improvement extends Interval {
  /** The method that the main method is compared with. */
  readonly method: string
  readonly probability: number
}

/** Probability that a run of `main` beats a run of `other`. Undefined unless both have the same tasks. */
export function improvementOver(main: ScoreGroup, other: ScoreGroup): Improvement | undefined {
  const names = ({ tasks }: ScoreGroup) => tasks.map(({ task }) => task).join()
  if (names(main) !== names(other)) return undefined
  const sets = [scoresOf(main), scoresOf(other)]
  const interval = bootstrap((x, y) => probabilityOfImprovement(x!, y!), sets, new Rng(0))
  const probability = probabilityOfImprovement(joinClusters(sets[0]!), joinClusters(sets[1]!))
  return { method: other.method, probability, ...interval }
}
