// Adds up the reward and the length of each episode and reports them in the `info` of its last step.
// Put it inside wrappers that change rewards, so that it reports the task's own.

import type { Env, Reset, ResetOptions, Step } from '../env.ts'
import type { Space } from '../spaces.ts'
import { Wrapper } from './wrapper.ts'

export class RecordEpisodeStatistics<Observation, Action> extends Wrapper<Observation, Action> {
  readonly observationSpace: Space<Observation>
  readonly actionSpace: Space<Action>
  /** Return and length of the episode so far. */
  episodeReturn = 0
  episodeLength = 0

  constructor(env: Env<Observation, Action>) {
    super(env)
    this.observationSpace = env.observationSpace
    this.actionSpace = env.actionSpace
  }

  reset(options?: ResetOptions): Reset<Observation> {
    this.episodeReturn = 0
    this.episodeLength = 0
    return this.env.reset(options)
  }

  /** `info.episode` holds return and length where `terminated` or `truncated` is set. */
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
