// An environment that forbids actions, and breaks when a forbidden one is taken.

import { Box, Discrete } from '../../src/data/spaces.ts'
import { type AnyEnv, type Env, type Info, type Reset, type Step, stepOutsideEpisode } from '../../src/rl/envs/env.ts'
import { Rng } from '../../src/tensor/index.ts'

/** Of three actions two are allowed, in turn other ones. One of them pays. Ten steps an episode. */
export class Masked implements Env<Float32Array, number> {
  readonly id = 'Masked-v0'
  readonly observationSpace = new Box([0], [1])
  readonly actionSpace = new Discrete(3)
  rng = new Rng()
  private steps = 0
  private forbidden = 0

  get unwrapped(): AnyEnv {
    return this
  }

  get state(): readonly number[] {
    return [this.steps, this.forbidden]
  }

  set state([steps, forbidden]: readonly number[]) {
    this.steps = steps!
    this.forbidden = forbidden!
  }

  reset({ seed }: { seed?: number } = {}): Reset<Float32Array> {
    if (seed !== undefined) this.rng = new Rng(seed)
    this.steps = 0
    return { observation: this.observe(), info: this.allow() }
  }

  step(action: number): Step<Float32Array> {
    if (this.steps === 10) throw stepOutsideEpisode(this.id, true)
    if (action === this.forbidden) throw new Error(`action ${action} was taken where it is forbidden`)
    this.steps++
    const reward = action === (this.forbidden + 1) % 3 ? 1 : 0
    const terminated = this.steps === 10
    return { observation: this.observe(), reward, terminated, truncated: false, info: this.allow() }
  }

  private observe(): Float32Array {
    return Float32Array.of(this.steps / 10)
  }

  private allow(): Info {
    this.forbidden = this.rng.integer(3)
    return { actionMask: [0, 1, 2].map((action) => Number(action !== this.forbidden)) }
  }
}
