// `alambic study teachers`: what find-teachers.ts does, as a command. Read next: find-teachers.ts.

import type { Command } from 'commander'
import { choiceOption, integerOption, outOption } from '../../../src/cli/options.ts'
import { OutputFolder } from '../../../src/cli/output-folder.ts'
import { formatTable } from '../../../src/cli/tables.ts'
import { formatCount, formatFixed } from '../../../src/plot/format.ts'
import { type StudyTask, studyTask, studyTasks } from '../tasks.ts'
import { findTeachers } from './find.ts'
import { TeacherFolder } from './folder.ts'
import { teacherRecipes } from './recipes.ts'

/** Where teachers lie unless said otherwise. */
export const TEACHERS = 'bench/teachers'

interface TeacherFlags {
  readonly task?: string
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
    .addOption(choiceOption('--task <name>', 'one task alone', names))
    .addOption(integerOption('--count <n>', 'teachers a task', { min: 1, max: 100 }).default(3))
    .addOption(
      integerOption('--seed <n>', 'of the first candidate; the next ones count up', { min: 0, max: 2 ** 31 }).default(
        1,
      ),
    )
    .addOption(integerOption('--candidates <n>', 'candidates to try at most', { min: 1, max: 1000 }).default(20))
    .addOption(outOption(TEACHERS))
    .action(async ({ task, count, seed, candidates, out }: TeacherFlags) => {
      OutputFolder.open(out) // what cannot be written is said before the work starts
      const folder = new TeacherFolder(out)
      const wanted = task === undefined ? studyTasks : [studyTask(task)]
      for (const each of wanted) {
        await findTeachers(each, teacherRecipes[each.name]!, folder, { count, firstSeed: seed, candidates })
      }
      console.log(teacherTable(wanted, folder, count))
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
