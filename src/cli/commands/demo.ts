// `alambic demo`: trains a teacher, labels a few states and distils students. Loads studies/demo when it is called.

import type { Command } from 'commander'
import type { DemoResult } from '../../../studies/demo/index.ts'
import { saveDataset } from '../../distill/dataset/dataset-files.ts'
import { saveAgent } from '../../export/agent-file.ts'
import { formatDuration, formatTable } from '../../plot/format.ts'
import { DATASET, RESULTS, requireOwn, writeStudent } from '../runs/run-folder.ts'
import { drive } from '../terminal/interrupt.ts'
import { seedOption } from '../terminal/options.ts'
import { OutputFolder } from '../terminal/output-folder.ts'
import { type Progress, startProgress } from '../terminal/progress.ts'

const ENV_ID = 'Acrobot-v1'

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description(`train a ${ENV_ID} teacher, label 20 states for each student, show what the labels are worth`)
    .addOption(seedOption())
    .option('--out <folder>', 'the folder to write into', 'runs/demo')
    .action(async ({ seed, out }: { seed: number; out: string }) => {
      requireOwn(out, ['teacher.safetensors', 'report.html', 'timings.json'])
      const folder = OutputFolder.open(out)
      const { runDemo, resultTable, demoNumbers, demoReport } = await import('../../../studies/demo/index.ts')
      const started = performance.now()
      const timings: Record<string, number> = {}
      let progress: Progress | undefined
      let stageStarted = started
      const result = await drive(runDemo(seed), ({ stage, done, total, unit, note, ended }) => {
        progress ??= startProgress(stage, total, unit, stage === 'teacher') // which ends when it is good enough
        progress.update(done, note)
        if (ended !== true) return
        progress.finish()
        progress = undefined
        timings[stage] = performance.now() - stageStarted
        stageStarted = performance.now()
      })
      const { head, rows } = resultTable(result)
      const cells = rows.map((row) => row.cells)
      console.log(formatTable(head, cells))
      writeNetworks(folder, result)
      folder.writeJson(RESULTS, demoNumbers(result))
      const page = folder.write('report.html', demoReport(result)) // last: the page marks the folder as complete
      timings.total = performance.now() - started
      folder.writeJson('timings.json', timings)
      console.log(`\nReport: ${page} (all of it took ${formatDuration(timings.total)})`)
    })
}

/** Writes the teacher, every student, and the first with its labels as a folder that other commands take. */
function writeNetworks(folder: OutputFolder, { teacher, methods }: DemoResult): void {
  folder.write('teacher.safetensors', saveAgent(teacher.agent, { environment: ENV_ID, role: 'teacher' }))
  for (const { file, trained, name } of methods) {
    trained.forEach(({ student }, i) => {
      const bytes = saveAgent(student, { environment: ENV_ID, role: name })
      folder.write(`students/${file}-${i + 1}.safetensors`, bytes)
    })
  }
  const { student, dataset } = methods[0]!.trained[0]!
  writeStudent(folder, 'student', student, ENV_ID)
  folder.write(DATASET, saveDataset(dataset))
}
