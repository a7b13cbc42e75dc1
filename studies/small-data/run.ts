// Runs the cells of one part that have no record yet, group by group, and appends each record as soon as it is done. Read next:
// cell.ts for what a cell is, cell-files.ts for where its record is kept.

import { formatFixed } from 'alambic/plot'
import { algorithm, defaultsOf } from 'alambic/rl'
import type { Shard } from '../lib/options.ts'
import { startProgress } from '../lib/progress.ts'
import { stopwatch } from '../lib/stopwatch.ts'
import { CellBench, cellFingerprint, randomReturn, type StudyTeacher } from './cell.ts'
import { cellLines, readCells } from './cell-files.ts'
import { fingerprint } from './fingerprint.ts'
import { studyMethods } from './methods.ts'
import { type Cell, type CellGroup, studentSizes } from './plan.ts'
import { type CellRecord, keyOf, namesOf } from './record.ts'
import { withStoredNames } from './stored-names.ts'
import { type StudyTask, studyTasks } from './tasks.ts'
import type { SavedTeacher, TeacherFolder } from './teachers/folder.ts'
import { teacherRecipes } from './teachers/recipes.ts'

/** Teachers and random returns by task, each read or computed once: what scores are relative to. */
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

/** One part of all groups. Groups are dealt out from the largest to the smallest, so parts have about equally many cells. */
export function groupsOf(groups: readonly CellGroup[], { index, count }: Shard): CellGroup[] {
  return [...groups].sort((a, b) => b.cells.length - a.cells.length).filter((_, i) => i % count === index - 1)
}

/** Runs the cells that have no record in the folder yet. */
export function runCells(
  groups: readonly CellGroup[],
  baselines: Baselines,
  out: string,
  { index, count }: Shard,
): void {
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

/** Whether a record has the current settings of its method, size and teacher. Without the teacher's file it is taken as current. */
export function isCurrent(record: CellRecord, baselines: Baselines): boolean {
  const task = studyTasks.find(({ name }) => name === record.task)
  const method = studyMethods.find(({ name }) => name === record.method)
  const size = studentSizes.find(({ name }) => name === record.size)
  if (task === undefined || method === undefined || size === undefined) return false
  const { teacher, labels, seed } = record
  if (!baselines.has(task, teacher)) return true
  return identityOf({ task, method, size, teacher, labels, seed }, baselines).fingerprint === record.fingerprint
}

/** The part of a record that is known before the cell runs. */
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
  const options = withStoredNames(figures.options)
  return {
    agent,
    mean: evaluation.mean,
    gamma: Number(settings.gamma),
    fingerprint: fingerprint([task, number, seed, steps, figures.algorithm, options, evaluation.returns]),
  }
}

// Returns are stored to show their spread; the stored mean is exact.
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
