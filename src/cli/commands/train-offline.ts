// `alambic train cql --dataset log.csv`: learns from a log of episodes in a run folder. Read next: ../../rl/offline/offline.ts, ../runs/run-folder.ts.

import { basename, extname, join, relative } from 'node:path'
import type { Command } from 'commander'
import { readOptions } from '../../data/options.ts'
import { formatCount } from '../../plot/format.ts'
import { logFromCsv } from '../../rl/offline/episode-log-csv.ts'
import { learnOffline, type OfflineAlgorithm, type OfflineReport } from '../../rl/offline/offline.ts'
import { readBytes } from '../runs/agent-files.ts'
import { singleEnv } from '../runs/environments.ts'
import { offlineAlgorithms } from '../runs/known-algorithms.ts'
import { type RunConfig, RunFolder, writeStudent } from '../runs/run-folder.ts'
import { importOption, keptModules } from '../runs/user-modules.ts'
import { UsageError } from '../terminal/failures.ts'
import { driveSaving } from '../terminal/interrupt.ts'
import { addRunOptions, listOption, nameOf, type RunFlags, settingsOf } from '../terminal/options.ts'
import { startProgress } from '../terminal/progress.ts'
import { writeReport } from '../training/report.ts'

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
  const page = writeReport(run)
  console.log(`learned from ${formatCount(log.episodes)} episodes, ${formatCount(log.size)} steps`)
  const where = env === '' ? ' --env <id>' : ''
  console.log(
    `Report: ${page}. Evaluate it with: alambic evaluate ${path}${where}; distil it with: alambic distill --teacher ${path}`,
  )
}
