// The results of the study, computed once for the tables, the page and results.json.

import { type Goal, goals, reaches } from './goals.ts'
import { MAIN_METHOD } from './methods.ts'
import { MAIN_SIZE } from './plan.ts'
import type { CellRecord } from './record.ts'
import {
  groupRecords,
  type Improvement,
  improvementOver,
  type ProfilePoint,
  profileOf,
  type ScoreGroup,
  type Summary,
  summarize,
} from './summary.ts'
import { studyTasks } from './tasks.ts'

export interface StudyResults {
  readonly cells: number
  readonly cpuSeconds: number
  readonly summaries: readonly Summary[]
  /** Profiles and probabilities of improvement at some numbers of labels, at the main size. */
  readonly comparisons: readonly Comparison[]
  readonly goals: readonly GoalResult[]
}

export interface Comparison {
  readonly labels: number
  readonly profiles: readonly { readonly method: string; readonly points: readonly ProfilePoint[] }[]
  /** Probability that a run of the main method beats a run of each other method. */
  readonly improvements: readonly Improvement[]
}

export interface GoalResult {
  readonly goal: Goal
  /** Undefined without any runs. */
  readonly summary?: Summary
  /** Undefined if a task has no runs or too few. */
  readonly reached?: boolean
}

/** Runs per task that a goal needs: ten seeds of three teachers. */
const ENOUGH_RUNS = 30

const COMPARED_LABELS: readonly number[] = [50, 200]

export function resultsOf(records: readonly CellRecord[]): StudyResults {
  const groups = groupRecords(records)
  const summaries = groups.map(summarize)
  return {
    cells: records.length,
    cpuSeconds: records.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    summaries,
    comparisons: COMPARED_LABELS.flatMap((labels) => compared(groups, labels)),
    goals: goals.map((goal) => goalResult(goal, summaries)),
  }
}

/** The methods at one number of labels. Methods without labels are compared at every number. */
function compared(groups: readonly ScoreGroup[], labels: number): Comparison[] {
  const own = groups.filter((group) => group.size === MAIN_SIZE && (group.labels === labels || group.labels === 0))
  if (!own.some((group) => group.labels === labels)) return []
  const main = own.find(({ method }) => method === MAIN_METHOD)
  const others = own.filter((group) => group !== main)
  const profiles = own.map((group) => ({ method: group.method, points: profileOf(group) }))
  const improvements = main === undefined ? [] : others.flatMap((other) => improvementOver(main, other) ?? [])
  return [{ labels, profiles, improvements }]
}

function goalResult(goal: Goal, summaries: readonly Summary[]): GoalResult {
  const summary = summaries.find(
    ({ method, size, labels }) => method === MAIN_METHOD && size === goal.size && labels === goal.labels,
  )
  if (summary === undefined) return { goal }
  const enough = summary.tasks.length === studyTasks.length && summary.tasks.every(({ runs }) => runs >= ENOUGH_RUNS)
  return enough ? { goal, summary, reached: reaches(goal, summary) } : { goal, summary }
}
