// The cells of the study: all teachers, methods, sizes, numbers of labels and seeds, or a part of them. Seeds are the outermost
// loop, so a study that is stopped has students of every combination.

import { ValueError } from 'alambic/tensor'
import type { Shard } from '../lib/options.ts'
import { type Method, methods } from './methods.ts'
import type { Cell } from './record.ts'
import { taskOf, tasks } from './tasks.ts'
import { recipeOf, recipes } from './teachers/recipes.ts'

/** The part of the plan to run. Omitted fields have their defaults. */
export interface PlanFilter {
  readonly tasks?: readonly string[]
  /** Default: those for confirmation and the poor ones. */
  readonly teachers?: readonly string[]
  readonly methods?: readonly string[]
  readonly sizes?: readonly string[]
  readonly labels?: readonly number[]
  readonly seeds?: readonly number[]
}

/** DQN and its variants have action values, the others logits; all have state values. */
export function teaches(teacher: string, kind: NonNullable<Method['family']>): boolean {
  const hasActionValues = /dqn$/.test(recipeOf(teacher).algorithm)
  return kind === 'values' || hasActionValues === (kind === 'actionValues')
}

export const MAIN_SIZE = '12-12'
export const labelCounts: readonly number[] = [100, 50, 20, 10]
export const SEEDS = 20

/** Throws a `ValueError` if the filter leaves no cells. */
export function planOf(filter: PlanFilter): Cell[] {
  const { sizes = [MAIN_SIZE], labels = labelCounts, seeds = Array.from({ length: SEEDS }, (_, i) => i) } = filter
  const teachers = recipes.filter(
    ({ name, task, role }) =>
      (filter.tasks?.includes(task) ?? true) && (filter.teachers?.includes(name) ?? role !== 'tuning'),
  )
  const kept = methods.filter(({ name }) => filter.methods?.includes(name) ?? true)
  const cells = seeds.flatMap((seed) =>
    teachers.flatMap(({ name: teacher, task }) =>
      kept
        .filter(({ discrete }) => discrete === undefined || taskOf(task).continuous === undefined)
        .filter(({ family }) => family === undefined || teaches(teacher, family))
        .filter(({ symmetric }) => symmetric === undefined || taskOf(task).symmetric === true)
        .flatMap((method) =>
          sizesOf(method, sizes).flatMap((size) =>
            labelsOf(method, labels).map((each) => ({
              ...{ task, teacher, method: method.name, size, labels: each, seed },
            })),
          ),
        ),
    ),
  )
  if (cells.length > 0) return cells
  throw new ValueError(
    `few-labels: these filters leave no cells; tasks are ${tasks.map(({ name }) => name).join(', ')}`,
  )
}

/** Part i of n: every n-th cell. */
export function partOf(cells: readonly Cell[], { index, count }: Shard): Cell[] {
  return cells.filter((_, i) => i % count === index - 1)
}

function sizesOf(method: Method, sizes: readonly string[]): readonly string[] {
  return 'viper' in method ? ['tree'] : sizes
}

function labelsOf(method: Method, labels: readonly number[]): readonly number[] {
  return 'environmentSteps' in method || 'playSteps' in method ? [0] : labels
}
