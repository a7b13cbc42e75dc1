// The tables of the study as Markdown, made from the records of the CSV file. Pages hold them between markers,
// `<!-- few-labels:headline -->` and `<!-- end -->`; `npm run study -- few-labels --tables` rewrites what is between them.

import { formatCount, formatFixed, formatPercent } from 'alambic/plot'
import { meanOf } from 'alambic/rl'
import { unknownName, ValueError } from 'alambic/tensor'
import { groupBy } from '../lib/group-by.ts'
import { type Verdict, verdicts } from './goals.ts'
import { methodOf } from './methods.ts'
import { labelCounts, MAIN_SIZE, teaches } from './plan.ts'
import type { CellRecord } from './record.ts'
import { type Estimate, type Summary, summariesOf } from './summary.ts'
import { taskOf, tasks } from './tasks.ts'

type Row = readonly string[]

const costHead = ['environment steps', 'teacher evaluations', 'Jacobians', 'updates', 'CPU, s']
/** At this many labels the families are compared. */
const FAMILY_LABELS = 100
const familyHead = ['teachers', 'the student learns', 'method']
const scoreHead = ['IQM [95 %]', '≥ 0.95', '< 0.5', 'worst teacher', 'students']

/** The tables by name. A table without records has one line that states it. */
export function tablesOf(records: readonly CellRecord[]): Readonly<Record<string, string>> {
  const good = records.filter(({ role }) => role === 'confirmation')
  const discrete = good.filter(({ task }) => taskOf(task).continuous === undefined)
  const main = summariesOf(records.filter((each) => isHeadline(each) && methodOf(each.method).family === undefined))
  const continuous = summariesOf(good.filter((each) => taskOf(each.task).continuous && isMain(each)))
  const sizes = summariesOf(discrete.filter((each) => !isMain(each)))
  return {
    families: familyTable(records.filter(isHeadline)),
    'families-short': shortFamilyTable(records.filter(isHeadline)),
    headline: scoreTable(main),
    'headline-short': shortTable(main),
    goals: markdown(
      ['labels', 'method', 'goal', 'measured', ''],
      verdicts(main).map(({ labels, method, goal, measured, met }) => [
        ...[String(labels), `\`${method}\``, goal, measured],
        met ? 'met' : '**missed**',
      ]),
    ),
    'goals-short': goalsTable(verdicts(main)),
    continuous: scoreTable(continuous),
    'continuous-short': shortTable(continuous),
    sizes: sizeTable(sizes),
    poor: poorTable(records.filter((each) => each.role === 'poor' && isMain(each) && isPoorShown(each))),
  }
}

/** The page with the tables between its markers. Throws a `ValueError` on an unknown name. */
export function withTables(page: string, tables: Readonly<Record<string, string>>): string {
  return page.replace(/(<!-- few-labels:([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, start, name: string, end) => {
    if (Object.hasOwn(tables, name)) return `${start}\n${tables[name]}\n\n${end}`
    throw new ValueError(unknownName('table of the few-labels study', name, Object.keys(tables)))
  })
}

/** Whether a record enters the headline: discrete actions, a good teacher, the main size. */
export function isHeadline(record: CellRecord): boolean {
  return record.role === 'confirmation' && taskOf(record.task).continuous === undefined && isMain(record)
}

/** The subset that shows whether a student matches a poor teacher. */
function isPoorShown({ method, labels }: CellRecord): boolean {
  return [100, 50].includes(labels) && ['recommended', 'dagger-hard', 'behaviour-cloning'].includes(method)
}

/** Trees have no size of their own. */
function isMain({ size }: CellRecord): boolean {
  return size === MAIN_SIZE || size === 'tree'
}

/** Blocks of all methods with the same number of labels. Reinforcement learning, which has no labels, appears in each. */
function scoreTable(summaries: readonly Summary[]): string {
  const shown = tasks.filter(({ name }) => summaries.some((each) => each.tasks.some(({ task }) => task === name)))
  const head = ['labels', 'method', ...shown.map(({ title }) => title), ...scoreHead, ...costHead]
  const rows = blocksOf(summaries).map(([labels, summary]) => [
    ...[labels, `\`${summary.method}\``],
    ...shown.map(({ name }) => estimateText(summary.tasks.find(({ task }) => task === name))),
    ...[...scoreCells(summary), ...costCells(summary)],
  ])
  return markdown(head, rows)
}

/** One row a method: its interquartile mean and share of failures at each number of labels, and its costs at the most labels. */
function shortTable(summaries: readonly Summary[]): string {
  const methods = [...groupBy(summaries, ({ method }) => method)]
  const rows = methods.map(([method, own]) => {
    const at = (labels: number) => own.find((each) => [0, labels].includes(each.labels))
    const most = at(Math.max(...labelCounts))
    return [
      `\`${method}\``,
      ...labelCounts.map((labels) => shortScore(at(labels))),
      ...(most === undefined ? ['–', '–'] : [formatCount(most.costs.steps), formatCount(most.costs.evaluations)]),
    ]
  })
  const head = [
    'method',
    ...labelCounts.map((labels) => `${labels} labels`),
    'environment steps',
    'teacher evaluations',
  ]
  return markdown(head, rows)
}

function shortScore(summary: Summary | undefined): string {
  return summary === undefined ? '–' : `${formatFixed(summary.iqm.value, 2)} (${formatPercent(summary.failed, 0)})`
}

/** How many goals each method met, and which it missed. */
function goalsTable(all: readonly Verdict[]): string {
  const rows = [...groupBy(all, ({ labels, method }) => `${labels} | \`${method}\``)].map(([name, own]) => {
    const missed = own.filter(({ met }) => !met).map(({ goal, measured }) => `${goal}: ${measured.split(';')[0]}`)
    return [name, `${own.length - missed.length} of ${own.length}`, missed.join('; ') || '–']
  })
  return markdown(['labels', 'method', 'met', 'missed'], rows)
}

const familyOf: Readonly<Record<string, string>> = {
  recommended: 'policy',
  'action-values': 'action values',
  'state-values': 'state values',
  'on-policy': 'policy, on-policy',
  'expected-entropy': 'policy, by policy gradient',
}

/** Policies, action values and state values, for teachers with action values and for actor-critics: the cells that begin a row. */
function familyRows(records: readonly CellRecord[]): (readonly [Row, Summary])[] {
  const own = records.filter(({ method, labels }) => method in familyOf && [0, FAMILY_LABELS].includes(labels))
  return (['actionValues', 'logits'] as const).flatMap((kind) =>
    summariesOf(own.filter(({ teacher }) => teaches(teacher, kind))).map((summary): readonly [Row, Summary] => [
      [kind === 'actionValues' ? 'DQN, QR-DQN' : 'PPO, A2C', familyOf[summary.method]!, `\`${summary.method}\``],
      summary,
    ]),
  )
}

function familyTable(records: readonly CellRecord[]): string {
  const rows = familyRows(records).map(([start, summary]) => [
    ...start,
    ...tasks.slice(0, 3).map(({ name }) => estimateText(summary.tasks.find(({ task }) => task === name))),
    ...[...scoreCells(summary), ...costCells(summary)],
  ])
  return markdown([...familyHead, ...tasks.slice(0, 3).map(({ title }) => title), ...scoreHead, ...costHead], rows)
}

function shortFamilyTable(records: readonly CellRecord[]): string {
  const rows = familyRows(records).map(([start, summary]) => [...start, ...scoreCells(summary).slice(0, 4)])
  return markdown([...familyHead, ...scoreHead.slice(0, 4)], rows)
}

function blocksOf(summaries: readonly Summary[]): (readonly [string, Summary])[] {
  return labelCounts.flatMap((labels) =>
    summaries.filter((each) => [0, labels].includes(each.labels)).map((each) => [String(labels), each] as const),
  )
}

function sizeTable(summaries: readonly Summary[]): string {
  const head = ['hidden layers', 'method', 'labels', ...scoreHead]
  const rows = summaries.map((each) => [each.size, `\`${each.method}\``, String(each.labels), ...scoreCells(each)])
  return markdown(head, rows)
}

/** Students of teachers that stop half way; each is to match its teacher. Their scores enter no other table. */
function poorTable(records: readonly CellRecord[]): string {
  const groups = groupBy(records, ({ teacher, method, labels }) => `${teacher}/${method}/${labels}`)
  const rows = [...groups.values()].map((own) => {
    const { teacher, method, labels, teacherReturn, randomReturn } = own[0]!
    const mean = (number: (record: CellRecord) => number) => meanOf(own.map(number))
    return [
      ...[teacher, `\`${method}\``, String(labels), formatFixed(randomReturn), formatFixed(teacherReturn)],
      ...[
        formatFixed(mean((each) => each.return)),
        formatFixed(
          mean(({ score }) => score),
          2,
        ),
      ],
    ]
  })
  return markdown(['teacher', 'method', 'labels', 'random', 'teacher’s return', 'students’ return', 'score'], rows)
}

function scoreCells({ iqm, good, failed, worst, students }: Summary): Row {
  return [
    estimateText(iqm),
    formatPercent(good, 0),
    formatPercent(failed, 0),
    `${formatFixed(worst.mean, 2)} (${worst.teacher})`,
    formatCount(students),
  ]
}

function costCells({ costs }: Summary): Row {
  const { steps, evaluations, jacobians, updates, cpuSeconds } = costs
  return [...[steps, evaluations, jacobians, updates].map(formatCount), formatFixed(cpuSeconds)]
}

function estimateText(estimate: Estimate | undefined): string {
  if (estimate === undefined) return '–'
  const { value, interval } = estimate
  return `${formatFixed(value, 2)} [${formatFixed(interval.low, 2)}, ${formatFixed(interval.high, 2)}]`
}

function markdown(head: Row, rows: readonly Row[]): string {
  if (rows.length === 0) return 'Not measured.'
  const line = (cells: Row) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}
