// `alambic demo`: the main job, end to end. demo/run.ts does the work, demo/report.ts the page.

import type { Command } from 'commander'
import { softTargets } from '../../../studies/demo/pictures.ts'
import { ENV_ID, LABELS } from '../../../studies/demo/plan.ts'
import { demoReport, resultTable } from '../../../studies/demo/report.ts'
import { type DemoResult, runDemo, type Watcher } from '../../../studies/demo/run.ts'
import { saveLabelledSet } from '../../distill/set-files.ts'
import { saveParameters } from '../../nn/checkpoint.ts'
import { formatDuration } from '../../plot/format.ts'
import { outOption, seedOption } from '../options.ts'
import { OutputFolder } from '../output-folder.ts'
import { type Progress, startProgress } from '../progress.ts'
import { outputsOf, writeStudent } from '../student-folder.ts'
import { formatTable } from '../tables.ts'

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description(`train a ${ENV_ID} teacher, label ${LABELS} states, distil students, show the result`)
    .addOption(seedOption())
    .addOption(outOption('runs/demo'))
    .action(async ({ seed, out }: { seed: number; out: string }) => {
      const folder = OutputFolder.open(out)
      const started = performance.now()
      const timings: Record<string, number> = {}
      const result = await runDemo(seed, watcher(timings))
      const { head, rows } = resultTable(result)
      console.log(
        formatTable(
          head,
          rows.map(({ cells }) => cells),
        ),
      )
      const page = writeAll(folder, result)
      timings.total = performance.now() - started
      folder.writeJson('timings.json', timings)
      console.log(`\nReport: ${page} (all of it took ${formatDuration(timings.total)})`)
    })
}

function watcher(timings: Record<string, number>): Watcher {
  let progress: Progress | undefined
  let piece = ''
  let started = 0
  return {
    start(title, total, unit) {
      piece = title
      started = performance.now()
      progress = startProgress(title, total, unit)
    },
    update: (done, note) => progress?.update(done, note),
    finish(note) {
      progress?.finish(note)
      timings[piece] = performance.now() - started
    },
  }
}

/** Networks, labelled set, numbers and page; the page last, since it stands for all of them. Gives the page's path. */
function writeAll(folder: OutputFolder, result: DemoResult): string {
  folder.write(
    'teacher.safetensors',
    saveParameters(result.teacher.agent, { environment: ENV_ID, role: 'teacher', outputs: 'actionValues' }),
  )
  for (const { file, trained, name, settings } of result.methods) {
    trained.forEach(({ network, student }, i) => {
      const about = { environment: ENV_ID, role: name, outputs: outputsOf(student), settings: JSON.stringify(settings) }
      folder.write(`students/${file}-${i + 1}.safetensors`, saveParameters(network, about))
    })
  }
  const [first] = result.methods
  const about = { env: ENV_ID, seed: result.seed, target: first!.target, settings: first!.settings }
  writeStudent(folder, 'student', first!.trained[0]!.student, about) // the one to take away: `alambic export`
  folder.write('labelled-set.safetensors', saveLabelledSet(result.set))
  folder.writeJson('results.json', numbersOf(result))
  return folder.write('report.html', demoReport(result))
}

/** Every number behind the report. */
function numbersOf({ seed, teacher, random, set, methods }: DemoResult) {
  const { agent: _agent, ...teacherNumbers } = teacher
  return {
    environment: ENV_ID,
    seed,
    teacher: teacherNumbers,
    random,
    labelledSet: set,
    temperatures: softTargets(set),
    methods: methods.map(({ trained, ...numbers }) => ({
      ...numbers,
      networks: trained.map(({ loss, evaluation }) => ({ loss, evaluation })),
    })),
  }
}
