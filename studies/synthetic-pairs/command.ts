// `npm run study -- synthetic-pairs`: searches for four pairs that carry CartPole. Read next: search.ts.

import { join } from 'node:path'
import { formatCount, formatFixed, formatTable } from 'alambic/plot'
import type { Command } from 'commander'
import { openFolder, writeWhole } from '../lib/files.ts'
import { outOption, wholeNumberOption } from '../lib/options.ts'
import { startProgress } from '../lib/progress.ts'
import { stopwatch } from '../lib/stopwatch.ts'
import { GENERATIONS, searchPairs } from './search.ts'

export function registerSyntheticPairs(study: Command): void {
  study
    .command('synthetic-pairs')
    .description('four synthetic states with preferences, from which fresh students learn CartPole')
    .addOption(wholeNumberOption('--searches', 'searches, each with a seed of its own', [1, 1000]).default(6))
    .addOption(outOption('runs/synthetic-pairs'))
    .action(({ searches, out }: { readonly searches: number; readonly out: string }) => {
      openFolder(out)
      const progress = startProgress('synthetic-pairs', searches * GENERATIONS, 'generations')
      const results = Array.from({ length: searches }, (_, seed) => {
        const elapsed = stopwatch()
        const search = searchPairs(seed)
        let next = search.next()
        for (; next.done !== true; next = search.next()) {
          const [generation, best] = next.value
          progress.update(seed * GENERATIONS + generation, `search ${seed}, best ${formatFixed(best)}`)
        }
        return { ...next.value, cpuSeconds: elapsed().cpuSeconds }
      })
      progress.finish(`${searches} searches`)
      const rows = results.map(({ seed, mean, returns, environmentSteps, updates, cpuSeconds }) => [
        ...[String(seed), formatFixed(mean), formatFixed(Math.min(...returns))],
        ...[environmentSteps, updates].map(formatCount),
        formatFixed(cpuSeconds),
      ])
      const head = ['search', 'mean return', 'worst student', 'environment steps', 'updates', 'CPU, s']
      console.log(formatTable(head, rows))
      const lines = results.map(({ seed, mean, returns, environmentSteps, updates, pairs, cpuSeconds }) =>
        [
          ...[seed, mean, Math.min(...returns), environmentSteps, updates, cpuSeconds.toFixed(1)],
          pairs.map((row) => row.map((each) => each.toPrecision(4)).join(' ')).join('; '),
        ].join(),
      )
      const columns = 'seed,mean,worst,environmentSteps,updates,cpuSeconds,pairs'
      console.log(writeWhole(join(out, 'synthetic-pairs.csv'), `${[columns, ...lines].join('\n')}\n`))
    })
}
