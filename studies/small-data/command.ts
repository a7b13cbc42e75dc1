// `npm run study -- small-data`: how few labels does a student need? Runs the plan's cells, or a part of them, and writes the
// results as a table, a page and JSON. Read next: run.ts, then report.ts.

import { join } from 'node:path'
import { formatCount, formatTable } from 'alambic/plot'
import { ValueError } from 'alambic/tensor'
import type { Command } from 'commander'
import { openFolder, writeJson, writeWhole } from '../lib/files.ts'
import { namesOption, numbersOption, outOption, type Shard, shardOption } from '../lib/options.ts'
import { newDocument } from '../plot/document.ts'
import { mergeCells, readCells } from './cell-files.ts'
import { shared, studyMethods } from './methods.ts'
import { type CellGroup, labelCounts, type PlanFilter, planStudy, studentSizes } from './plan.ts'
import { QUICK_TASK, quickFilter } from './quick.ts'
import { studyReport } from './report.ts'
import { resultsOf } from './results.ts'
import { Baselines, groupsOf, isCurrent, runCells } from './run.ts'
import { scoresCsv } from './scores-csv.ts'
import { goalTable, methodTable, sizeTable } from './tables.ts'
import { studyTask, studyTasks } from './tasks.ts'
import { TEACHERS } from './teachers/command.ts'
import { findTeachers } from './teachers/find.ts'
import { TeacherFolder } from './teachers/folder.ts'
import { teacherRecipes } from './teachers/recipes.ts'

interface SmallDataFlags extends PlanFilter {
  readonly quick?: true
  readonly full?: true
  readonly shard: Shard
  readonly merge?: readonly string[] | true
  readonly teachersFrom: string
  readonly out: string
}

/** Five rounds take at least one label each; pools have enough distinct states for half of them. */
const labelRange = [5, shared.poolSize / 2] as const

const OUT = 'runs/small-data'
const QUICK_OUT = 'runs/small-data-quick'

export function registerSmallData(study: Command): void {
  const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name)
  study
    .command('small-data')
    .description('how few labels does a student need? All methods, tasks, sizes, teachers and seeds, with intervals')
    .option('--quick', 'a few cells of everything, in minutes')
    .option('--full', 'every method at every size, not the main method alone')
    .addOption(namesOption('--tasks', 'these tasks alone', names(studyTasks)))
    .addOption(namesOption('--methods', 'these methods alone', names(studyMethods)))
    .addOption(numbersOption('--labels', `these numbers of labels (default ${labelCounts.join(',')})`, labelRange))
    .addOption(namesOption('--sizes', 'only students of these sizes, in per cent of the teacher', names(studentSizes)))
    .addOption(numbersOption('--seeds', 'these seeds (default 0-19 up to 100 labels, else 0-9)', [0, 9999]))
    .addOption(numbersOption('--teachers', 'these teachers (default 1-3)', [1, 100]))
    .addOption(shardOption('cells'))
    .option('--merge [folders...]', 'add the cells of these folders, run nothing, and report on all cells')
    .option('--teachers-from <folder>', 'the folder of the teachers', TEACHERS)
    .addOption(outOption(`${OUT}, or ${QUICK_OUT}`))
    .action((flags: SmallDataFlags, command: Command) => {
      const given = command.getOptionValueSource('out') !== 'default'
      const out = given ? flags.out : flags.quick === true ? QUICK_OUT : OUT
      smallData({ ...flags, out })
    })
}

function smallData(flags: SmallDataFlags): void {
  const { out, shard, merge } = flags
  if (merge !== undefined) {
    mergeFolders(out, merge === true ? [] : merge)
    writeResults(flags, new Baselines(new TeacherFolder(flags.teachersFrom)))
    return
  }
  const { plan, teachers } = flags.quick === true ? quickPlan(flags) : wholePlan(flags)
  for (const { task, teacher } of plan) teachers.require(task, teacher) // before any work
  openFolder(out)
  const baselines = new Baselines(teachers)
  runCells(groupsOf(plan, shard), baselines, out, shard)
  if (shard.count === 1) writeResults(flags, baselines)
}

/** Prints the tables; writes the results as JSON, the scores as CSV, the page last. */
function writeResults(flags: SmallDataFlags, baselines: Baselines): void {
  const { out } = flags
  const all = readCells(out)
  const records = all.filter((record) => isCurrent(record, baselines))
  if (records.length === 0) {
    throw new ValueError(`no cells in "${out}"; run "npm run study -- small-data --out ${out}" first`)
  }
  if (records.length < all.length) {
    console.log(`${formatCount(all.length - records.length)} cells of other settings or teachers are left out`)
  }
  const results = resultsOf(records)
  for (const { head, rows } of [methodTable(results), sizeTable(results), goalTable(results)]) {
    if (rows.length === 0) continue
    console.log(
      `${formatTable(
        head,
        rows.map(({ cells }) => cells),
      )}\n`,
    )
  }
  writeJson(join(out, 'results.json'), results)
  writeWhole(join(out, 'scores.csv'), scoresCsv(records))
  const page = writeWhole(join(out, 'report.html'), studyReport(newDocument(), results, commandOf(flags)))
  console.log(`Scores are interquartile means [95 %]: 0 is random, 1 the teacher. Report: ${page}`)
}

/** The command that writes the same page again, given the same folders. */
function commandOf(flags: SmallDataFlags): string {
  const switches = (['quick', 'full'] as const).filter((name) => flags[name] === true).map((name) => `--${name}`)
  const lists = (['tasks', 'methods', 'labels', 'sizes', 'seeds', 'teachers'] as const).flatMap((name) => {
    const values = flags[name]
    return values === undefined ? [] : [`--${name} ${values.join(',')}`]
  })
  return ['npm run study -- small-data', ...switches, ...lists].join(' ')
}

interface Work {
  readonly plan: readonly CellGroup[]
  readonly teachers: TeacherFolder
}

function wholePlan(flags: SmallDataFlags): Work {
  return { plan: planStudy(flags), teachers: new TeacherFolder(flags.teachersFrom) }
}

/** The tasks that have a teacher. If no task has one, trains one teacher first. */
function quickPlan(flags: SmallDataFlags): Work {
  const filter = { ...quickFilter, ...given(flags) }
  const teachers = new TeacherFolder(flags.teachersFrom)
  const tasks = filter.tasks ?? studyTasks.filter((task) => teachers.has(task, 1)).map(({ name }) => name)
  if (tasks.length > 0) return { plan: planStudy({ ...filter, tasks }), teachers }
  const own = new TeacherFolder(join(flags.out, 'teachers'))
  openFolder(own.path)
  const search = { count: 1, firstSeed: 1, candidates: 3 }
  findTeachers(studyTask(QUICK_TASK), teacherRecipes[QUICK_TASK]!, own, search)
  return { plan: planStudy({ ...filter, tasks: [QUICK_TASK] }), teachers: own }
}

/** The filters that were set on the command line. */
function given({ tasks, methods, labels, sizes, seeds, teachers, full }: SmallDataFlags): PlanFilter {
  const filters = { tasks, methods, labels, sizes, seeds, teachers, full }
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined))
}

function mergeFolders(out: string, folders: readonly string[]): void {
  const empty = folders.find((folder) => readCells(folder).length === 0)
  if (empty !== undefined) {
    throw new ValueError(`--merge: no cells in "${empty}"; expected the --out folder of an earlier run`)
  }
  mergeCells(out, folders)
}
