// The cells of the study. A cell is one student: task, teacher, method, size, labels, seed. Cells with the same task, teacher and
// seed form a group and share their pools of states. Read next: cell.ts.

import { ValueError } from 'alambic/tensor'
import { MAIN_METHOD, type StudyMethod, studyMethods } from './methods.ts'
import { type StudyTask, studyTasks } from './tasks.ts'

export interface StudentSize {
  /** In per cent of a teacher with two hidden layers of 256, or `linear`. */
  readonly name: string
  readonly hidden: readonly number[]
}

export const studentSizes: readonly StudentSize[] = [
  { name: '100', hidden: [256, 256] },
  { name: '25', hidden: [128, 128] },
  { name: '7', hidden: [64, 64] },
  { name: '1', hidden: [22, 22] },
  { name: 'linear', hidden: [] },
]

/** The size at which all methods are compared. */
export const MAIN_SIZE = '7'

export const labelCounts: readonly number[] = [50, 100, 200, 500, 1000, 5000]

export interface Cell {
  readonly task: StudyTask
  /** The number of the teacher, from 1. */
  readonly teacher: number
  readonly method: StudyMethod
  readonly size: StudentSize
  /** 0 for reinforcement learning, which has no teacher. */
  readonly labels: number
  readonly seed: number
}

/** Cells that share their pools. */
export interface CellGroup {
  readonly task: StudyTask
  readonly teacher: number
  readonly seed: number
  readonly cells: readonly Cell[]
}

/** A part of the plan. Default of each field: everything. */
export interface PlanFilter {
  readonly tasks?: readonly string[]
  readonly methods?: readonly string[]
  readonly labels?: readonly number[]
  readonly sizes?: readonly string[]
  readonly seeds?: readonly number[]
  readonly teachers?: readonly number[]
  /** Every method at every size, instead of all methods at the main size and the main method at all sizes. */
  readonly full?: boolean
}

/** Teachers and seeds of the final figures. Tuning uses others. */
export const finalTeachers: readonly number[] = [1, 2, 3]
export const finalSeeds: readonly number[] = Array.from({ length: 20 }, (_, i) => i)
/** Up to this many labels all seeds are used, beyond it half: the variance over the choice of states is smaller there. */
const FEW_LABELS = 100

/** The groups of a plan, in the order of tasks, teachers and seeds. Throws a `ValueError` if the filter leaves no cells. */
export function planStudy(filter: PlanFilter = {}): CellGroup[] {
  const tasks = studyTasks.filter(({ name }) => filter.tasks?.includes(name) ?? true)
  const groups = tasks.flatMap((task) =>
    (filter.teachers ?? finalTeachers).flatMap((teacher) =>
      (filter.seeds ?? finalSeeds).map((seed) => ({
        task,
        teacher,
        seed,
        cells: cellsOf(task, teacher, seed, filter),
      })),
    ),
  )
  const filled = groups.filter(({ cells }) => cells.length > 0)
  if (filled.length > 0) return filled
  throw new ValueError(
    'study: these filters leave no cells; sizes other than the main one need the main method or the full plan',
  )
}

function cellsOf(task: StudyTask, teacher: number, seed: number, filter: PlanFilter): Cell[] {
  return studyMethods
    .filter(({ name }) => filter.methods?.includes(name) ?? true)
    .flatMap((method) =>
      studentSizes
        .filter((size) => (filter.sizes?.includes(size.name) ?? true) && isPlanned(method, size, filter))
        .flatMap((size) =>
          labelsOf(method, filter)
            .filter((labels) => filter.seeds !== undefined || hasSeed(labels, seed))
            .map((labels) => ({ task, teacher, method, size, labels, seed })),
        ),
    )
}

function isPlanned(method: StudyMethod, size: StudentSize, { full = false }: PlanFilter): boolean {
  return full || size.name === MAIN_SIZE || method.name === MAIN_METHOD
}

function labelsOf(method: StudyMethod, { labels = labelCounts }: PlanFilter): readonly number[] {
  return 'distillation' in method ? labels : [0]
}

function hasSeed(labels: number, seed: number): boolean {
  return seed < (labels > 0 && labels <= FEW_LABELS ? finalSeeds.length : finalSeeds.length / 2)
}
