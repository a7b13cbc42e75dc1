// Starts the next episode in the step that ends one, so that a loop never calls `reset`. The last observation of the old
// episode is in `info.finalObservation`. Vector environments do the same by themselves (../vector-env.ts).

import type { Env, Reset, ResetOptions, Step } from '../env.ts'
import type { Space } from '../spaces.ts'
import { Wrapper } from './wrapper.ts'

export class Autoreset<Observation, Action> extends Wrapper<Observation, Action> {
  readonly observationSpace: Space<Observation>
  readonly actionSpace: Space<Action>

  constructor(env: Env<Observation, Action>) {
    super(env)
    this.observationSpace = env.observationSpace
    this.actionSpace = env.actionSpace
  }

  reset(options?: ResetOptions): Reset<Observation> {
    return this.env.reset(options)
  }

  /** Where `terminated` or `truncated` is set, `observation` is the first one of the next episode. */
  step(action: Action): Step<Observation> {
    const step = this.env.step(action)
    if (!step.terminated && !step.truncated) return step
    const next = this.env.reset()
    const info = { ...step.info, ...next.info, finalObservation: step.observation }
    return { ...step, observation: next.observation, info }
  }
}
