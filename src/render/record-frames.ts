// Keeps a picture of each moment, from the reset on, for an animated file or a page. What a picture is, the drawing
// function decides (../drawing/draw-env.ts gives scenes).

import type { Env, Reset, ResetOptions, Step } from '../rl/env.ts'
import type { Space } from '../rl/spaces.ts'
import { Wrapper } from '../rl/wrappers/wrapper.ts'
import { ValueError } from '../tensor/errors.ts'

export interface RecordFramesOptions {
  /** Keeps every so many-th moment: 1 by default. The first and the last of an episode are always kept. */
  readonly every?: number
  /** Stops keeping after so many frames, of all episodes together: 10,000 by default. */
  readonly maxFrames?: number
}

export class RecordFrames<Observation, Action, Frame> extends Wrapper<Observation, Action> {
  readonly observationSpace: Space<Observation>
  readonly actionSpace: Space<Action>
  /** What was kept so far. Set its length to 0 to start afresh. */
  readonly frames: Frame[] = []
  private readonly every: number
  private readonly maxFrames: number
  private moment = 0

  /** @param draw a picture of the environment as it is now. */
  constructor(
    env: Env<Observation, Action>,
    private readonly draw: (env: Env<Observation, Action>) => Frame,
    { every = 1, maxFrames = 10_000 }: RecordFramesOptions = {},
  ) {
    super(env)
    for (const [name, value] of Object.entries({ every, maxFrames })) {
      if (!Number.isInteger(value) || value < 1) {
        throw new ValueError(`RecordFrames: ${name} is ${value}; expected a whole number from 1 on`)
      }
    }
    this.observationSpace = env.observationSpace
    this.actionSpace = env.actionSpace
    this.every = every
    this.maxFrames = maxFrames
  }

  reset(options?: ResetOptions): Reset<Observation> {
    const start = this.env.reset(options)
    this.moment = 0
    this.keep()
    return start
  }

  step(action: Action): Step<Observation> {
    const step = this.env.step(action)
    this.moment++
    if (step.terminated || step.truncated || this.moment % this.every === 0) this.keep()
    return step
  }

  private keep(): void {
    if (this.frames.length < this.maxFrames) this.frames.push(this.draw(this.env))
  }
}
