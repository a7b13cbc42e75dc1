// The work of `alambic study small-data`: the cells of one part that are not there yet, group by group, each kept as soon as it
// is done. Read next: ../../study/cell.ts for what a cell is, cell-files.ts for where it is kept.

import { formatFixed } from '../../plot/format.ts'
import { algorithm } from '../../rl/algorithms/registry.ts'
import { defaultsOf } from '../../rl/options.ts'
import { CellBench, cellFingerprint, randomReturn, type StudyTeacher } from '../../study/cell.ts'
import { fingerprint } from '../../study/fingerprint.ts'
import { studyMethods } from '../../study/methods.ts'
import { type Cell, type CellGroup, studentSizes } from '../../study/plan.ts'
import { type CellRecord, keyOf, namesOf } from '../../study/record.ts'
import { type StudyTask, studyTasks } from '../../study/tasks.ts'
import { teacherRecipes } from '../../study/teacher-recipes.ts'
import type { Shard } from '../benchmark/jobs.ts'
import { breathe } from '../interrupt.ts'
import { startProgress } from '../progress.ts'
import { cellLines, readCells } from './cell-files.ts'
import { stopwatch } from './stopwatch.ts'
import type { SavedTeacher, TeacherFolder } from './teacher-files.ts'

/** Task and teacher of every group, read once, with what its scores are measured by. */
export class Baselines {
  private readonly teachers = new Map<string, StudyTeacher>()
  private readonly randoms = new Map<string, number>()

  constructor(private readonly folder: TeacherFolder) {}

  has(task: StudyTask, number: number): boolean {
    return this.folder.has(task, number)
  }

  teacher(task: StudyTask, number: number): StudyTeacher {
    return remembered(this.teachers, `${task.name}-${number}`, () => studyTeacher(this.folder.read(task, number)))
  }

  random(task: StudyTask): number {
    return remembered(this.randoms, task.name, () => randomReturn(task))
  }
}

/** A part of all groups. They are dealt out from the largest to the smallest, so that parts have about as many cells each. */
export function groupsOf(groups: readonly CellGroup[], { index, count }: Shard): CellGroup[] {
  return [...groups].sort((a, b) => b.cells.length - a.cells.length).filter((_, i) => i % count === index - 1)
}

/** Runs what is missing in the folder and keeps it there. */
export async function runCells(
  groups: readonly CellGroup[],
  baselines: Baselines,
  out: string,
  { index, count }: Shard,
): Promise<void> {
  const done = new Set(readCells(out).map(keyOf))
  const lines = cellLines(out, `${index}-of-${count}`)
  const open = groups
    .map((group) => ({ ...group, cells: group.cells.filter((cell) => !done.has(keyOf(identityOf(cell, baselines)))) }))
    .filter(({ cells }) => cells.length > 0)
  const total = open.reduce((sum, { cells }) => sum + cells.length, 0)
  const progress = startProgress('study', Math.max(1, total), 'cells')
  let finished = 0
  for (const { task, teacher, cells } of open) {
    const bench = new CellBench(task, baselines.teacher(task, teacher), baselines.random(task), recipeOf(task))
    for (const cell of cells) {
      await breathe()
      const record = runCell(bench, cell, baselines)
      lines.append(record)
      const { method, labels, score } = record
      progress.update(++finished, `${task.name}, ${method}, ${labels} labels: ${formatFixed(score, 2)}`)
    }
  }
  progress.finish(total === 1 ? 'one cell' : `${total} cells`)
}

function runCell(bench: CellBench, cell: Cell, baselines: Baselines): CellRecord {
  const elapsed = stopwatch()
  const outcome = bench.run(cell)
  return { ...identityOf(cell, baselines), ...outcome, returns: outcome.returns.map(toThousandths), ...elapsed() }
}

/** Whether a record is of the methods, sizes and teachers as they are now. One whose teacher is not there is believed. */
export function isCurrent(record: CellRecord, baselines: Baselines): boolean {
  const task = studyTasks.find(({ name }) => name === record.task)
  const method = studyMethods.find(({ name }) => name === record.method)
  const size = studentSizes.find(({ name }) => name === record.size)
  if (task === undefined || method === undefined || size === undefined) return false
  const { teacher, labels, seed } = record
  if (!baselines.has(task, teacher)) return true
  return identityOf({ task, method, size, teacher, labels, seed }, baselines).fingerprint === record.fingerprint
}

/** The part of a record that is known before the work. */
function identityOf(cell: Cell, baselines: Baselines) {
  const teacher = baselines.teacher(cell.task, cell.teacher)
  return { ...namesOf(cell), fingerprint: cellFingerprint(cell, teacher, recipeOf(cell.task)) }
}

function recipeOf(task: StudyTask) {
  return teacherRecipes[task.name]!
}

function studyTeacher({ agent, figures }: SavedTeacher): StudyTeacher {
  const { task, number, seed, steps, evaluation } = figures
  const settings: Readonly<Record<string, unknown>> = {
    ...defaultsOf(algorithm(figures.algorithm).options),
    ...figures.options,
  }
  return {
    agent,
    mean: evaluation.mean,
    gamma: Number(settings.gamma),
    fingerprint: fingerprint([task, number, seed, steps, figures.algorithm, figures.options, evaluation.returns]),
  }
}

// Returns are kept for a look at their spread; the mean beside them is exact.
function toThousandths(value: number): number {
  return Math.round(value * 1000) / 1000
}

function remembered<Value>(known: Map<string, Value>, name: string, make: () => Value): Value {
  const found = known.get(name)
  if (found !== undefined) return found
  const made = make()
  known.set(name, made)
  return made
}
