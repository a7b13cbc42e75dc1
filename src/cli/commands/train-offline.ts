// `alambic train cql --dataset log.csv`: learns from a log of episodes in a run folder. Read next: ../../rl/algorithms/offline.ts, ../runs.ts.

import { basename, extname, join, relative } from 'node:path'
import type { Command } from 'commander'
import { formatCount } from '../../plot/format.ts'
import { learnOffline, type OfflineAlgorithm, type OfflineReport } from '../../rl/algorithms/offline.ts'
import { logFromCsv } from '../../rl/episode-log-csv.ts'
import { readOptions } from '../../rl/options.ts'
import { readBytes } from '../agent-files.ts'
import { UsageError } from '../failures.ts'
import { driveSaving } from '../interrupt.ts'
import { offlineAlgorithms } from '../known-algorithms.ts'
import { addRunOptions, listOption, nameOf, type RunFlags, settingsOf } from '../options.ts'
import { startProgress } from '../progress.ts'
import { type RunConfig, RunFolder, writeStudent } from '../runs.ts'
import { singleEnv } from '../training/environments.ts'
import { importOption, keptModules } from '../user-modules.ts'

interface OfflineFlags extends RunFlags {
  readonly dataset: readonly string[]
  readonly env?: string
}

interface OfflineConfig extends RunConfig {
  /** Paths of the log relative to the run's folder. */
  readonly dataset: readonly string[]
}

export function registerOffline(train: Command, algorithm: OfflineAlgorithm): void {
  const { name, about } = algorithm
  const log = listOption('--dataset <file>', 'the log, .csv, as "alambic record --log" writes it; may be repeated')
  const command = train
    .command(name)
    .description(about)
    .addOption(log.default([], 'none'))
    .option('--env <id>', 'the recorded environment (default: unknown; the log gives the spaces)')
    .addOption(importOption())
  addRunOptions(command, algorithm, 'algorithm-log-seed').action((flags: OfflineFlags) => start(algorithm, flags))
}

async function start(algorithm: OfflineAlgorithm, flags: OfflineFlags): Promise<void> {
  const { dataset, env = '', out, checkpointSeconds } = flags
  const [first] = dataset
  if (first === undefined) throw new UsageError(`train ${algorithm.name}: no log; give --dataset <file>`)
  const options = readOptions(algorithm.name, algorithm.options, settingsOf(algorithm, flags))
  const path = join(out, nameOf(flags.name ?? `${algorithm.name}-${basename(first, extname(first))}-${options.seed}`))
  const config: OfflineConfig = {
    ...{ algorithm: algorithm.name, env, numEnvs: 1, options, ...keptModules(path, flags.import) },
    dataset: dataset.map((file) => relative(path, file)),
  }
  await RunFolder.start(path, config, (run) => finishOffline(run, checkpointSeconds))
}

/** Whether a run learns from a log. Throws a UsageError if its configuration has none. */
export function isOffline(run: RunFolder): run is RunFolder<OfflineConfig> {
  const { algorithm, dataset } = run.config as OfflineConfig
  if (!offlineAlgorithms.some(({ name }) => name === algorithm)) return false
  if (Array.isArray(dataset)) return true
  throw new UsageError(`the configuration of "${run.path}" lacks dataset`)
}

export function offlineAlgorithmOf({ config }: RunFolder<OfflineConfig>): OfflineAlgorithm {
  return offlineAlgorithms.find(({ name }) => name === config.algorithm)!
}

/** Runs to the end. Checkpoints are written every so many seconds, after the last gradient step and on an interrupt. */
export async function finishOffline(run: RunFolder<OfflineConfig>, checkpointSeconds: number): Promise<void> {
  const { path, name, config } = run
  const { dataset, env, options } = config
  const tables = dataset.map((file) => readBytes(join(path, file)).toString())
  const log = logFromCsv(tables, env === '' ? undefined : singleEnv(env))
  const training = learnOffline(offlineAlgorithmOf(run), log, { ...options, resume: run.readCheckpoint()?.saved })
  const updates = Number(options.updates)
  const progress = startProgress(name, updates, 'updates')
  const save = ({ save: saveTraining, update }: OfflineReport<unknown>) =>
    run.writeCheckpoint({ saved: saveTraining(), logs: [], step: update })
  const onReport = ({ update, loss }: OfflineReport<unknown>) => {
    progress.update(update, `loss ${loss.toFixed(4)}`)
    return update === updates
  }
  const agent = await driveSaving(training, path, checkpointSeconds, save, onReport)
  progress.finish()
  writeStudent(run.folder, '', agent, env)
  console.log(`learned from ${formatCount(log.episodes)} episodes, ${formatCount(log.size)} steps`)
  const where = env === '' ? ' --env <id>' : ''
  console.log(`Judge it with: alambic evaluate ${path}${where}; distil it with: alambic distill --teacher ${path}`)
}
