// The identity as a task: say the number that you see.

import { Box } from '../../../src/data/spaces.ts'
import { type AnyEnv, type Env, NO_INFO, type Reset, type Step } from '../../../src/rl/envs/env.ts'
import { Rng } from '../../../src/tensor/index.ts'

/** Eight numbers an episode, uniform in [-1, 1]; the reward is minus the squared error of the answer. */
export class Echo implements Env<Float32Array, Float32Array> {
  readonly id = 'Echo-v0'
  readonly observationSpace = new Box([-1], [1])
  readonly actionSpace = new Box([-1], [1])
  rng = new Rng()
  private seen = 0
  private steps = 0

  get unwrapped(): AnyEnv {
    return this as AnyEnv
  }

  get state(): readonly number[] {
    return [this.seen, this.steps]
  }

  set state([seen, steps]: readonly number[]) {
    this.seen = seen!
    this.steps = steps!
  }

  reset({ seed }: { seed?: number } = {}): Reset<Float32Array> {
    if (seed !== undefined) this.rng = new Rng(seed)
    this.steps = 0
    return { observation: this.show(), info: NO_INFO }
  }

  step([answer]: Float32Array): Step<Float32Array> {
    const reward = -((answer! - this.seen) ** 2)
    this.steps++
    return { observation: this.show(), reward, terminated: this.steps === 8, truncated: false, info: NO_INFO }
  }

  private show(): Float32Array {
    const shown = Float32Array.of(this.rng.uniform(-1, 1))
    this.seen = shown[0]!
    return shown
  }
}
