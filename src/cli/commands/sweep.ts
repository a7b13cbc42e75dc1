// `alambic sweep <algorithm>`: random search over options, each setting trained with several seeds. A table sorted by the mean return.

import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { count, wholeBetween } from '../../data/options.ts'
import { formatDuration, formatFixed } from '../../plot/format.ts'
import { formatTable } from '../../plot/tables.ts'
import type { Algorithm } from '../../rl/registry.ts'
import { addGroupFlags } from '../many/flags.ts'
import { runGroup, seedJobs } from '../many/group.ts'
import { drawTrials, type SearchSpace, varyOption } from '../many/search-space.ts'
import { shellLine } from '../many/shell.ts'
import { formatInterval, type Summary, summaryOf } from '../many/summary.ts'
import { knownAlgorithms } from '../runs/known-algorithms.ts'
import { RESULTS, type RunConfig } from '../runs/run-folder.ts'
import { UsageError } from '../terminal/failures.ts'
import { flagOf, nameOf, type Settings, settingsOf, valueOption } from '../terminal/options.ts'
import { version } from '../terminal/version.ts'
import { addTrainingFlags, configOf, requireNoSeed, type TrainFlags } from './train.ts'

interface SweepFlags extends TrainFlags {
  readonly trials: number
  readonly searchSeed: number
  readonly vary?: SearchSpace
}

type TrialResult = Summary & {
  readonly trial: number
  /** The varied options. */
  readonly settings: Settings
  /** The command line that trains the setting again. */
  readonly command: string
}

export function registerSweep(program: Command): void {
  const sweep = program
    .command('sweep')
    .description('search options of an algorithm at random; "alambic sweep ppo --help"')
  for (const algorithm of knownAlgorithms()) {
    const command = sweep.command(algorithm.name).description(algorithm.about)
    addTrainingFlags(command, algorithm, 'algorithm-environment-sweep')
      .addOption(varyOption(algorithm.options))
      .addOption(valueOption('--trials <n>', count(20, 'settings to draw')))
      .addOption(valueOption('--search-seed <n>', wholeBetween(0, 0, 0xffff_ffff, 'the seed of the settings')))
    addGroupFlags(command, 'trials').action((flags: SweepFlags) => runSweep(algorithm, flags))
  }
}

async function runSweep(algorithm: Algorithm, flags: SweepFlags): Promise<void> {
  const { vary = {}, trials: wanted, searchSeed, seeds = [0, 1, 2] } = flags
  const varied = Object.keys(vary)
  if (varied.length === 0)
    throw new UsageError('sweep: nothing to vary; give --vary, such as --vary learning-rate=1e-4:1e-2:log')
  requireNoSeed(algorithm, flags)
  const both = varied.find((name) => Object.hasOwn(settingsOf(algorithm, flags), name))
  if (both !== undefined) throw new UsageError(`sweep: ${flagOf(both)} is given a value and varied; do one of them`)
  const trials = drawTrials(vary, wanted, searchSeed)
  const configs = trials.map((settings) => configOf(algorithm, flags, settings))
  const name = nameOf(flags.name ?? `${algorithm.name}-${configs[0]!.env}-sweep`)
  const jobs = configs.flatMap((config, part) => {
    const own = seedJobs(join(flags.out, name, `trial-${part + 1}`), config, seeds, flags)
    return own.map((job) => ({ ...job, part, label: `trial ${part + 1}, ${job.label}` }))
  })
  await runGroup(name, jobs, flags, (done, folder) => {
    const results = trials.flatMap((settings, trial): TrialResult[] => {
      const own = done.filter(({ part }) => part === trial)
      if (own.length === 0) return []
      const command = commandOf(algorithm, configs[trial]!, seeds, flags)
      return [{ trial: trial + 1, settings, command, ...summaryOf(own) }]
    })
    results.sort((a, b) => b.mean - a.mean)
    print(results, varied)
    if (folder === undefined) return
    const { env, numEnvs } = configs[0]!
    folder.writeJson(RESULTS, { version, algorithm: algorithm.name, env, numEnvs, trials: results })
    console.log(`\nTable: ${folder.write('results.csv', csvOf(results, varied))}`)
  })
}

/** The command line that trains a setting again, with the options that differ from the defaults. */
function commandOf(
  algorithm: Algorithm,
  { env, numEnvs, options }: RunConfig,
  seeds: readonly number[],
  flags: SweepFlags,
) {
  const others = Object.entries(options).filter(
    ([name, value]) => name !== 'seed' && String(value) !== String(algorithm.options[name]!.value),
  )
  return shellLine([
    ...['train', algorithm.name, ...(flags.import ?? []).flatMap((each) => ['--import', relative('.', each)])],
    ...['--env', env, '--envs', String(numEnvs), '--seeds', seeds.join(',')],
    ...others.flatMap(([name, value]) => [flagOf(name), String(value)]),
  ])
}

function print(results: readonly TrialResult[], varied: readonly string[]): void {
  const rows = results.map(({ trial, settings, seeds, mean, interval, iqm, seconds }) => [
    ...[String(trial), formatFixed(mean), formatInterval(interval), formatFixed(iqm ?? Number.NaN)],
    ...[String(seeds.length), ...varied.map((name) => String(settings[name])), formatDuration(1000 * seconds)],
  ])
  const options = varied.map((name) => flagOf(name).slice(2))
  console.log(formatTable(['trial', 'mean return', '95 % interval', 'IQM', 'seeds', ...options, 'time'], rows))
  console.log('\nTo train a trial again:')
  for (const { trial, command } of results) console.log(`${trial}: ${command}`)
}

function csvOf(results: readonly TrialResult[], varied: readonly string[]): string {
  const rows = results.map(({ trial, mean, interval, iqm, seconds, settings, command }) => [
    ...[trial, mean, interval?.low ?? '', interval?.high ?? '', iqm ?? '', seconds],
    ...[...varied.map((name) => settings[name]), command],
  ])
  const head = ['trial', 'mean', 'low', 'high', 'iqm', 'seconds', ...varied, 'command']
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('')
}

/** A cell of a CSV file (RFC 4180). */
function cell(value: unknown): string {
  const text = String(value)
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
