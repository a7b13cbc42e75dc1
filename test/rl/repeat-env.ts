// An environment for any space: repeat what you observe. Sound by the rules of checkEnv.

import { pack, packedSize } from '../../src/data/packing.ts'
import { Box, Dict, Discrete, MultiBinary, MultiDiscrete, type Space, Tuple } from '../../src/data/spaces.ts'
import {
  type AnyEnv,
  invalidAction,
  NO_INFO,
  type Reset,
  type ResetOptions,
  type Step,
  stepOutsideEpisode,
} from '../../src/rl/envs/env.ts'
import { Rng } from '../../src/tensor/random.ts'

/** One space of every kind. */
export const everySpace: readonly Space<unknown>[] = [
  new Box([-1, 0], [1, 5]),
  new Discrete(3, -1),
  new MultiDiscrete([3, 2]),
  new MultiBinary(3),
  new Tuple([new Discrete(2), new MultiBinary(2)]),
  new Dict({ velocity: new Box([-1], [1]), gear: new Discrete(3), lamps: new Dict({ rear: new MultiBinary(2) }) }),
]

/** `length` draws from a space an episode. The reward is the number of entries of the action that equal those of the last draw. */
export class Repeat implements AnyEnv {
  readonly id = 'Repeat-v0'
  rng = new Rng()
  private seen: readonly number[] = []
  private steps = -1 // before the first reset

  constructor(
    readonly observationSpace: Space<unknown>,
    readonly actionSpace: Space<unknown> = observationSpace,
    private readonly length = 8,
  ) {}

  get unwrapped(): AnyEnv {
    return this
  }

  get state(): readonly number[] {
    return [this.steps, ...this.seen]
  }

  set state([steps, ...seen]: readonly number[]) {
    this.steps = steps!
    this.seen = seen
  }

  reset({ seed }: ResetOptions = {}): Reset<unknown> {
    if (seed !== undefined) this.rng = new Rng(seed)
    this.steps = 0
    return { observation: this.draw(), info: NO_INFO }
  }

  step(action: unknown): Step<unknown> {
    if (this.steps < 0 || this.steps === this.length) throw stepOutsideEpisode(this.id, this.steps > 0)
    if (!this.actionSpace.contains(action)) throw invalidAction(this.id, action, this.actionSpace)
    const reward = packed(this.actionSpace, action).filter((x, i) => x === this.seen[i]).length
    this.steps++
    return { observation: this.draw(), reward, terminated: this.steps === this.length, truncated: false, info: NO_INFO }
  }

  private draw(): unknown {
    const observation = this.observationSpace.sample(this.rng)
    this.seen = packed(this.observationSpace, observation)
    return observation
  }
}

function packed(space: Space<unknown>, value: unknown): number[] {
  const numbers = new Float32Array(packedSize(space))
  pack(space, value, numbers, 0)
  return Array.from(numbers)
}
