// Records a frame of each step, from the reset on, for an animated file or a page. The frames are what the given function
// returns: `drawEnv` for scenes, or any other value.

import { count, type GivenOptions, type OptionValues, readOptions } from '../data/options.ts'
import type { Env, Reset, ResetOptions, Step } from '../rl/envs/env.ts'
import { StepWrapper } from '../rl/envs/wrappers/wrapper.ts'

const recordFramesOptions = {
  every: count(1, 'steps from frame to frame; the first and the last of an episode are always kept'),
  maxFrames: count(10_000, 'frames after which no more are kept, over all episodes'),
}

export class RecordFrames<Observation, Action, Frame> extends StepWrapper<Observation, Action> {
  /** The frames so far. Set its length to 0 to start again. */
  readonly frames: Frame[] = []
  private readonly o: OptionValues<typeof recordFramesOptions>
  private elapsedSteps = 0

  /** @param draw makes a frame of the environment's current state. Throws a `ValueError` on an unknown option. */
  constructor(
    env: Env<Observation, Action>,
    private readonly draw: (env: Env<Observation, Action>) => Frame,
    options: GivenOptions<typeof recordFramesOptions> = {},
  ) {
    super(env)
    this.o = readOptions('RecordFrames', recordFramesOptions, options)
  }

  override reset(options?: ResetOptions): Reset<Observation> {
    const start = this.env.reset(options)
    this.elapsedSteps = 0
    this.keep()
    return start
  }

  step(action: Action): Step<Observation> {
    const step = this.env.step(action)
    this.elapsedSteps++
    if (step.terminated || step.truncated || this.elapsedSteps % this.o.every === 0) this.keep()
    return step
  }

  private keep(): void {
    if (this.frames.length < this.o.maxFrames) this.frames.push(this.draw(this.env))
  }
}
