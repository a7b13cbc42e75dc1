// `npm run study -- teachers`: trains the teachers of the small-data study. Read next: find.ts.

import { formatCount, formatFixed, formatTable } from 'alambic/plot'
import type { Command } from 'commander'
import { openFolder } from '../../lib/files.ts'
import { namesOption, outOption, wholeNumberOption } from '../../lib/options.ts'
import { type StudyTask, studyTasks } from '../tasks.ts'
import { findTeachers } from './find.ts'
import { TeacherFolder } from './folder.ts'
import { teacherRecipes } from './recipes.ts'

/** The default folder of teachers. */
export const TEACHERS = 'bench/teachers'

interface TeacherFlags {
  readonly task?: readonly string[]
  readonly count: number
  readonly seed: number
  readonly candidates: number
  readonly out: string
}

export function registerTeachers(study: Command): void {
  const names = studyTasks.map(({ name }) => name)
  study
    .command('teachers')
    .description('train candidates until enough of them are good enough to teach')
    .addOption(namesOption('--task', 'these tasks alone', names))
    .addOption(wholeNumberOption('--count', 'teachers per task', [1, 100]).default(3))
    .addOption(
      wholeNumberOption('--seed', 'seed of the first candidate; the next ones count up', [0, 2 ** 31]).default(1),
    )
    .addOption(wholeNumberOption('--candidates', 'candidates to try at most', [1, 1000]).default(20))
    .addOption(outOption(TEACHERS))
    .action(({ task, count, seed, candidates, out }: TeacherFlags) => {
      openFolder(out)
      const folder = new TeacherFolder(out)
      const tasks = studyTasks.filter(({ name }) => task?.includes(name) ?? true)
      for (const each of tasks) {
        findTeachers(each, teacherRecipes[each.name]!, folder, { count, firstSeed: seed, candidates })
      }
      console.log(teacherTable(tasks, folder, count))
    })
}

function teacherTable(tasks: readonly StudyTask[], folder: TeacherFolder, count: number): string {
  const rows = tasks.flatMap((task) =>
    Array.from({ length: count }, (_, i) => {
      const { figures } = folder.read(task, i + 1)
      const { evaluation, threshold, steps, seed, algorithm } = figures
      const tried = folder.candidates(task).read().length
      return [
        `${task.name}-${i + 1}`,
        algorithm,
        String(seed),
        formatCount(steps),
        formatFixed(evaluation.mean),
        formatFixed(threshold, 0),
        formatCount(tried),
      ]
    }),
  )
  return formatTable(['teacher', 'algorithm', 'seed', 'env steps', 'mean return', 'threshold', 'candidates'], rows)
}
