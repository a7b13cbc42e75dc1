// Environments stepped one by one: what is checked of each observation, mask and reward, and where, and what a checkpoint holds.

import { describe, expect, it } from 'vitest'
import { Box, Discrete, MultiDiscrete, type Space } from '../../../../src/data/spaces.ts'
import { type AnyEnv, type Info, NO_INFO } from '../../../../src/rl/envs/env.ts'
import { SyncVectorEnv } from '../../../../src/rl/envs/vector/sync-vector-env.ts'
import { Rng, ShapeError } from '../../../../src/tensor/index.ts'

/** Gives what it is told by step: index 0 is the reset. Ends with the last. */
class Told implements AnyEnv {
  readonly id = 'Told-v0'
  rng = new Rng()
  steps = 0
  readonly resets: object[] = []
  readonly taken: unknown[] = []

  constructor(
    readonly observations: readonly unknown[],
    readonly masks: readonly (readonly number[] | undefined)[] = [],
    readonly actionSpace: Space<unknown> = new Discrete(2),
    readonly observationSpace: Space<unknown> = new Box([0, 0], [9, 9]),
    readonly reward = 1,
  ) {}

  get unwrapped(): AnyEnv {
    return this
  }

  get state(): readonly number[] {
    return [this.steps]
  }

  set state([steps]: readonly number[]) {
    this.steps = steps!
  }

  reset(options: object = {}) {
    this.resets.push(options)
    this.steps = 0
    return this.now()
  }

  step(action: unknown) {
    this.taken.push(action)
    this.steps++
    const terminated = this.steps === this.observations.length - 1
    return { ...this.now(), reward: this.reward, terminated, truncated: false }
  }

  private now() {
    const actionMask = this.masks[this.steps]
    const info: Info = actionMask === undefined ? NO_INFO : { actionMask }
    return { observation: this.observations[this.steps], info }
  }
}

const seen = (...numbers: number[]) => Float32Array.from(numbers)

describe('SyncVectorEnv', () => {
  it('has at least one environment, and gives each random numbers of its own', () => {
    expect(() => new SyncVectorEnv([], 'same-step')).toThrow(ShapeError)
    expect(() => new SyncVectorEnv([], 'same-step')).toThrow('SyncVectorEnv: no environments; expected at least one')
    const envs = [new Told([seen(0, 0)]), new Told([seen(0, 0)])]
    new SyncVectorEnv(envs, 'same-step')
    expect(envs.map(({ rng }) => rng.state)).toEqual([new Rng(0).state, new Rng(1).state])
  })

  it('resets with a seed for each and the options, then with the options alone', () => {
    const envs = [new Told([seen(0, 0), seen(1, 1)]), new Told([seen(0, 0), seen(1, 1)])]
    const vector = new SyncVectorEnv(envs, 'same-step')
    vector.reset({ seed: 7, options: { sab: true } })
    vector.step([0, 1])
    vector.reset()
    const options = { sab: true }
    expect(envs[1]!.resets).toEqual([{ seed: 8, options }, { options }, { options: {} }])
  })

  it('searches the first two observations of an episode for NaN, and all for their length', () => {
    const steps = (...later: unknown[]) => {
      const vector = new SyncVectorEnv([new Told([seen(0, 0), ...later, seen(0, 0)])], 'same-step')
      vector.reset()
      return () => {
        for (const _ of later) vector.step([0])
      }
    }
    const message = 'Told-v0, sub-environment 0: the observation of step'
    expect(steps(seen(0, Number.NaN))).toThrow(`${message} 1 has NaN at index 1; expected a number`)
    expect(steps(seen(0, 0), seen(0, Number.NaN))).not.toThrow()
    expect(steps(seen(0, 0), seen(0))).toThrow(`${message} 2 has 1 numbers where its space has 2`)
    expect(steps(seen(0, 0), undefined)).toThrow(`${message} 2 has the wrong type: undefined`)
    expect(() => new SyncVectorEnv([new Told([seen(0)])], 'same-step').reset()).toThrow(
      'Told-v0, sub-environment 0: the observation of reset() has 1 numbers where its space has 2',
    )
  })

  it('checks choices as observations at every step', () => {
    const choice = new Discrete(3)
    const vector = new SyncVectorEnv([new Told([0, 1, 2, 5, 0], [], choice, choice)], 'same-step')
    vector.reset()
    vector.step([0])
    vector.step([0])
    expect([...vector.observations]).toEqual([2])
    expect(() => vector.step([0])).toThrow('the observation of step 3 is outside its space: 5')
  })

  it('keeps the masks of each, and 0 for one that has none', () => {
    const envs = [
      new Told([seen(0, 0), seen(1, 1), seen(0, 0)], [undefined, [0, 1]]),
      new Told([seen(0, 0), seen(1, 1)]),
    ]
    const vector = new SyncVectorEnv([envs[0]!, new Told(envs[0]!.observations, [[1, 0], [1, 1]])], 'same-step') // biome-ignore format: a mask a step
    vector.reset()
    expect([...vector.actionMasks!]).toEqual([0, 0, 1, 0])
    vector.step([0, 0])
    expect([...vector.actionMasks!]).toEqual([0, 1, 1, 1])
    expect(vector.save().copies.map(({ actionMask }) => actionMask)).toEqual([[0, 1], [1, 1]]) // biome-ignore format: a mask each
    const plain = new SyncVectorEnv([envs[1]!], 'same-step')
    plain.reset()
    expect(plain.actionMasks).toBeUndefined()
    expect(plain.save().copies[0]).not.toHaveProperty('actionMask')
  })

  it('refuses masks of another length, and those of actions that are no choice', () => {
    const long = new SyncVectorEnv([new Told([seen(0, 0)], [[1, 1, 1]])], 'same-step')
    expect(() => long.reset()).toThrow(
      'sub-environment 0: the action mask of reset() is Array [1, 1, 1]; expected 2 entries, one an action',
    )
    for (const mask of [[1, 1], []]) {
      const several = new SyncVectorEnv([new Told([seen(0, 0)], [mask], new MultiDiscrete([2, 2]))], 'same-step')
      expect(() => several.reset()).toThrow(ShapeError)
      expect(() => several.reset()).toThrow('is given, but the actions are no single choice: MultiDiscrete([2, 2])')
    }
  })

  it('gives choices as numbers and vectors in their type', () => {
    const taken = (space: Space<unknown>, actions: number[]) => {
      const envs = [0, 1].map(() => new Told([seen(0, 0), seen(0, 0)], [], space))
      const vector = new SyncVectorEnv(envs, 'same-step')
      vector.reset()
      vector.step(actions)
      return envs.map((env) => env.taken[0])
    }
    expect(taken(new Discrete(2), [1, 0])).toEqual([1, 0])
    expect(taken(new MultiDiscrete([3, 4]), [2, 3, 0, 1])).toEqual([Int32Array.of(2, 3), Int32Array.of(0, 1)])
    expect(() => taken(new Discrete(2), [0, 2])).toThrow(
      'Told-v0, sub-environment 1: the action is 2; allowed is Discrete(0 … 1)',
    )
  })

  it('refuses a reward that is not finite', () => {
    const env = new Told([seen(0, 0), seen(0, 0)], [], undefined, undefined, Infinity)
    const vector = new SyncVectorEnv([env], 'same-step')
    vector.reset()
    expect(() => vector.step([0])).toThrow('the reward of step 1 is Infinity; expected a finite number')
  })

  it('restores an ended episode where the next step resets, its masks included', () => {
    const make = (autoreset: 'same-step' | 'next-step') => {
      const env = new Told([seen(0, 0), seen(1, 1), seen(2, 2)], [[1, 1], [0, 1], [1, 0]]) // biome-ignore format: a mask a step
      const vector = new SyncVectorEnv([env], autoreset)
      vector.reset()
      return { env, vector }
    }
    const { vector } = make('next-step')
    vector.step([1])
    const running = vector.save()
    vector.step([1])
    const ended = vector.save()
    expect(ended.copies[0]).toMatchObject({ state: [2], dones: true, actionMask: [1, 0], observation: [2, 2] })
    const later = make('next-step')
    later.vector.restore(ended)
    expect(later.env.state).toEqual([0]) // its next step resets it
    expect([...later.vector.actionMasks!]).toEqual([1, 0])
    later.vector.restore(running)
    expect(later.env.state).toEqual([1])
    const same = make('same-step')
    same.vector.restore(ended)
    expect(same.env.state).toEqual([2]) // its next episode has begun
  })
})
