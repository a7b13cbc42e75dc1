// `npm run study -- few-labels`: students of few labels with all their costs. Runs the plan's cells or a part of them and
// writes one CSV line per student. Read next: methods.ts, plan.ts, cell.ts.

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { formatCount, formatFixed, formatTable } from 'alambic/plot'
import { AlambicError, ValueError } from 'alambic/tensor'
import type { Command } from 'commander'
import { openFolder, writeWhole } from '../lib/files.ts'
import { JsonLines } from '../lib/json-lines.ts'
import { namesOption, numbersOption, outOption, type Shard, shardOption, wholeNumberOption } from '../lib/options.ts'
import { startProgress } from '../lib/progress.ts'
import { newDocument } from '../plot/document.ts'
import { runCell, settingsOf } from './cell.ts'
import { methods } from './methods.ts'
import { headlinePicture } from './picture.ts'
import { labelCounts, MAIN_SIZE, type PlanFilter, partOf, planOf, SEEDS } from './plan.ts'
import { type Answer, answerOf, dealOut, serve } from './pool.ts'
import { type Cell, type CellRecord, keyOf, readCsv, readRecords, toCsv } from './record.ts'
import { summariesOf } from './summary.ts'
import { isHeadline, tablesOf, withTables } from './tables.ts'
import { tasks } from './tasks.ts'
import { recipes } from './teachers/recipes.ts'

/** The published results, and the pages with their tables: a short one, and one with all figures. */
export const RESULTS = 'bench/results/few-labels.csv'
export const PAGES = ['docs/distillation.md', 'bench/results/few-labels.md'] as const
const PICTURE = 'docs/media/few-labels.svg'

interface Flags extends PlanFilter {
  readonly jobs: number
  readonly shard: Shard
  readonly out: string
  readonly csv?: string
  readonly tables?: true
  readonly worker?: true
}

export function registerFewLabels(study: Command): void {
  const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name)
  study
    .command('few-labels')
    .description('students of 100 labels and fewer: scores and all costs, with controls at equal cost')
    .addOption(namesOption('--tasks', 'these tasks alone', names(tasks)))
    .addOption(namesOption('--teachers', 'only these teachers (default: all but those for tuning)', names(recipes)))
    .addOption(namesOption('--methods', 'these methods alone', names(methods)))
    .option('--sizes <sizes>', `hidden layers of the students (default ${MAIN_SIZE}), such as 4-4,64-64`, parseSizes)
    .addOption(numbersOption('--labels', `these numbers of labels (default ${labelCounts.join(',')})`, [5, 1000]))
    .addOption(numbersOption('--seeds', `these seeds (default 0-${SEEDS - 1})`, [0, 999]))
    .addOption(wholeNumberOption('--jobs', 'processes', [1, 1000]).default(availableParallelism(), 'one per core'))
    .addOption(shardOption('cells'))
    .addOption(outOption('runs/few-labels'))
    .option('--csv <file>', 'where the students are written to (default: few-labels.csv in the folder)')
    .option('--tables', `rewrite the tables of ${PAGES.join(' and ')} and the picture from ${RESULTS}, and run nothing`)
    .option('--worker', 'run the cells that a parent process sends')
    .action((flags: Flags) => {
      if (flags.worker === true) return serve(runCell)
      return flags.tables === true ? writeTables() : fewLabels(flags)
    })
}

async function fewLabels(flags: Flags): Promise<void> {
  const { out, shard, jobs } = flags
  const cells = partOf(planOf(flags), shard)
  openFolder(out)
  const done = new Set(readRecords(out).map((record) => keyOf(record, record.settings)))
  const open = cells.filter((cell) => !done.has(keyOf(cell, settingsOf(cell))))
  const lines = new JsonLines<CellRecord>(join(out, `cells-${shard.index}-of-${shard.count}.jsonl`))
  const progress = startProgress('few-labels', Math.max(1, open.length), 'students')
  const failures: string[] = []
  let finished = 0
  const take = (cell: Cell, answer: Answer) => {
    const { teacher, method, labels, seed } = cell
    const name = `${teacher}, ${method}, ${labels} labels, seed ${seed}`
    if ('record' in answer) lines.append(answer.record)
    else failures.push(`${name}: ${answer.failure}`)
    progress.update(
      ++finished,
      'record' in answer ? `${name}: ${formatFixed(answer.record.score, 2)}` : `${name}: failed`,
    )
  }
  if (jobs === 1) for (const cell of open) take(cell, answerOf(cell, runCell))
  else await dealOut(open, jobs, { script: process.argv[1]!, args: ['few-labels', '--worker'] }, take)
  progress.finish(`${formatCount(open.length - failures.length)} students`)
  report(flags)
  if (failures.length === 0) return
  throw new AlambicError(`${failures.length} of ${open.length} students failed; the first is ${failures[0]}`)
}

/** Prints a summary of all records of the folder that have the current settings, and writes them as CSV. */
function report({ out, csv = join(out, 'few-labels.csv') }: Flags): void {
  const records = readRecords(out).filter((record) => settingsOf(record) === record.settings)
  if (records.length === 0) return
  const head = ['method', 'size', 'labels', 'students', 'IQM', '≥ 0.95', '< 0.5', 'worst teacher']
  const rows = summariesOf(records.filter(({ role }) => role !== 'poor')).map((summary) => {
    const { method, size, labels, students, iqm, good, failed, worst, costs } = summary
    const shares = [iqm.value, good, failed, worst.mean].map((share) => formatFixed(share, 2))
    const spent = [costs.steps, costs.work, costs.updates].map(formatCount)
    return [
      method,
      size,
      formatCount(labels),
      formatCount(students),
      ...shares,
      ...spent,
      formatFixed(costs.cpuSeconds),
    ]
  })
  console.log(formatTable([...head, 'steps', 'evaluations', 'updates', 'CPU, s'], rows))
  console.log(`Scores: 0 is random play, 1 the teacher. One line per student: ${writeWhole(csv, toCsv(records))}`)
}

function writeTables(): void {
  const records = readCsv(RESULTS)
  const tables = tablesOf(records)
  for (const page of PAGES) writeWhole(page, withTables(readFileSync(page, 'utf8'), tables))
  const summaries = summariesOf(records.filter(isHeadline))
  if (summaries.length > 0) writeWhole(PICTURE, headlinePicture(newDocument(), summaries))
  console.log(`Tables of ${RESULTS}: ${PAGES.join(', ')}`)
}

function parseSizes(given: string, before: readonly string[] = []): string[] {
  const sizes = given.split(',').map((size) => size.trim())
  const wrong = sizes.find((size) => !/^[1-9]\d{0,3}(-[1-9]\d{0,3})*$/.test(size))
  if (wrong === undefined) return [...before, ...sizes]
  throw new ValueError(`--sizes: expected widths of hidden layers such as 12-12, given "${wrong}"`)
}
