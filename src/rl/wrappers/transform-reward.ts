// Rewards through a function: scaled, clipped, their sign alone. Potential-based shaping needs the states too and is not
// this (Ng, Harada and Russell 1999).

import type { Env, Reset, ResetOptions, Step } from '../env.ts'
import type { Space } from '../spaces.ts'
import { Wrapper } from './wrapper.ts'

export class TransformReward<Observation, Action> extends Wrapper<Observation, Action> {
  readonly observationSpace: Space<Observation>
  readonly actionSpace: Space<Action>

  constructor(
    env: Env<Observation, Action>,
    private readonly transform: (reward: number) => number,
  ) {
    super(env)
    this.observationSpace = env.observationSpace
    this.actionSpace = env.actionSpace
  }

  reset(options?: ResetOptions): Reset<Observation> {
    return this.env.reset(options)
  }

  step(action: Action): Step<Observation> {
    const step = this.env.step(action)
    return { ...step, reward: this.transform(step.reward) }
  }
}
