// `alambic demo`: the main job, end to end. studies/demo does the work and is loaded only when the command is called.

import type { Command } from 'commander'
import type { DemoResult } from '../../../studies/demo/index.ts'
import { saveLabelledSet } from '../../distill/set-files.ts'
import { saveParameters } from '../../nn/checkpoint.ts'
import { formatDuration } from '../../plot/format.ts'
import { formatTable } from '../../plot/tables.ts'
import { drive } from '../interrupt.ts'
import { outOption, seedOption } from '../options.ts'
import { OutputFolder } from '../output-folder.ts'
import { type Progress, startProgress } from '../progress.ts'
import { outputsOf, writeStudent } from '../student-folder.ts'

const ENV_ID = 'CartPole-v1'

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description(`train a ${ENV_ID} teacher, label 200 states, distil students, show the result`)
    .addOption(seedOption())
    .addOption(outOption('runs/demo'))
    .action(async ({ seed, out }: { seed: number; out: string }) => {
      const folder = OutputFolder.open(out)
      const { runDemo, resultTable, demoNumbers, demoReport } = await import('../../../studies/demo/index.ts')
      const started = performance.now()
      const timings: Record<string, number> = {}
      let progress: Progress | undefined
      let stageStarted = started
      const result = await drive(runDemo(seed), ({ stage, done, total, unit, note, ended }) => {
        progress ??= startProgress(stage, total, unit)
        progress.update(done, note)
        if (ended !== true) return
        progress.finish()
        progress = undefined
        timings[stage] = performance.now() - stageStarted
        stageStarted = performance.now()
      })
      const { head, rows } = resultTable(result)
      console.log(
        formatTable(
          head,
          rows.map(({ cells }) => cells),
        ),
      )
      writeNetworks(folder, result)
      folder.writeJson('results.json', demoNumbers(result))
      const page = folder.write('report.html', demoReport(result)) // last: the page marks the folder as complete
      timings.total = performance.now() - started
      folder.writeJson('timings.json', timings)
      console.log(`\nReport: ${page} (all of it took ${formatDuration(timings.total)})`)
    })
}

/** Writes the teacher, the labelled set, every student, and the first student in the form that `alambic export` reads. */
function writeNetworks(folder: OutputFolder, { seed, teacher, methods, set }: DemoResult): void {
  folder.write(
    'teacher.safetensors',
    saveParameters(teacher.agent, { environment: ENV_ID, role: 'teacher', outputs: 'actionValues' }),
  )
  for (const { file, trained, name, settings } of methods) {
    trained.forEach(({ network, student }, i) => {
      const about = { environment: ENV_ID, role: name, outputs: outputsOf(student), settings: JSON.stringify(settings) }
      folder.write(`students/${file}-${i + 1}.safetensors`, saveParameters(network, about))
    })
  }
  const [first] = methods
  const about = { env: ENV_ID, seed, target: first!.target, settings: first!.settings }
  writeStudent(folder, 'student', first!.trained[0]!.student, about)
  folder.write('labelled-set.safetensors', saveLabelledSet(set))
}
