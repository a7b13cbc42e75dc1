// Cuts episodes off after a number of steps. The cut is `truncated`, not `terminated`: the task did not end, so the value
// of the last observation still counts (Pardo et al. 2018, arXiv:1712.00378). Read next: record-episode-statistics.ts.

import { ValueError } from '../../tensor/errors.ts'
import { type Env, type Reset, type ResetOptions, type Step, stepOutsideEpisode } from '../env.ts'
import type { Space } from '../spaces.ts'
import { Wrapper } from './wrapper.ts'

export class TimeLimit<Observation, Action> extends Wrapper<Observation, Action> {
  readonly observationSpace: Space<Observation>
  readonly actionSpace: Space<Action>
  /** Steps since the reset. Setting `state` leaves it as it is. */
  elapsedSteps = 0

  /** @param maxEpisodeSteps the step on which `truncated` is set, whatever else happens; at least 1. */
  constructor(
    env: Env<Observation, Action>,
    readonly maxEpisodeSteps: number,
  ) {
    super(env)
    if (!Number.isInteger(maxEpisodeSteps) || maxEpisodeSteps < 1) {
      throw new ValueError(`TimeLimit: maxEpisodeSteps is ${maxEpisodeSteps}; expected a whole number from 1 on`)
    }
    this.observationSpace = env.observationSpace
    this.actionSpace = env.actionSpace
  }

  reset(options?: ResetOptions): Reset<Observation> {
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
    this.elapsedSteps = elapsedSteps
  }
}
