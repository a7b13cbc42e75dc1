// An environment whose every observation is another number, and whose episodes end as they are told to: for tests of what is
// bootstrapped from what.

import { Box, Discrete } from '../../src/data/spaces.ts'
import { type AnyEnv, type Env, NO_INFO, type Reset, type Step } from '../../src/rl/envs/env.ts'
import { Rng } from '../../src/tensor/index.ts'

export type Ending = 'terminated' | 'truncated' | 'both'

export interface Episode {
  readonly length: number
  readonly ending: Ending
}

/** Plays given episodes one after the other. Every observation is another number: 100 · episode + steps. */
export class Scripted implements Env<Float32Array, number> {
  readonly id = 'Scripted-v0'
  readonly observationSpace = new Box([-Infinity], [Infinity])
  readonly actionSpace = new Discrete(2)
  rng = new Rng()
  state: readonly number[] = []
  private episode = -1
  private steps = 0

  constructor(private readonly episodes: readonly Episode[]) {}

  get unwrapped(): AnyEnv {
    return this
  }

  reset(): Reset<Float32Array> {
    this.episode++
    this.steps = 0
    return { observation: this.observe(), info: NO_INFO }
  }

  step(): Step<Float32Array> {
    this.steps++
    const { length, ending } = this.episodes[this.episode % this.episodes.length]!
    const over = this.steps === length
    const terminated = over && ending !== 'truncated'
    const truncated = over && ending !== 'terminated'
    return { observation: this.observe(), reward: 1 + this.steps, terminated, truncated, info: NO_INFO }
  }

  private observe(): Float32Array {
    return Float32Array.of((100 * this.episode + this.steps) / 1000)
  }
}
