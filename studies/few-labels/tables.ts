// The tables of the study as Markdown, made from the records of the CSV file. A page has them between markers,
// `<!-- few-labels:headline -->` and `<!-- end -->`, which `npm run study -- few-labels --tables` rewrites.

import { formatCount, formatFixed, formatPercent } from 'alambic/plot'
import { meanOf } from 'alambic/rl'
import { unknownName, ValueError } from 'alambic/tensor'
import { groupBy } from '../lib/group-by.ts'
import { verdicts } from './goals.ts'
import { methodOf } from './methods.ts'
import { labelCounts, MAIN_SIZE, teaches } from './plan.ts'
import type { CellRecord } from './record.ts'
import { type Estimate, type Summary, summariesOf } from './summary.ts'
import { taskOf, tasks } from './tasks.ts'

type Row = readonly string[]

const costHead = ['environment steps', 'teacher evaluations', 'Jacobians', 'updates', 'CPU, s']
/** At this many labels the families are compared. */
const FAMILY_LABELS = 100
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
    headline: scoreTable(main),
    goals: markdown(
      ['labels', 'method', 'goal', 'measured', ''],
      verdicts(main).map(({ labels, method, goal, measured, met }) => [
        ...[String(labels), `\`${method}\``, goal, measured],
        met ? 'met' : '**missed**',
      ]),
    ),
    continuous: scoreTable(continuous),
    sizes: sizeTable(sizes),
    poor: poorTable(records.filter((each) => each.role === 'poor' && isMain(each) && isPoorShown(each))),
  }
}

/** The page with the tables between its markers. Throws a `ValueError` on the name of no table. */
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

/** A part of them is enough to see whether a student matches a poor teacher. */
function isPoorShown({ method, labels }: CellRecord): boolean {
  return [100, 50].includes(labels) && ['recommended', 'dagger-hard', 'behaviour-cloning'].includes(method)
}

/** Trees have no size of their own. */
function isMain({ size }: CellRecord): boolean {
  return size === MAIN_SIZE || size === 'tree'
}

/** Blocks of all methods with the same number of labels. Reinforcement learning, which has no labels, stands in each. */
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

const familyOf: Readonly<Record<string, string>> = {
  recommended: 'policy',
  'action-values': 'action values',
  'state-values': 'state values',
  'on-policy': 'policy, on-policy',
  'expected-entropy': 'policy, gradients at play',
}

/** Policies, action values and state values side by side, for teachers of action values and for actor-critics. */
function familyTable(records: readonly CellRecord[]): string {
  const own = records.filter(({ method, labels }) => method in familyOf && [0, FAMILY_LABELS].includes(labels))
  const head = ['teachers', 'what is learned', 'method', ...tasks.slice(0, 3).map(({ title }) => title), ...scoreHead]
  const rows = (['actionValues', 'logits'] as const).flatMap((kind) =>
    summariesOf(own.filter(({ teacher }) => teaches(teacher, kind))).map((summary) => [
      kind === 'actionValues' ? 'DQN, QR-DQN' : 'PPO, A2C',
      ...[familyOf[summary.method]!, `\`${summary.method}\``],
      ...tasks.slice(0, 3).map(({ name }) => estimateText(summary.tasks.find(({ task }) => task === name))),
      ...[...scoreCells(summary), ...costCells(summary)],
    ]),
  )
  return markdown([...head, ...costHead], rows)
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
