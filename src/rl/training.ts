// Training is a generator: it yields a small report after each update and returns the agent. Whoever runs it owns the loop:
// progress, plots, early stopping and checkpoints are outside. `for (const report of dqn(env)) …`, or `finish(dqn(env))`.

import type { Checkpoint } from './checkpoint.ts'
import type { EpisodeStatistics } from './env.ts'
import type { VectorEnv } from './vector-env.ts'

/** An episode that ended while training. */
export interface FinishedEpisode extends EpisodeStatistics {
  /** Environment steps taken in all, over all environments, when it ended. */
  readonly step: number
}

/** What every algorithm reports. */
export interface TrainingReport<TrainedAgent> {
  /** Environment steps so far, over all environments. */
  readonly step: number
  /** Episodes that ended since the last report. */
  readonly episodes: readonly FinishedEpisode[]
  /** The agent as it is now; it goes on learning. */
  readonly agent: TrainedAgent
}

/** What an algorithm reports that can be stopped, saved and resumed at any yield. */
export interface ResumableReport<TrainedAgent> extends TrainingReport<TrainedAgent> {
  /** The whole training as it is now, to go on from later; call it before asking for the next report. */
  save(): Checkpoint
}

/** Adds the episodes that ended in the last step of `envs`. `step` is the count of environment steps, that one included. */
export function addFinished(episodes: FinishedEpisode[], envs: VectorEnv, step: number): void {
  const { dones, episodeReturns, episodeLengths } = envs
  for (let i = 0; i < dones.length; i++) {
    if (dones[i] === 1) episodes.push({ return: episodeReturns[i]!, length: episodeLengths[i]!, step })
  }
}

/** Runs a training to its end. */
export function finish<Report, Result>(training: Generator<Report, Result, void>): Result {
  for (;;) {
    const next = training.next()
    if (next.done === true) return next.value
  }
}
