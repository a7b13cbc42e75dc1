// `npm run study -- state-values`: how well students of state values act by a look-ahead of one step. Read next: students.ts.

import { join } from 'node:path'
import { formatCount, formatFixed, formatTable } from 'alambic/plot'
import { meanOf } from 'alambic/rl'
import { Rng } from 'alambic/tensor'
import type { Command } from 'commander'
import { readTeacher } from '../few-labels/teachers.ts'
import { openFolder, writeWhole } from '../lib/files.ts'
import { JsonLines } from '../lib/json-lines.ts'
import { namesOption, outOption, wholeNumberOption } from '../lib/options.ts'
import { startProgress } from '../lib/progress.ts'
import { bootstrap } from '../statistics/hierarchical-bootstrap.ts'
import { sizes, teacherLookahead, type ValueRecord, valueMethods, valueStudent } from './students.ts'

/** None of them was used for tuning. The first two of each task and `cartpole-sb3` are critics; for the others V = max Q. */
export const valueTeachers: Readonly<Record<string, readonly string[]>> = {
  cartpole: ['cartpole-ppo', 'cartpole-a2c', 'cartpole-sb3', 'cartpole-dqn', 'cartpole-qr-dqn'],
  acrobot: ['acrobot-ppo', 'acrobot-a2c', 'acrobot-sb3', 'acrobot-dqn', 'acrobot-qr-dqn'],
  mountaincar: [
    ...['mountaincar-ppo', 'mountaincar-a2c', 'mountaincar-dqn', 'mountaincar-qr-dqn', 'mountaincar-dqn-wide'],
  ],
}

interface StateValuesFlags {
  readonly task?: readonly string[]
  readonly methods?: readonly string[]
  readonly sizes?: readonly string[]
  readonly seeds: number
  readonly episodes: number
  readonly out: string
}

export function registerStateValues(study: Command): void {
  const names = valueMethods.map(({ name }) => name)
  study
    .command('state-values')
    .description('students of state values that act by a look-ahead, by how they learn')
    .addOption(namesOption('--task', 'these tasks alone', Object.keys(valueTeachers)))
    .addOption(namesOption('--methods', 'these methods alone', names))
    .addOption(namesOption('--sizes', 'these sizes alone', Object.keys(sizes)))
    .addOption(wholeNumberOption('--seeds', 'students per teacher, method and size', [1, 1000]).default(5))
    .addOption(wholeNumberOption('--episodes', 'episodes that evaluate a student', [1, 10_000]).default(50))
    .addOption(outOption('runs/state-values'))
    .action(({ out, ...flags }: StateValuesFlags) => {
      openFolder(out)
      const stored = new JsonLines<ValueRecord>(join(out, 'records.jsonl'))
      measure(flags, stored)
      const records = ordered(stored.read())
      const file = writeWhole(join(out, 'state-values.csv'), valuesCsv(records))
      console.log(valuesTable(records))
      console.log(`\nmean score with its 95 % interval, worst teacher, share below .5; costs per student; ${file}`)
    })
}

// Seeds are the outer loop, so that a part of the study has students of all teachers. Students of an earlier run are kept.
function measure(flags: Omit<StateValuesFlags, 'out'>, stored: JsonLines<ValueRecord>): void {
  const { task = Object.keys(valueTeachers), methods, sizes: widths = Object.keys(sizes), seeds, episodes } = flags
  const keyOf = ({ teacher, method, size, seed }: Pick<ValueRecord, 'teacher' | 'method' | 'size' | 'seed'>) =>
    [teacher, method, size, seed].join('/')
  const found = new Set(stored.read().map(keyOf))
  const teachers = task.flatMap((name) => valueTeachers[name]!.map(readTeacher))
  const means = teachers.map((teacher) => teacherLookahead(teacher, episodes))
  const chosen = valueMethods.filter(({ name }) => methods?.includes(name) ?? true)
  const total = seeds * teachers.length * chosen.length * widths.length
  const progress = startProgress('state-values', total, 'students')
  let done = 0
  for (let seed = 0; seed < seeds; seed++) {
    for (const [i, teacher] of teachers.entries()) {
      for (const method of chosen) {
        for (const size of widths) {
          const key = keyOf({ teacher: teacher.figures.name, method: method.name, size, seed })
          if (!found.has(key)) stored.append(valueStudent(teacher, method, size, seed, means[i]!, episodes))
          progress.update(++done, key)
        }
      }
    }
  }
  progress.finish(`${total} students`)
}

// By task, method and size.
function ordered(records: readonly ValueRecord[]): readonly ValueRecord[] {
  const rank = ({ task, method, size }: ValueRecord) =>
    (Object.keys(valueTeachers).indexOf(task) * valueMethods.length +
      valueMethods.findIndex(({ name }) => name === method)) *
      2 +
    Object.keys(sizes).indexOf(size)
  return records.toSorted((a, b) => rank(a) - rank(b))
}

/** Teachers whose own look-ahead earns less than this part of their return do not enter the table: a score relative to it is meaningless. */
const LEAST_TEACHER_SCORE = 0.3

/** One row for each task, method and size. */
export function valuesTable(all: readonly ValueRecord[]): string {
  const records = all.filter(({ teacherScore }) => teacherScore >= LEAST_TEACHER_SCORE)
  const head = ['task', 'method', 'size', 'score', 'worst teacher', '< .5', 'labels', 'evaluations', 'steps', 'CPU s']
  const rows = groupBy(records, ({ task, method, size }) => [task, method, size].join()).map((own) => {
    const { task, method, size } = own[0]!
    const clusters = groupBy(own, ({ teacher }) => teacher).map((each) => each.map(({ score }) => score))
    const { low, high } = bootstrap((scores) => meanOf(scores[0]!), [[clusters]], new Rng(0))
    const scores = clusters.flat()
    const average = (name: 'labels' | 'teacherEvaluations' | 'environmentSteps' | 'cpuSeconds') =>
      meanOf(own.map((each) => each[name]))
    return [
      ...[task, method, size],
      `${formatFixed(meanOf(scores), 2)} [${formatFixed(low, 2)}, ${formatFixed(high, 2)}]`,
      formatFixed(Math.min(...clusters.map(meanOf)), 2),
      `${scores.filter((score) => score < 0.5).length} of ${scores.length}`,
      ...[average('labels'), average('teacherEvaluations'), average('environmentSteps')]
        .map(Math.round)
        .map(formatCount),
      formatFixed(average('cpuSeconds'), 1),
    ]
  })
  return formatTable(head, rows)
}

// Groups in the order of their first records.
function groupBy(records: readonly ValueRecord[], key: (record: ValueRecord) => string): ValueRecord[][] {
  const groups = new Map<string, ValueRecord[]>()
  for (const record of records) groups.set(key(record), [...(groups.get(key(record)) ?? []), record])
  return [...groups.values()]
}

function valuesCsv(records: readonly ValueRecord[]): string {
  const names = Object.keys(records[0]!) as (keyof ValueRecord)[]
  const inDigits = (value: string | number) =>
    typeof value === 'number' ? String(Number(value.toPrecision(6))) : value
  return [names, ...records.map((record) => names.map((name) => inDigits(record[name])))]
    .map((row) => `${row.join()}\n`)
    .join('')
}
