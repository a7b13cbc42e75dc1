// `npm run study -- offline`: teachers from a log of 100,000 steps, and their students. Read next: run.ts.

import { join } from 'node:path'
import { formatFixed, formatTable } from 'alambic/plot'
import type { Command } from 'commander'
import { openFolder, writeWhole } from '../lib/files.ts'
import { outOption, wholeNumberOption } from '../lib/options.ts'
import { startProgress } from '../lib/progress.ts'
import { type Method, measure, methods, type Result, type TaskId, tasks } from './run.ts'

export function registerOffline(study: Command): void {
  study
    .command('offline')
    .description('teachers trained from a log without an environment, and students of a hundred of their labels')
    .addOption(
      wholeNumberOption('--seeds', 'logs, each with a teacher and a student of each method', [1, 100]).default(3),
    )
    .addOption(outOption('runs/offline'))
    .action(({ seeds, out }: { readonly seeds: number; readonly out: string }) => {
      openFolder(out)
      const names = Object.keys(methods) as Method[]
      const cells = (Object.keys(tasks) as TaskId[]).flatMap((task) =>
        names.flatMap((method) => Array.from({ length: seeds }, (_, i) => ({ task, method, seed: i + 1 }))),
      )
      const progress = startProgress('offline', cells.length, 'teachers')
      const results: Result[] = []
      for (const { task, method, seed } of cells) {
        results.push(measure(task, method, seed))
        progress.update(results.length, `${method} on ${task}`)
        const columns = Object.keys(results[0]!)
        const lines = results.map((each) => Object.values(each).join())
        writeWhole(join(out, 'offline.csv'), `${[columns.join(), ...lines].join('\n')}\n`)
      }
      progress.finish(`${cells.length} teachers`)
      const shown = (value: unknown) => (typeof value === 'number' ? formatFixed(value, 2) : String(value))
      console.log(
        formatTable(
          Object.keys(results[0]!),
          results.map((each) => Object.values(each).map(shown)),
        ),
      )
    })
}
