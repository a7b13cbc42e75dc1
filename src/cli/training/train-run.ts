// Runs a training from its start or its last checkpoint to its end. Read next: ../runs/run-folder.ts.

import { formatCount, formatFixed } from '../../plot/format.ts'
import type { TrainedAgent } from '../../rl/registry.ts'
import type { ResumableReport } from '../../rl/training/training.ts'
import { trainingEnvs } from '../runs/environments.ts'
import type { RunFolder } from '../runs/run-folder.ts'
import { RunLog } from '../runs/run-log.ts'
import { driveSaving, sendStep } from '../terminal/interrupt.ts'
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
  console.log(`Report: ${page}. Evaluate it with: alambic evaluate ${run.path}`)
}
