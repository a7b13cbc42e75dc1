// A group of runs: one folder with a run folder for each setting and seed. Runs all of them or a part, after a check that they have the
// settings of the command line and one version. Read next: child-runs.ts, summary.ts.

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { AlambicError, listed } from '../../tensor/errors.ts'
import { type RunConfig, RunFolder } from '../runs/run-folder.ts'
import { keptModules } from '../runs/user-modules.ts'
import { UsageError } from '../terminal/failures.ts'
import { namesIn, OutputFolder } from '../terminal/output-folder.ts'
import { version } from '../terminal/version.ts'
import { finishJobs, isFinished, type Job } from './child-runs.ts'
import { type GroupFlags, shardOfCluster } from './flags.ts'
import { shellLine } from './shell.ts'

/** A setting with each seed, in folders below `folder`. */
export function seedJobs(folder: string, config: RunConfig, seeds: readonly number[], flags: GroupFlags): Job[] {
  return seeds.map((seed, part) => {
    const path = join(folder, `seed-${seed}`)
    const options = { ...config.options, seed }
    return { label: `seed ${seed}`, part, path, config: { ...config, options, ...keptModules(path, flags.import) } }
  })
}

/**
 * Finishes the jobs of a group, or reads them for `--merge`, then calls `show` with those that are done. `folder` is undefined for a part,
 * which leaves the results to `--merge`. Throws an AlambicError that names the jobs that failed.
 */
export async function runGroup(
  name: string,
  jobs: readonly Job[],
  flags: GroupFlags,
  show: (done: readonly Job[], folder: OutputFolder | undefined) => void,
): Promise<void> {
  const { merge = false, jobs: width = availableParallelism(), checkpointSeconds } = flags
  const { index, count } = flags.shard ?? (merge ? { index: 1, count: 1 } : shardOfCluster())
  const path = join(flags.out, name)
  const own = jobs.filter(({ part }) => part % count === index - 1)
  requireGroup(path)
  requireSame(own)
  if (merge) requireFinished(path, own)
  const body = async (folder?: OutputFolder) => {
    console.log(`${count === 1 ? '' : `part ${index} of ${count}: `}${own.length} runs → ${path}`)
    const failures = await finishJobs(name, own, width, checkpointSeconds)
    const done = own.filter((job) => !failures.has(job))
    if (done.length > 0) show(done, folder)
    if (count > 1) console.log('When all parts are done, give the command --merge instead of --shard.')
    if (failures.size === 0) return
    const each = [...failures].map(([{ label }, reason]) => `${label} failed: ${reason}`)
    throw new AlambicError(`${each.join('; ')}. Try again with: ${shellLine(process.argv.slice(2))}`)
  }
  if (count > 1) return body()
  const folder = OutputFolder.open(path)
  await folder.locked(() => body(folder))
}

const OWN = /^(seed-\d+|trial-\d+|results\.json|results\.csv|report\.html)$/

function requireGroup(path: string): void {
  const others = namesIn(path).filter((name) => !OWN.test(name))
  if (others.length === 0) return
  throw new UsageError(
    `the folder "${path}" holds other files already: ${listed(others)}; choose another --name or --out`,
  )
}

function requireFinished(path: string, jobs: readonly Job[]): void {
  const missing = jobs.filter((job) => !isFinished(job)).map(({ label }) => label)
  if (missing.length === 0) return
  const hint = 'run their part again, or copy its folders there'
  throw new UsageError(`--merge: "${path}" lacks the finished runs of ${listed(missing)}; ${hint}`)
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
    if (!isFinished(job)) versions.set(version, 'this command')
  }
  if (versions.size <= 1) return
  const each = [...versions].map(([number, path]) => `${path}: ${String(number)}`).join(', ')
  throw new UsageError(`the runs are of different versions of alambic (${each}); train all of them with one version`)
}

function settingsOf({ algorithm, env, numEnvs, options }: RunConfig): Readonly<Record<string, unknown>> {
  return { algorithm, env, envs: numEnvs, ...options }
}
