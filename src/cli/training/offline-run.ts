// Runs offline learning from its start or its last checkpoint to its end: reads the log, calls the library, writes the agent.
// Read next: ../../rl/algorithms/offline.ts, ../runs.ts.

import { join } from 'node:path'
import { formatCount } from '../../plot/format.ts'
import { learnOffline, type OfflineAlgorithm, type OfflineReport } from '../../rl/algorithms/offline.ts'
import { logFromCsv } from '../../rl/episode-log-csv.ts'
import { readBytes } from '../agent-files.ts'
import { UsageError } from '../failures.ts'
import { driveSaving } from '../interrupt.ts'
import { offlineAlgorithms } from '../known-algorithms.ts'
import { startProgress } from '../progress.ts'
import { type RunConfig, type RunFolder, writeStudent } from '../runs.ts'
import { singleEnv } from './environments.ts'

export interface OfflineConfig extends RunConfig {
  /** Paths of the log relative to the run's folder. */
  readonly dataset: readonly string[]
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
  const { dataset, env, options } = run.config
  const tables = dataset.map((path) => readBytes(join(run.path, path)).toString())
  const log = logFromCsv(tables, env === '' ? undefined : singleEnv(env))
  const training = learnOffline(offlineAlgorithmOf(run), log, { ...options, resume: run.readCheckpoint()?.saved })
  const updates = Number(options.updates)
  const progress = startProgress(run.name, updates, 'updates')
  const save = ({ save: saveTraining, update }: OfflineReport<unknown>) =>
    run.writeCheckpoint({ saved: saveTraining(), logs: [], step: update })
  const onReport = ({ update, loss }: OfflineReport<unknown>) => {
    progress.update(update, `loss ${loss.toFixed(4)}`)
    return update === updates
  }
  const agent = await driveSaving(training, { path: run.path, seconds: checkpointSeconds, save }, onReport)
  progress.finish()
  writeStudent(run.folder, '', agent, env)
  console.log(`learned from ${formatCount(log.episodes)} episodes, ${formatCount(log.size)} steps`)
  const where = env === '' ? ' --env <id>' : ''
  console.log(
    `Judge it with: alambic evaluate ${run.path}${where}; distil it with: alambic distill --teacher ${run.path}`,
  )
}
