// `alambic train … --seeds 0-9 --jobs 4`: one run per seed, each in a process of its own; a table and a page over the seeds.
// Statistics: Agarwal et al. 2021, arXiv:2108.13264. Read next: child-runs.ts.

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { wholeBetween } from '../../data/options.ts'
import { bootstrapInterval, meanOf } from '../../data/statistics.ts'
import { seedCurves } from '../../plot/curves.ts'
import { formatCount, formatDuration, formatFixed, formatTable } from '../../plot/format.ts'
import { report } from '../../plot/report.ts'
import { AlambicError, listed } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'
import { EVALUATION, REPORT, RESULTS, type RunConfig, RunFolder, version } from '../runs/run-folder.ts'
import { METRICS } from '../runs/run-log.ts'
import { keptModules } from '../runs/user-modules.ts'
import { newDocument } from '../terminal/document.ts'
import { UsageError } from '../terminal/failures.ts'
import { type RunFlags, valueOption } from '../terminal/options.ts'
import { namesIn, OutputFolder } from '../terminal/output-folder.ts'
import { finishJobs, type Job, shellLine, sumOf, timingsOf } from './child-runs.ts'
import { formatInterval, RECENT, readEpisodes, readJson, recentMean } from './report.ts'

export interface SeedFlags extends RunFlags {
  readonly seeds?: readonly number[]
  readonly jobs?: number
}

export function addSeedFlags(command: Command): Command {
  const jobs = wholeBetween(1, 1, 1024, 'runs at a time with --seeds, each in a process (default: one per core)')
  return command
    .addOption(new Option('--seeds <list>', 'train once per seed, such as 0-9 or 1,4,7').argParser(parseSeeds))
    .addOption(valueOption('--jobs <n>', jobs).default(undefined))
}

const MAX_SEED = 0xffff_ffff
const MAX_SEEDS = 10_000

/** `0-9`, `1,4,7` or `0-4,10`: seeds in ascending order. Throws a UsageError on anything else, repeated seeds included. */
export function parseSeeds(text: string): number[] {
  const seeds = text.split(',').flatMap((part) => {
    const [, from, to = from] = /^\s*(\d{1,10})(?:-(\d{1,10}))?\s*$/.exec(part) ?? []
    const [first, last] = [Number(from), Number(to)]
    if (first <= last && last <= MAX_SEED && last - first < MAX_SEEDS) {
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    }
    const expected = `seeds from 0 to ${MAX_SEED} and ascending ranges, such as 0-9 or 1,4,7`
    throw new UsageError(`--seeds: expected ${expected}, at most ${MAX_SEEDS}, given "${text}"`)
  })
  seeds.sort((a, b) => a - b)
  const twice = seeds.find((seed, i) => seed === seeds[i + 1])
  if (twice !== undefined) throw new UsageError(`--seeds: ${twice} is given twice in "${text}"; give it once`)
  return seeds
}

/** Trains and evaluates each seed in `<out>/<name>/seed-N`. Throws an AlambicError that names the seeds that failed. */
export async function trainSeeds(name: string, config: RunConfig, seeds: readonly number[], flags: SeedFlags) {
  const path = join(flags.out, name)
  const jobs = seeds.map((seed): Job => {
    const own = join(path, `seed-${seed}`)
    return {
      seed,
      path: own,
      config: { ...config, options: { ...config.options, seed }, ...keptModules(own, flags.import) },
    }
  })
  requireSeeds(path)
  requireSame(jobs)
  const folder = OutputFolder.open(path)
  await folder.locked(async () => {
    console.log(`${jobs.length} runs → ${path}`)
    const failures = await finishJobs(name, jobs, flags.jobs ?? availableParallelism(), flags.checkpointSeconds)
    const done = jobs.filter((job) => !failures.has(job))
    if (done.length > 0) writeResults(folder, config, done)
    if (failures.size === 0) return
    const each = [...failures].map(([{ seed }, reason]) => `seed ${seed} failed: ${reason}`)
    throw new AlambicError(`${each.join('; ')}. Try again with: ${shellLine(process.argv.slice(2))}`)
  })
}

const OWN = /^(seed-\d+|results\.json|report\.html)$/

function requireSeeds(path: string): void {
  const others = namesIn(path).filter((name) => !OWN.test(name))
  if (others.length === 0) return
  throw new UsageError(
    `the folder "${path}" holds other files already: ${listed(others)}; choose another --name or --out`,
  )
}

/** Throws a UsageError unless the runs that exist have the planned settings and one version: this one, if a run is to be continued. */
function requireSame(jobs: readonly Job[]): void {
  const versions = new Map<unknown, string>()
  for (const job of jobs.filter(({ path }) => namesIn(path).length > 0)) {
    const { config } = RunFolder.open(job.path)
    const [found, planned] = [settingsOf(config), settingsOf(job.config)]
    const other = Object.keys({ ...found, ...planned }).find((name) => String(found[name]) !== String(planned[name]))
    if (other !== undefined) {
      const both = `has ${other}=${String(found[other])}, the command line ${other}=${String(planned[other])}`
      throw new UsageError(`the run "${job.path}" ${both}; give the same settings, or choose another --name`)
    }
    versions.set(config.version, job.path)
    if (!timingsOf(job).finished) versions.set(version, 'this command')
  }
  if (versions.size <= 1) return
  const each = [...versions].map(([number, path]) => `${path}: ${String(number)}`).join(', ')
  throw new UsageError(`the runs are of different versions of alambic (${each}); train all of them with one version`)
}

function settingsOf({ algorithm, env, numEnvs, options }: RunConfig): Readonly<Record<string, unknown>> {
  return { algorithm, env, envs: numEnvs, ...options }
}

function writeResults(folder: OutputFolder, config: RunConfig, jobs: readonly Job[]): void {
  const seeds = jobs.map((job) => {
    const { mean } = readJson<{ mean: number }>(job.path, EVALUATION)!
    const lastReport = readFileSync(join(job.path, METRICS), 'utf8').trimEnd().split('\n').at(-1)!
    return { seed: job.seed, steps: Number(JSON.parse(lastReport).step), mean, seconds: timingsOf(job).seconds }
  })
  const statistics = statisticsOf(seeds.map(({ mean }) => mean))
  const { mean, interval, iqm } = statistics
  const seconds = sumOf(seeds.map((each) => each.seconds))
  const time = (value: number) => formatDuration(1000 * value)
  const head = ['seed', 'steps', 'mean return', '95 % interval', 'time']
  const rows = [
    ...seeds.map((each) => [`${each.seed}`, formatCount(each.steps), formatFixed(each.mean), '', time(each.seconds)]),
    ['mean', '', formatFixed(mean), formatInterval(interval), time(seconds / seeds.length)],
    ...(iqm === null ? [] : [['IQM', '', formatFixed(iqm), '', '']]),
  ]
  console.log(formatTable(head, rows))
  const { seed: _, ...options } = config.options
  folder.writeJson(RESULTS, { version, ...config, options, ...statistics, seconds, seeds })
  const curves = { points: curveOf(jobs), band: 'with its 95 % interval', width: 760, height: 320 }
  const page = report({
    title: `${config.algorithm} learns ${config.env}`,
    lead: `${jobs.length} seeds, ${formatCount(Number(options.totalTimesteps))} environment steps each.`,
    facts: [
      { label: 'greedy mean return over seeds', value: formatFixed(mean) },
      { label: '95 % interval', value: formatInterval(interval) },
    ],
    sections: [
      {
        title: 'Learning curve',
        figure: `<div class="scroll" tabindex="0">${seedCurves(newDocument(), curves)}</div>`,
        howToRead: `The line is the mean over seeds of the return of the latest ${RECENT} training episodes, exploration included; the band is its 95 % bootstrap interval.`,
      },
      { title: 'Greedy returns', table: { head, rows: rows.map((cells) => ({ cells })) } },
    ],
    command: shellLine(process.argv.slice(2)),
  })
  console.log(`Report: ${folder.write(REPORT, page)}`)
}

/**
 * The mean of the seeds' greedy returns; its 95 % interval, null for one seed; the interquartile mean (the mean of the middle half),
 * null for fewer than four.
 */
export function statisticsOf(means: readonly number[]) {
  const sorted = Float64Array.from(means).sort()
  const cut = Math.floor(sorted.length / 4)
  return {
    mean: meanOf(means),
    interval: means.length === 1 ? null : bootstrapInterval(means, new Rng(0)),
    iqm: means.length < 4 ? null : meanOf(sorted.subarray(cut, sorted.length - cut)),
  }
}

const POINTS = 50

/** The learning curve over seeds: mean and 95 % interval of the latest episodes' mean returns, from where every seed has ended one. */
function curveOf(jobs: readonly Job[]) {
  const runs = jobs.map(({ path }) => readEpisodes(RunFolder.open(path)))
  const total = Number(jobs[0]!.config.options.totalTimesteps)
  return Array.from({ length: POINTS }, (_, i) => Math.round((total * (i + 1)) / POINTS)).flatMap((step) => {
    const values = runs.map(({ steps, returns }) => recentMean(returns.filter((_, episode) => steps[episode]! <= step)))
    if (values.some(Number.isNaN)) return []
    return [{ step, mean: meanOf(values), ...bootstrapInterval(values, new Rng(0)) }]
  })
}
