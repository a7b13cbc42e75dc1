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

/** None of them was used to choose a setting. The first two of each task and `cartpole-sb3` are critics; for the others V = max Q. */
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
    .addOption(wholeNumberOption('--seeds', 'students per teacher, method and size', [1, 1000]).default(5))
    .addOption(wholeNumberOption('--episodes', 'episodes that evaluate a student', [1, 10_000]).default(50))
    .addOption(outOption('runs/state-values'))
    .action(({ task, methods, seeds, episodes, out }: StateValuesFlags) => {
      openFolder(out)
      const tasks = task ?? Object.keys(valueTeachers)
      const records = measure(tasks, methods ?? names, seeds, episodes, new JsonLines(join(out, 'records.jsonl')))
      const file = writeWhole(join(out, 'state-values.csv'), valuesCsv(records))
      console.log(valuesTable(records))
      console.log(`\nmean score with its 95 % interval, worst teacher, share below .5; costs per student; ${file}`)
    })
}

// Seeds are the outer loop, so that a part of the study has students of all teachers. Students of an earlier run are kept.
function measure(
  tasks: readonly string[],
  methods: readonly string[],
  seeds: number,
  episodes: number,
  stored: JsonLines<ValueRecord>,
): readonly ValueRecord[] {
  const keyOf = ({ teacher, method, size, seed }: Pick<ValueRecord, 'teacher' | 'method' | 'size' | 'seed'>) =>
    [teacher, method, size, seed].join('/')
  const found = new Map(stored.read().map((record) => [keyOf(record), record]))
  const teachers = tasks.flatMap((task) => valueTeachers[task]!.map(readTeacher))
  const means = teachers.map((teacher) => teacherLookahead(teacher, episodes))
  const cells = Array.from({ length: seeds }, (_, seed) =>
    teachers.flatMap((teacher, i) =>
      valueMethods
        .filter(({ name }) => methods.includes(name))
        .flatMap((method) => Object.keys(sizes).map((size) => ({ teacher, mean: means[i]!, method, size, seed }))),
    ),
  ).flat()
  const progress = startProgress('state-values', cells.length, 'students')
  const records = cells.map(({ teacher, mean, method, size, seed }, i) => {
    const key = keyOf({ teacher: teacher.figures.name, method: method.name, size, seed })
    const known = found.get(key)
    const record = known ?? valueStudent(teacher, method, size, seed, mean, episodes)
    if (known === undefined) stored.append(record)
    progress.update(i + 1, key)
    return record
  })
  progress.finish(`${records.length} students`)
  return records
}

/** One row for each task, method and size. */
export function valuesTable(records: readonly ValueRecord[]): string {
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
