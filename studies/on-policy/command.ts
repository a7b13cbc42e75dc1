// `npm run study -- on-policy`: four methods of on-policy distillation side by side. Read next: students.ts for what is compared.

import { join } from 'node:path'
import { formatFixed, formatTable } from 'alambic/plot'
import { bootstrapInterval, finish, meanOf } from 'alambic/rl'
import { Rng } from 'alambic/tensor'
import type { Command } from 'commander'
import { openFolder, writeWhole } from '../lib/files.ts'
import { namesOption, outOption, wholeNumberOption } from '../lib/options.ts'
import { startProgress } from '../lib/progress.ts'
import {
  type OnPolicyMethod,
  onPolicyMethods,
  onPolicyStudent,
  onPolicyTasks,
  onPolicyTeacher,
  scoreOf,
  type TeacherKind,
  teacherKinds,
} from './students.ts'

interface OnPolicyFlags {
  readonly task?: readonly string[]
  readonly seeds: number
  readonly teachers: number
  readonly out: string
}

interface OnPolicyRecord {
  readonly task: string
  readonly teacher: TeacherKind
  readonly teacherSeed: number
  readonly teacherScore: number
  readonly method: OnPolicyMethod
  readonly seed: number
  readonly scores: readonly number[]
}

export function registerOnPolicy(study: Command): void {
  study
    .command('on-policy')
    .description('proximal policy distillation beside student-driven distillation, kickstarting and no teacher')
    .addOption(
      namesOption(
        '--task',
        'these tasks alone',
        onPolicyTasks.map(({ name }) => name),
      ),
    )
    .addOption(wholeNumberOption('--seeds', 'students per teacher and method', [1, 1000]).default(10))
    .addOption(wholeNumberOption('--teachers', 'teachers of each kind per task', [1, 100]).default(3))
    .addOption(outOption('runs/on-policy'))
    .action(({ task, seeds, teachers, out }: OnPolicyFlags) => {
      openFolder(out)
      const records = measure(
        onPolicyTasks.filter(({ name }) => task?.includes(name) ?? true),
        seeds,
        teachers,
      )
      const file = writeWhole(join(out, 'on-policy.json'), `${JSON.stringify(records, undefined, 1)}\n`)
      console.log(onPolicyTable(records))
      console.log(`\nscores after a quarter and after all of the steps, mean and 95 % interval; ${file}`)
    })
}

function measure(tasks: typeof onPolicyTasks, seeds: number, teachers: number): OnPolicyRecord[] {
  const records: OnPolicyRecord[] = []
  const total = tasks.length * teacherKinds.length * teachers * onPolicyMethods.length * seeds
  const progress = startProgress('on-policy', total, 'students')
  for (const task of tasks) {
    for (const kind of teacherKinds) {
      for (let teacherSeed = 1; teacherSeed <= teachers; teacherSeed++) {
        const teacher = finish(onPolicyTeacher(task, kind, teacherSeed))
        const teacherScore = scoreOf(task, teacher.mean)
        for (const method of onPolicyMethods) {
          for (let seed = 0; seed < seeds; seed++) {
            const { scores } = finish(onPolicyStudent(task, method, teacher, 1000 * teacherSeed + seed))
            records.push({ task: task.name, teacher: kind, teacherSeed, teacherScore, method, seed, scores })
            progress.update(records.length, `${task.name}, ${kind} teacher, ${method}`)
          }
        }
      }
    }
  }
  progress.finish(`${total} students`)
  return records
}

/** One row for each task, kind of teacher and method. */
export function onPolicyTable(records: readonly OnPolicyRecord[]): string {
  const rows: string[][] = []
  const keys = new Set(records.map(({ task, teacher, method }) => [task, teacher, method].join('/')))
  for (const key of keys) {
    const own = records.filter(({ task, teacher, method }) => [task, teacher, method].join('/') === key)
    const { task, teacher, method } = own[0]!
    rows.push([
      task,
      teacher,
      formatFixed(meanOf(own.map(({ teacherScore }) => teacherScore)), 2),
      method,
      withInterval(own.map(({ scores }) => scores[0]!)),
      withInterval(own.map(({ scores }) => scores.at(-1)!)),
    ])
  }
  return formatTable(['task', 'teacher', 'its score', 'method', 'a quarter', 'all steps'], rows)
}

function withInterval(scores: readonly number[]): string {
  const { low, high } = bootstrapInterval(scores, new Rng(0))
  return `${formatFixed(meanOf(scores), 2)} [${formatFixed(low, 2)}, ${formatFixed(high, 2)}]`
}
