// The checks that play, each by itself: what each finds in a broken environment, and that it finds nothing in a sound one.

import { describe, expect, it } from 'vitest'
import { Box, Dict, Discrete, MultiBinary, MultiDiscrete, type Space, Tuple } from '../../../../src/data/spaces.ts'
import {
  checkActions,
  checkObservationsKept,
  checkSeeds,
  checkState,
  checkStepAfterEnd,
  checkStepBeforeReset,
} from '../../../../src/rl/envs/checks/behaviour.ts'
import type { AddViolation } from '../../../../src/rl/envs/checks/check-env.ts'
import { type AnyEnv, invalidAction, NO_INFO, type ResetOptions, type Step } from '../../../../src/rl/envs/env.ts'
import { TimeLimit } from '../../../../src/rl/envs/wrappers/episode.ts'
import { Rng, StateError } from '../../../../src/tensor/index.ts'
import { brokenEnvs, Walk } from '../../broken-envs.ts'
import { everySpace, Repeat } from '../../repeat-env.ts'

type Check = (env: AnyEnv, add: AddViolation) => void

const checks: Readonly<Record<string, Check>> = {
  checkStepBeforeReset,
  checkSeeds: (env, add) => checkSeeds(env, 0, 12, add),
  checkObservationsKept: (env, add) => checkObservationsKept(env, 0, 12, add),
  checkActions: (env, add) => checkActions(env, 0, add),
  checkStepAfterEnd: (env, add) => checkStepAfterEnd(env, 0, add),
  checkState: (env, add) => checkState(env, 0, add),
}

/** The rules that each check holds. */
const rules: Readonly<Record<string, readonly string[]>> = {
  checkStepBeforeReset: ['step before reset'],
  checkSeeds: ['same seed', 'seed ignored', 'reset restarts'],
  checkObservationsKept: ['observation reused', 'observation shared'],
  checkActions: ['foreign action', 'foreign action moves', 'action refused'],
  checkStepAfterEnd: ['step after the end'],
  checkState: ['state', 'state is live', 'state not set', 'state incomplete'],
}

function foundBy(check: string, env: AnyEnv): [rule: string, message: string][] {
  const found: [string, string][] = []
  checks[check]!(env, (rule, message) => found.push([rule, message]))
  return found
}

describe.each(Object.keys(checks))('%s', (check) => {
  it('finds nothing in a sound environment of any space', () => {
    for (const space of everySpace) expect(foundBy(check, new Repeat(space))).toEqual([])
    expect(foundBy(check, new Walk())).toEqual([])
    expect(foundBy(check, new TimeLimit(new Walk(), 3))).toEqual([])
  })

  it.each(brokenEnvs.filter(([rule]) => rules[check]!.includes(rule)))('finds “%s”: %s', (rule, words, makeBroken) => {
    const [first] = foundBy(check, makeBroken()).filter(([own]) => own === rule)
    expect(first?.[1]).toMatch(words)
  })
})

it.each<[check: string, rule: string]>([
  ['checkSeeds', 'seed ignored'],
  ['checkObservationsKept', 'observation reused'],
  ['checkState', 'state'],
  ['checkState', 'state not set'],
  ['checkState', 'state is live'],
])('the first check that fails ends the later ones of its kind: %s: %s', (check, rule) => {
  const [, , makeBroken] = brokenEnvs.find(([each]) => each === rule)!
  expect(foundBy(check, makeBroken()).map(([each]) => each)).toEqual([rule])
})

describe('checkActions', () => {
  /** Takes every action, and notes it. */
  class Noting extends Walk {
    readonly tried: unknown[] = []
    constructor(override readonly actionSpace: Space<never>) {
      super()
    }
    override step(action: number): Step<Float32Array> {
      this.tried.push(action)
      throw invalidAction(this.id, action, this.actionSpace)
    }
  }
  const triedIn = (space: Space<unknown>) => {
    const env = new Noting(space as Space<never>)
    checkActions(env, 0, () => {})
    return env.tried
  }

  it('tries all choices, from the first, then what is beside them', () => {
    expect(triedIn(new Discrete(3, -1))).toEqual([-1, 0, 1, -2, 2, -0.5, Number.NaN, undefined])
  })

  it('tries at most 100 choices', () => {
    expect(triedIn(new Discrete(1000, 5)).slice(0, 101)).toEqual([...Array.from({ length: 100 }, (_, i) => 5 + i), 4])
  })

  it('tries vectors with one number too low, one too high, of another type and of another length', () => {
    expect(triedIn(new MultiDiscrete([3, 2]))).toEqual([
      Int32Array.of(-1, 0),
      Int32Array.of(2, 2),
      Float32Array.of(0, 0),
      Int32Array.of(0, 0, 0),
      undefined,
    ])
    expect(triedIn(new MultiBinary(2)).slice(0, 2)).toEqual([Int8Array.of(-1, 0), Int8Array.of(1, 2)])
  })

  it('tries NaN in a Box, and another length: an environment may clip what is outside the bounds', () => {
    expect(triedIn(new Box([-1, -1], [1, 1]))).toEqual([
      Float32Array.of(Number.NaN, Number.NaN),
      Float32Array.of(0, 0, 0),
      undefined,
    ])
  })

  it('tries each part of a Tuple and a Dict, and one without parts', () => {
    const tuple = triedIn(new Tuple([new Discrete(2), new Discrete(2)])) as unknown[][]
    expect(tuple).toHaveLength(12)
    expect(tuple.map((each) => each?.[0]).slice(0, 5)).toEqual([-1, 2, 0.5, Number.NaN, undefined])
    expect(tuple.map((each) => each?.[1]).slice(5, 10)).toEqual([-1, 2, 0.5, Number.NaN, undefined])
    expect(tuple.slice(10)).toEqual([[], undefined])
    expect(triedIn(new Dict({ gear: new Discrete(2) })).slice(4)).toEqual([{ gear: undefined }, {}, undefined])
  })

  it('tries no action but undefined in a space that it does not know', () => {
    const foreign = { contains: () => false, sample: () => 0, kind: 'foreign' }
    expect(triedIn(foreign as unknown as Space<unknown>)).toEqual([undefined])
  })

  it('resets before each action, with the seed', () => {
    class Resets extends Noting {
      readonly seeds: unknown[] = []
      override reset(options: ResetOptions = {}) {
        this.seeds.push(options.seed)
        return super.reset(options)
      }
    }
    const env = new Resets(new Discrete(2) as unknown as Space<never>)
    checkActions(env, 4, () => {})
    expect(env.seeds).toEqual(new Array(7).fill(4))
  })
})

describe('checkStepAfterEnd', () => {
  /** Ends after some steps, and goes on. */
  class Endless extends Walk {
    steps = 0
    resets = 0
    constructor(readonly lengthOfEpisode: number) {
      super()
    }
    override reset() {
      this.resets++
      return super.reset({ seed: 1 })
    }
    override step(action: number) {
      this.steps++
      this.position = 0
      const end = this.steps === this.lengthOfEpisode
      return { ...super.step(action), terminated: false, truncated: end }
    }
  }

  it('plays one episode to its end, also to that of a time limit, and one step more', () => {
    const env = new Endless(30)
    expect(foundBy('checkStepAfterEnd', env)[0]![1]).toBe(
      'a step after the end of the episode is allowed; expected a StateError',
    )
    expect([env.steps, env.resets]).toEqual([31, 1])
  })

  it('gives up after 20,000 steps without an end', () => {
    const env = new Endless(Infinity)
    expect(foundBy('checkStepAfterEnd', env)).toEqual([])
    expect(env.steps).toBe(20_000)
  })
})

it('checkState: refuses an empty state, and one that is no list', () => {
  class Stateless extends Walk {
    override get state() {
      return this.given as number[]
    }
    override set state(_: readonly number[]) {}
    constructor(readonly given: unknown) {
      super()
    }
  }
  const expected = 'expected an array of finite numbers'
  expect(foundBy('checkState', new Stateless([]))).toEqual([['state', `state is Array []; ${expected}`]])
  expect(foundBy('checkState', new Stateless('0'))).toEqual([['state', `state is "0"; ${expected}`]])
})

describe('checkObservationsKept', () => {
  it('overwrites arrays within records, and records themselves', () => {
    /** Reads its speed from the record that it gave. */
    class Reading extends Repeat {
      record = { gear: 1, list: [{ x: 2 }] }
      constructor(readonly what: 'gear' | 'x') {
        super(new Discrete(2))
      }
      override reset(options: ResetOptions) {
        this.record = { gear: 1, list: [{ x: 2 }] }
        return { ...super.reset(options), observation: this.record }
      }
      override step(action: unknown) {
        const { gear, list } = this.record
        const reward = this.what === 'gear' ? gear : (list[0]?.x ?? 0)
        return { ...super.step(action), observation: null, reward }
      }
    }
    for (const what of ['gear', 'x'] as const) {
      expect(foundBy('checkObservationsKept', new Reading(what))).toEqual([
        ['observation shared', "writing into an observation changes what follows: it is the environment's own array"],
      ])
    }
  })

  it('sees the first observation of every episode', () => {
    /** Reuses one array for what reset() gives. */
    class Reusing extends Walk {
      readonly first = new Float32Array(1)
      override reset(options: ResetOptions = {}) {
        this.first.set(super.reset(options).observation)
        return { observation: this.first, info: NO_INFO }
      }
      override step(action: number) {
        const step = super.step(action)
        this.phase = 'ended'
        return { ...step, terminated: true }
      }
    }
    expect(foundBy('checkObservationsKept', new Reusing())[0]?.[0]).toBe('observation reused')
  })
})

it('checkSeeds names the step at which two rollouts differ, which reset only at an end', () => {
  let draws = 0
  class Drifting extends Walk {
    count = 0
    override reset(options: ResetOptions = {}) {
      this.count = 0
      return super.reset(options)
    }
    override step(action: number) {
      const step = super.step(action)
      return ++this.count === 3 ? { ...step, reward: draws++ } : step
    }
  }
  const message = 'two rollouts with seed 0 and the same actions differ, first at step 3'
  expect(foundBy('checkSeeds', new Drifting())).toEqual([['same seed', message]])
})

it('checkStepBeforeReset tries an action of the space', () => {
  class Strict extends Walk {
    override step(action: number): Step<Float32Array> {
      expect(this.actionSpace.contains(action)).toBe(true)
      expect(this.actionSpace.sample(new Rng(1))).toBe(action)
      throw new StateError('not yet')
    }
  }
  expect(foundBy('checkStepBeforeReset', new Strict())).toEqual([])
})
