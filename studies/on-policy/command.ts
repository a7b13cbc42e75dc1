// `alambic study on-policy`: distillation into students at play, four methods beside each other. Read next:
// ../../study/on-policy.ts for what is compared.

import type { Command } from 'commander'
import { drive } from '../../src/cli/interrupt.ts'
import { choiceOption, integerOption, outOption } from '../../src/cli/options.ts'
import { OutputFolder } from '../../src/cli/output-folder.ts'
import { startProgress } from '../../src/cli/progress.ts'
import { formatTable } from '../../src/cli/tables.ts'
import { formatFixed } from '../../src/plot/format.ts'
import { bootstrapInterval, meanOf } from '../../src/rl/statistics.ts'
import { Rng } from '../../src/tensor/random.ts'
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
  readonly task?: string
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
      choiceOption(
        '--task <name>',
        'one task alone',
        onPolicyTasks.map(({ name }) => name),
      ),
    )
    .addOption(integerOption('--seeds <n>', 'students a teacher and method', { min: 1, max: 1000 }).default(10))
    .addOption(integerOption('--teachers <n>', 'teachers of each kind a task', { min: 1, max: 100 }).default(3))
    .addOption(outOption('runs/on-policy'))
    .action(async ({ task, seeds, teachers, out }: OnPolicyFlags) => {
      const folder = OutputFolder.open(out)
      const records = await measure(
        onPolicyTasks.filter(({ name }) => task === undefined || name === task),
        seeds,
        teachers,
      )
      const file = folder.write('on-policy.json', `${JSON.stringify(records, undefined, 1)}\n`)
      console.log(onPolicyTable(records))
      console.log(`\nscores after a quarter and after all of the steps, mean and 95 % interval; ${file}`)
    })
}

async function measure(tasks: typeof onPolicyTasks, seeds: number, teachers: number): Promise<OnPolicyRecord[]> {
  const records: OnPolicyRecord[] = []
  const total = tasks.length * teacherKinds.length * teachers * onPolicyMethods.length * seeds
  const progress = startProgress('on-policy', total, 'students')
  for (const task of tasks) {
    for (const kind of teacherKinds) {
      for (let teacherSeed = 1; teacherSeed <= teachers; teacherSeed++) {
        const teacher = await drive(onPolicyTeacher(task, kind, teacherSeed))
        const teacherScore = scoreOf(task, teacher.mean)
        for (const method of onPolicyMethods) {
          for (let seed = 0; seed < seeds; seed++) {
            const { scores } = await drive(onPolicyStudent(task, method, teacher, 1000 * teacherSeed + seed))
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

/** A line for each task, kind of teacher and method. */
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
