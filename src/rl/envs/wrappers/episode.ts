// Wrappers of episodes: a time limit, the return and length of each episode, a log of them.

import { pack, packedSize } from '../../../data/packing.ts'
import type { Space } from '../../../data/spaces.ts'
import { requireSize } from '../../../nn/checks.ts'
import { CheckpointError, excerpt } from '../../../tensor/errors.ts'
import { isCount } from '../../../tensor/json.ts'
import { EpisodeLog } from '../../offline/episode-log.ts'
import { type Env, type Reset, type ResetOptions, type Step, stepOutsideEpisode } from '../env.ts'
import { StepWrapper } from './wrapper.ts'

/**
 * Truncates episodes after a number of steps. `truncated`, not `terminated`: the task has not ended, so the value of the last
 * observation still counts (Pardo et al. 2018, arXiv:1712.00378).
 */
export class TimeLimit<Observation, Action> extends StepWrapper<Observation, Action> {
  /** Steps since the reset. Setting `state` leaves it unchanged. */
  elapsedSteps = 0

  /** @param maxEpisodeSteps the step on which `truncated` is set; a whole number from 1 on, else a `ValueError` is thrown. */
  constructor(
    env: Env<Observation, Action>,
    readonly maxEpisodeSteps: number,
  ) {
    super(env)
    requireSize('TimeLimit: maxEpisodeSteps', maxEpisodeSteps)
  }

  override reset(options?: ResetOptions): Reset<Observation> {
    this.elapsedSteps = 0
    return this.env.reset(options)
  }

  step(action: Action): Step<Observation> {
    if (this.elapsedSteps >= this.maxEpisodeSteps) throw stepOutsideEpisode(this.id, true)
    const step = this.env.step(action)
    this.elapsedSteps++
    if (this.elapsedSteps < this.maxEpisodeSteps) return step
    const { observation, reward, terminated, info } = step
    return { observation, reward, terminated, truncated: true, info }
  }

  override save(): number {
    return this.elapsedSteps
  }

  override restore(elapsedSteps: number): void {
    if (!isCount(elapsedSteps)) {
      throw new CheckpointError(`TimeLimit: the saved steps are ${excerpt(elapsedSteps)}; expected a whole number`)
    }
    this.elapsedSteps = elapsedSteps
  }
}

/**
 * Adds `info.episode`, the return and length of the episode, to the last step of each. Put it inside wrappers that change
 * rewards to record the task's own.
 */
export class RecordEpisodeStatistics<Observation, Action> extends StepWrapper<Observation, Action> {
  episodeReturn = 0
  episodeLength = 0

  override reset(options?: ResetOptions): Reset<Observation> {
    this.episodeReturn = 0
    this.episodeLength = 0
    return this.env.reset(options)
  }

  step(action: Action): Step<Observation> {
    const step = this.env.step(action)
    this.episodeReturn += step.reward
    this.episodeLength++
    if (!step.terminated && !step.truncated) return step
    const { observation, reward, terminated, truncated } = step
    const info = { ...step.info, episode: { return: this.episodeReturn, length: this.episodeLength } }
    return { observation, reward, terminated, truncated, info }
  }

  override save(): readonly [number, number] {
    return [this.episodeReturn, this.episodeLength]
  }

  override restore([episodeReturn, episodeLength]: readonly [number, number]): void {
    this.episodeReturn = episodeReturn
    this.episodeLength = episodeLength
  }
}

/** Records every episode in a log. The log is no part of checkpoints. */
export class RecordLog<Observation, Action> extends StepWrapper<Observation, Action> {
  /** @param log to add the episodes to. Default: a new one. */
  constructor(
    env: Env<Observation, Action>,
    readonly log = new EpisodeLog(env),
  ) {
    super(env)
  }

  override reset(options?: ResetOptions): Reset<Observation> {
    const reset = this.env.reset(options)
    this.log.begin(packed(this.observationSpace, reset.observation))
    return reset
  }

  step(action: Action): Step<Observation> {
    const step = this.env.step(action)
    const { observation, reward, terminated, truncated } = step
    const next = packed(this.observationSpace, observation)
    this.log.add(packed(this.actionSpace, action), reward, next, terminated, truncated)
    return step
  }
}

function packed(space: Space<unknown>, value: unknown): Float32Array {
  const numbers = new Float32Array(packedSize(space))
  pack(space, value, numbers, 0)
  return numbers
}
