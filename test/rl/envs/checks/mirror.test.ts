// The check of a mirror symmetry, on a line with a known one: which states it plays, and what it calls equal.

import { describe, expect, it } from 'vitest'
import { Box, Discrete, type Space } from '../../../../src/data/spaces.ts'
import { checkMirror } from '../../../../src/rl/envs/checks/behaviour.ts'
import { type AnyEnv, NO_INFO, type Step } from '../../../../src/rl/envs/env.ts'
import type { MirrorSymmetry } from '../../../../src/rl/envs/mirror-symmetry.ts'
import { Rng } from '../../../../src/tensor/random.ts'

/** Position x on a line, which an action moves by -1 or 1. Starts at 3, 4, …; ends after `length` steps. */
class Line implements AnyEnv {
  readonly id = 'Line-v0'
  readonly observationSpace: Space<unknown> = new Box([-Infinity], [Infinity])
  readonly actionSpace: Space<unknown> = new Discrete(2)
  readonly mirror: MirrorSymmetry | undefined = { observationSigns: [-1], actionPermutation: [1, 0] }
  rng = new Rng()
  seeds: unknown[] = []
  /** The positions from which steps were taken. */
  from: number[] = []
  x = 0
  steps = 0

  constructor(
    readonly length = Infinity,
    readonly ending: 'terminated' | 'truncated' = 'terminated',
    /** Changes a step from x. */
    readonly change: (step: Step<Float32Array>, x: number) => Step<Float32Array> = (step) => step,
  ) {}

  get unwrapped(): AnyEnv {
    return this
  }

  get state(): readonly number[] {
    return [this.x]
  }

  set state([x]: readonly number[]) {
    this.x = x!
  }

  reset({ seed }: { seed?: number } = {}) {
    this.seeds.push(seed)
    this.steps = 0
    this.x = 2 + this.seeds.length
    return { observation: Float32Array.of(this.x), info: NO_INFO }
  }

  step(action: unknown): Step<Float32Array> {
    const x = this.x
    this.from.push(x)
    this.x += action === 1 ? 1 : -1
    this.steps += 0.5 // each is taken twice, as it is and mirrored
    const end = this.steps >= this.length - 0.5
    const step = { observation: Float32Array.of(this.x), reward: 0, terminated: false, truncated: false, info: NO_INFO }
    return this.change({ ...step, [this.ending]: end }, x)
  }
}

function foundIn(env: AnyEnv, steps = 6): [rule: string, message: string][] {
  const found: [string, string][] = []
  checkMirror(env, 5, steps, (rule, message) => found.push([rule, message]))
  return found
}

describe('checkMirror', () => {
  it('plays one episode on, each step as it is and from the mirrored state', () => {
    const env = new Line()
    expect(foundIn(env, 4)).toEqual([])
    expect(env.seeds).toEqual([5])
    expect(env.from).toHaveLength(8)
    expect(env.from[0]).toBe(3)
    for (const at of [0, 2, 4, 6]) expect(env.from[at + 1]).toBe(-env.from[at]!)
    for (const at of [2, 4, 6]) expect(Math.abs(env.from[at]! - env.from[at - 2]!)).toBe(1)
  })

  it.each(['terminated', 'truncated'] as const)('resets without a seed after an episode that was %s', (ending) => {
    const env = new Line(1, ending)
    expect(foundIn(env, 3)).toEqual([])
    expect(env.seeds).toEqual([5, undefined, undefined])
    expect(env.from).toEqual([3, -3, 4, -4, 5, -5])
  })

  it('multiplies the state by the signs and the observation by its own', () => {
    class Doubled extends Line {
      override readonly mirror = { observationSigns: [-1], stateSigns: [-1], actionPermutation: [1, 0] }
    }
    expect(foundIn(new Doubled())).toEqual([])
    class Kept extends Line {
      override readonly mirror = { observationSigns: [1], stateSigns: [-1], actionPermutation: [1, 0] }
    }
    expect(foundIn(new Kept())[0]![1]).toMatch(
      /^mirror does not hold from the state Array \[3\] with action [01]: the mirrored step has observation Float32Array \[-[24]\]; expected Float32Array \[[24]\]$/,
    )
  })

  it.each<[error: number, isFound: boolean]>([
    [0.5e-5, false],
    [2e-5, true],
  ])('takes rewards as equal to 1e-5: an error of %f', (error, isFound) => {
    const env = new Line(Infinity, 'terminated', (step, x) => ({ ...step, reward: x < 0 ? 0.5 + error : 0.5 }))
    const message = expect.stringMatching(/: the mirrored step has reward 0\.5000\d+; expected 0\.5$/)
    expect(foundIn(env)).toEqual(isFound ? [['mirror', message]] : [])
  })

  it.each<[error: number, isFound: boolean]>([
    [0.5e-2, false],
    [2e-2, true],
  ])('takes rewards of 1,000 as equal to 1e-2: an error of %f', (error, isFound) => {
    const env = new Line(Infinity, 'terminated', (step, x) => ({ ...step, reward: x < 0 ? -1000 + error : -1000 }))
    expect(foundIn(env)).toHaveLength(isFound ? 1 : 0)
  })

  it('compares terminated', () => {
    const env = new Line(Infinity, 'terminated', (step, x) => ({ ...step, terminated: x < 0 }))
    expect(foundIn(env)[0]![1]).toMatch(/: the mirrored step has terminated true; expected false$/)
  })

  it('plays nothing where there is no symmetry, or one that does not fit', () => {
    class Without extends Line {
      override readonly mirror = undefined
    }
    class Unfit extends Line {
      override readonly mirror = { observationSigns: [-1, 1], actionPermutation: [1, 0] }
    }
    class Choice extends Line {
      override readonly observationSpace = new Discrete(2)
    }
    const found = [new Without(), new Unfit(), new Choice()].map((env) => [foundIn(env), env.seeds.length])
    expect(found).toEqual([
      [[], 0],
      [[['mirror', 'mirror has 2 observationSigns; expected 1']], 0],
      [[['mirror', 'mirror is given, but observations are Discrete(0 … 1); expected a Box']], 0],
    ])
  })

  it('cannot verify a state without signs, or random dynamics', () => {
    class Longer extends Line {
      override get state() {
        return [this.x, 1]
      }
      override set state(_: readonly number[]) {}
    }
    expect(foundIn(new Longer())).toEqual([
      [
        'mirror unverified',
        'mirror has 1 stateSigns, the state has 2 numbers; give one sign for each, or the symmetry cannot be verified',
      ],
    ])
    const random: Line = new Line(Infinity, 'terminated', (step) => ({ ...step, reward: random.rng.uniform() }))
    expect(foundIn(random)).toEqual([
      ['mirror unverified', 'mirror cannot be verified by single steps: step() draws random numbers'],
    ])
  })
})
