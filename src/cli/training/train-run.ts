// Runs a training from its start or its last checkpoint to its end. Read next: ../runs.ts.

import { formatCount, formatFixed } from '../../plot/format.ts'
import type { TrainedAgent } from '../../rl/algorithms/registry.ts'
import type { ResumableReport } from '../../rl/training.ts'
import { UsageError } from '../failures.ts'
import { driveSaving, sendStep } from '../interrupt.ts'
import { startProgress } from '../progress.ts'
import type { RunFolder } from '../runs.ts'
import { trainingEnvs } from './environments.ts'
import { type Episodes, RECENT, readEpisodes, recentMean, writeLearningCurve } from './episodes.ts'
import { RunLog } from './run-log.ts'

/** Continues from the checkpoint, if any. Writes a checkpoint every `checkpointSeconds` and at the end. */
export async function trainRun(run: RunFolder, checkpointSeconds: number): Promise<Episodes> {
  const { algorithm, config } = run
  const checkpoint = run.readCheckpoint()
  const envs = trainingEnvs(config.env, config.numEnvs, algorithm.observes)
  const training = algorithm.train(envs, { ...config.options, resume: checkpoint?.saved })
  const log = new RunLog(run.path, checkpoint?.logs, config.tensorboard)
  const show = progressOf(run, checkpoint?.step ?? 0)

  let latest: ResumableReport<TrainedAgent> | undefined
  const save = ({ save: saveTraining, step, agent }: ResumableReport<TrainedAgent>) => {
    run.writeCheckpoint({ saved: saveTraining(), logs: log.flush(), step })
    run.writeAgent(agent) // after the checkpoint: an older agent does no harm
  }
  const onReport = (report: ResumableReport<TrainedAgent>) => {
    latest = report
    log.add(report)
    show.update(report)
    sendStep(report.step)
    return false
  }
  const saving = { path: run.path, seconds: checkpointSeconds, save }
  const agent = await withinMemory(() => driveSaving(training, saving, onReport))
  if (latest !== undefined) save(latest)
  else log.flush()
  run.writeAgent(agent)
  const episodes = readEpisodes(run)
  writeLearningCurve(run, episodes)
  show.finish()
  return episodes
}

/** Converts allocation errors of `body` into a `UsageError`. */
export async function withinMemory<T>(body: () => T | Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    if (!(error instanceof RangeError && /array length|allocation/i.test(error.message))) throw error
    throw new UsageError(`the options ask for more memory than there is (${error.message}); choose smaller sizes`)
  }
}

function progressOf(run: RunFolder, startStep: number) {
  const total = Number(run.config.options.totalTimesteps)
  const progress = startProgress(run.name, Math.max(1, total - startStep), 'steps')
  const started = performance.now()
  const returns: number[] = []
  const note = (step: number) => {
    const rate = (step - startStep) / ((performance.now() - started) / 1000)
    const mean = returns.length === 0 ? '' : `return ${formatFixed(recentMean(returns))}, `
    return `${mean}${formatCount(rate)} steps/s`
  }
  let last = startStep
  return {
    update({ step, episodes }: ResumableReport<unknown>): void {
      for (const episode of episodes) returns.push(episode.return)
      returns.splice(0, returns.length - 100)
      last = step
      progress.update(step - startStep, note(step))
    },
    finish: () => progress.finish(note(last)),
  }
}

export async function finishRun(run: RunFolder, checkpointSeconds: number): Promise<void> {
  const { returns } = await trainRun(run, checkpointSeconds)
  const mean = returns.length === 0 ? 'no episode ended' : `return ${formatFixed(recentMean(returns))}`
  console.log(`${formatCount(returns.length)} episodes, ${mean} (training, last ${RECENT})`)
  console.log(`Judge it with: alambic evaluate ${run.path}`)
}
