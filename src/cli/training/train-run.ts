// Runs a training from its start or its last checkpoint to its end: in an environment, or from a log. Read next: ../runs/run-folder.ts.

import { join } from 'node:path'
import { formatCount, formatFixed } from '../../plot/format.ts'
import { logFromCsv } from '../../rl/offline/episode-log-csv.ts'
import { learnOffline, type OfflineReport } from '../../rl/offline/offline.ts'
import type { ResumableReport, TrainedAgent } from '../../rl/training/training.ts'
import { offlineAlgorithms, singleEnv, trainingEnvs } from '../runs/environments.ts'
import { type RunConfig, type RunFolder, writeStudent } from '../runs/run-folder.ts'
import { RunLog } from '../runs/run-log.ts'
import { UsageError } from '../terminal/failures.ts'
import { driveSaving, sendStep } from '../terminal/interrupt.ts'
import { readBytes } from '../terminal/output-folder.ts'
import { startProgress } from '../terminal/progress.ts'
import { RECENT, readEpisodes, recentMean, writeReport } from './report.ts'

/** Continues from the checkpoint, if any. Writes a checkpoint every `checkpointSeconds` and at the end. */
export async function finishRun(run: RunFolder, checkpointSeconds: number): Promise<void> {
  const { algorithm, config } = run
  const { saved, logs, step: start = 0 } = run.readCheckpoint() ?? {}
  const envs = trainingEnvs(config.env, config.numEnvs, algorithm.observes)
  const training = algorithm.train(envs, { ...config.options, resume: saved })
  const log = new RunLog(run.path, logs, config.tensorboard)
  const progress = startProgress(run.name, Math.max(1, Number(config.options.totalTimesteps) - start), 'steps')
  const started = performance.now()
  const recent: number[] = []

  let latest: ResumableReport<TrainedAgent> | undefined
  const save = ({ save: saveTraining, step, agent }: ResumableReport<TrainedAgent>) => {
    run.writeCheckpoint({ saved: saveTraining(), logs: log.flush(), step })
    run.writeAgent(agent) // after the checkpoint: an older agent does no harm
  }
  const onReport = (report: ResumableReport<TrainedAgent>) => {
    const { step, episodes } = report
    latest = report
    log.add(report)
    recent.push(...episodes.map((episode) => episode.return))
    recent.splice(0, recent.length - RECENT)
    const rate = `${formatCount((step - start) / ((performance.now() - started) / 1000))} steps/s`
    progress.update(step - start, recent.length === 0 ? rate : `return ${formatFixed(recentMean(recent))}, ${rate}`)
    sendStep(step)
    return false
  }
  const agent = await driveSaving(training, run.path, checkpointSeconds, save, onReport)
  if (latest !== undefined) save(latest)
  else log.flush()
  run.writeAgent(agent)
  const { returns } = readEpisodes(run)
  const page = writeReport(run)
  progress.finish()
  const mean = returns.length === 0 ? 'no episode ended' : `return ${formatFixed(recentMean(returns))}`
  console.log(`${formatCount(returns.length)} episodes, ${mean} (training, last ${RECENT})`)
  console.log(`Report: ${page.path}. Evaluate it with: alambic evaluate ${run.path}`)
}

/** A training from a log. */
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

/** As `finishRun`, for a training from a log. A checkpoint is written after the last gradient step, too. */
export async function finishOffline(run: RunFolder<OfflineConfig>, checkpointSeconds: number): Promise<void> {
  const { path, name, config } = run
  const { dataset, env, options } = config
  const tables = dataset.map((file) => readBytes(join(path, file)).toString())
  const log = logFromCsv(tables, env === '' ? undefined : singleEnv(env))
  const algorithm = offlineAlgorithms.find((each) => each.name === config.algorithm)!
  const training = learnOffline(algorithm, log, { ...options, resume: run.readCheckpoint()?.saved })
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
    `Report: ${page.path}. Evaluate it with: alambic evaluate ${path}${where}; distil it with: alambic distill --teacher ${path}`,
  )
}
