// `alambic train … --seeds 0-9`: one run for each seed, a table and a page with the learning curve over the seeds.

import { join } from 'node:path'
import { formatCount, formatDuration, formatFixed } from '../../plot/format.ts'
import { report } from '../../plot/report.ts'
import { seedCurves } from '../../plot/seed-curves.ts'
import { formatTable } from '../../plot/tables.ts'
import { RECENT } from '../runs/episodes.ts'
import { RESULTS, type RunConfig } from '../runs/run-folder.ts'
import { newDocument } from '../terminal/document.ts'
import { version } from '../terminal/version.ts'
import type { Job } from './child-runs.ts'
import type { GroupFlags } from './flags.ts'
import { runGroup, seedJobs } from './group.ts'
import { shellLine } from './shell.ts'
import { curveOf, formatInterval, type Summary, summaryOf } from './summary.ts'

export async function trainSeeds(name: string, config: RunConfig, seeds: readonly number[], flags: GroupFlags) {
  const jobs = seedJobs(join(flags.out, name), config, seeds, flags)
  await runGroup(name, jobs, flags, (done, folder) => {
    const summary = summaryOf(done)
    console.log(formatTable(head, rowsOf(summary)))
    if (folder === undefined) return
    const { seed: _, ...options } = config.options
    folder.writeJson(RESULTS, { version, ...config, options, ...summary })
    console.log(`Learning curve: ${folder.write('report.html', pageOf(config, done, summary))}`)
  })
}

const head = ['seed', 'steps', 'mean return', '95 % interval', 'time']

function rowsOf({ seeds, mean, interval, iqm, seconds }: Summary): string[][] {
  const time = (value: number) => formatDuration(1000 * value)
  return [
    ...seeds.map((each) => [
      String(each.seed),
      formatCount(each.steps),
      formatFixed(each.mean),
      '',
      time(each.seconds),
    ]),
    ['mean', '', formatFixed(mean), formatInterval(interval), time(seconds / seeds.length)],
    ...(iqm === null ? [] : [['IQM', '', formatFixed(iqm), '', '']]),
  ]
}

function pageOf({ algorithm, env, options }: RunConfig, jobs: readonly Job[], summary: Summary): string {
  const curves = { points: curveOf(jobs), band: 'with its 95 % interval', width: 760, height: 320 }
  return report({
    title: `${algorithm} learns ${env}`,
    lead: `${jobs.length} seeds, ${formatCount(Number(options.totalTimesteps))} environment steps each.`,
    facts: [
      { label: 'greedy mean return over seeds', value: formatFixed(summary.mean) },
      { label: '95 % interval', value: formatInterval(summary.interval) },
    ],
    sections: [
      {
        title: 'Learning curve',
        figure: `<div class="scroll" tabindex="0">${seedCurves(newDocument(), curves)}</div>`,
        howToRead: `The line is the mean over seeds of the return of the latest ${RECENT} training episodes, exploration included; the band is its 95 % bootstrap interval.`,
      },
      { title: 'Greedy returns', table: { head, rows: rowsOf(summary).map((cells) => ({ cells })) } },
    ],
    command: shellLine(process.argv.slice(2)),
  })
}
