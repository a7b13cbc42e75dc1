import { describe, expect, it } from 'vitest'
import { Box, Dict, Discrete, MultiBinary, MultiDiscrete, type Space, Tuple } from '../../../../src/data/spaces.ts'
import { type AnyEnv, NO_INFO, type Reset, type ResetOptions } from '../../../../src/rl/envs/env.ts'
import { checkEnv, FlattenObservation, make } from '../../../../src/rl/index.ts'
import { Rng } from '../../../../src/tensor/random.ts'
import { seeds } from '../../../support/arbitraries.ts'
import { builtInIds } from '../../../support/built-in-ids.ts'
import { forAll } from '../../../support/property.ts'
import { brokenEnvs, Walk } from '../../broken-envs.ts'
import { everySpace, Repeat } from '../../repeat-env.ts'

describe('checkEnv', () => {
  it.each(builtInIds)('finds nothing wrong with %s: rollouts repeat themselves with a seed, …', (id) => {
    forAll([seeds()], { numRuns: 4 }, (seed) => {
      expect(checkEnv(make(id), { seed })).toEqual([])
    })
  })

  it('finds nothing wrong with a sound environment, used or new', () => {
    const env = new Walk()
    expect(checkEnv(env)).toEqual([])
    expect(checkEnv(env, { fresh: false, seed: 4, steps: 10 })).toEqual([])
    expect(checkEnv(env).map(({ rule }) => rule)).toEqual(['step before reset'])
  })

  it('asks no environment to draw random numbers', () => {
    class Still extends Walk {
      override reset({ seed }: ResetOptions = {}) {
        if (seed !== undefined) this.rng = new Rng(seed)
        this.state = [0]
        return { observation: this.observe(), info: NO_INFO }
      }
      override step(action: number) {
        const { rng } = this
        this.rng = new Rng() // a gust that is always the same, and leaves the generator as it was
        const step = super.step(action)
        this.rng = rng
        return step
      }
    }
    expect(checkEnv(new Still())).toEqual([])
  })

  it.each(brokenEnvs)('catches “%s”: %s', (rule, words, makeBroken) => {
    const violation = checkEnv(makeBroken()).find((each) => each.rule === rule)
    expect(violation?.message).toMatch(words)
    expect(violation?.message).toMatch(/^(Walk-v0)?: /)
  })

  it('reports a breach once, however often it shows', () => {
    const rules = brokenEnvs.map(([, , makeBroken]) => checkEnv(makeBroken()).map(({ rule }) => rule))
    for (const found of rules) expect(new Set(found).size).toBe(found.length)
  })
})

describe('what checkEnv plays', () => {
  /** Notes the seeds of its resets, and the actions. Ends after `ends` steps, as `ending`. */
  class Noting extends Walk {
    readonly seeds: unknown[] = []
    readonly actions: number[] = []
    constructor(
      readonly ends: number,
      readonly ending: 'terminated' | 'truncated',
    ) {
      super()
    }
    override reset(options: ResetOptions = {}) {
      this.seeds.push(options.seed)
      return super.reset(options)
    }
    override step(action: number) {
      this.actions.push(action)
      if (this.actions.length === 7) throw new Error('seven steps')
      this.position = 0
      return { ...super.step(action), terminated: false, [this.ending]: this.actions.length % this.ends === 0 }
    }
  }

  it.each(['terminated', 'truncated'] as const)('resets with the seed, then after an episode that was %s', (ending) => {
    const env = new Noting(2, ending)
    const message = 'Walk-v0: threw while it was checked (values): Error: seven steps'
    expect(checkEnv(env, { seed: 4, steps: 9, fresh: false })).toEqual([{ rule: 'throws', message }])
    expect(env.seeds).toEqual([4, undefined, undefined, undefined])
    const policy = new Rng(4)
    expect(env.actions).toEqual(Array.from({ length: 7 }, () => policy.integer(2)))
  })

  it('takes as many steps as it is told', () => {
    const env = new Noting(99, 'truncated')
    checkEnv(env, { seed: 4, steps: 7, fresh: false }) // the seventh step throws
    expect(env.seeds).toEqual([4])
    expect(env.actions).toHaveLength(7)
  })
})

describe('a violation after which checkEnv stops', () => {
  const only = (env: object) => checkEnv(env as AnyEnv).map(({ message }) => message)
  const expected = 'expected { observation, reward, terminated, truncated, info }'

  it.each<[name: string, result: unknown, shown: string]>([
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a number', 1, '1'],
    ['a function', () => {}, '() => {}'],
    ['a record without an observation', { reward: 1 }, '{ reward: 1 }'],
  ])('is a step that gives %s', (_, result, shown) => {
    const env = new Walk()
    const step = env.step.bind(env)
    env.step = (action) => {
      step(action)
      return result as never
    }
    expect(only(env)).toEqual([`Walk-v0: step 1 gave ${shown}; ${expected}`])
  })

  it('is a reset that gives null', () => {
    expect(only(Object.assign(new Walk(), { reset: () => null }))).toEqual([
      'Walk-v0: reset() gave null; expected { observation, info }',
    ])
  })

  it('is a space without the methods of one', () => {
    const space = { contains: () => true }
    expect(only(Object.assign(new Walk(), { actionSpace: space }))).toEqual([
      'Walk-v0: actionSpace is { contains: () => true }; expected a space of spaces.ts',
    ])
  })

  it('is a chain of environments without an innermost one', () => {
    const message = 'Walk-v0: expected env.unwrapped.unwrapped === env.unwrapped, the innermost environment'
    const middle = { unwrapped: new Walk() }
    expect(only(Object.defineProperty(new Walk(), 'unwrapped', { get: () => middle }))).toEqual([message])
  })

  it('is not an id that is no name', () => {
    expect(only(Object.assign(new Walk(), { id: 5 }))[0]).toBe('5: the id is 5; expected a name')
  })
})

describe('checkEnv in every space', () => {
  const multi = new MultiDiscrete([3, 2])
  const bits = new MultiBinary(3)
  const tuple = new Tuple([new Discrete(2), bits])
  const lamps = new Dict({ rear: new MultiBinary(2) })
  const dict = new Dict({ velocity: new Box([-1], [1]), gear: new Discrete(3), lamps })

  it.each(everySpace.map((space) => [String(space), space] as const))('finds nothing wrong in %s', (_, space) => {
    expect(checkEnv(new Repeat(space))).toEqual([])
    expect(checkEnv(new FlattenObservation(new Repeat(space)))).toEqual([])
  })

  it.each<[space: Space<unknown>, observation: unknown, fault: string]>([
    [multi, Int32Array.of(0, 2), 'is outside its space: number 1 is 2, allowed is 0 … 1'],
    [multi, Float32Array.of(0, 1), 'has the wrong type: Float32Array [0, 1] where an Int32Array belongs'],
    [bits, Int8Array.of(0, -1, 0), 'is outside its space: number 1 is -1, allowed is 0 … 1'],
    [bits, Int8Array.of(0, 1), 'has 2 numbers where its space has 3'],
    [bits, [0, 1, 0], 'has the wrong type: Array [0, 1, 0] where an Int8Array belongs'],
    [tuple, [0], 'lacks the entry 1 of its space'],
    [tuple, [0, Int8Array.of(0, 1, 1), 0], 'has the entry 2, which its space lacks'],
    [tuple, [2, Int8Array.of(0, 1, 1)], 'is outside its space: 2, allowed is Discrete(0 … 1) (entry 0)'],
    [lamps, {}, 'lacks the key "rear" of its space'],
    [lamps, { rear: Int8Array.of(0, 1), front: 0 }, 'has the key "front", which its space lacks'],
    [
      lamps,
      { rear: Uint8Array.of(0, 1) },
      'has the wrong type: Uint8Array [0, 1] where an Int8Array belongs (key "rear")',
    ],
    [lamps, [], 'has the wrong type: Array [] where an object belongs'],
    [
      dict,
      { velocity: Float32Array.of(0), gear: 1, lamps: { rear: Int8Array.of(0, 2) } },
      'is outside its space: number 1 is 2, allowed is 0 … 1 (key "rear") (key "lamps")',
    ],
  ])('finds the fault of an observation of %s: %s', (space, observation, fault) => {
    const env = new Repeat(space)
    const step = env.step.bind(env)
    env.step = (action) => ({ ...step(action), observation })
    const flat = new FlattenObservation(env)
    flat.reset({ seed: 1 })
    expect(() => flat.step(space.sample(new Rng(1)))).toThrow(
      /FlattenObservation: an observation of Repeat-v0 (is|has|lacks)/,
    )
    expect(checkEnv(env).map(({ message }) => message)).toContain(`Repeat-v0: the observation of step 1 ${fault}`)
  })

  it.each<[space: Space<unknown>, isTaken: (action: never) => boolean, shown: string]>([
    [multi, (a: Int32Array) => a[1]! > 1, 'Int32Array [2, 2]'],
    [multi, (a: Int32Array) => a[0]! < 0, 'Int32Array [-1, 0]'],
    [multi, (a: unknown) => a instanceof Float32Array, 'Float32Array [0, 0]'],
    [bits, (a: Int8Array) => a[2]! > 1, 'Int8Array [1, 1, 2]'],
    [bits, (a: Int8Array) => a.length === 4, 'Int8Array [0, 0, 0, 0]'],
    [tuple, (a: unknown[]) => a[0] === 2, 'Array [2, Int8Array'],
    [lamps, (a: object) => !('rear' in a), '{ }'],
    [dict, (a: { gear: number }) => a.gear === 3, '{ gear: 3, lamps: { rear: Int8Array'],
  ])('finds that an action outside %s is taken: %s', (space, isTaken, shown) => {
    const env = new Repeat(space)
    const step = env.step.bind(env)
    env.step = (action) => step(action !== undefined && isTaken(action as never) ? space.sample(new Rng(1)) : action)
    const { message } = checkEnv(env).find(({ rule }) => rule === 'foreign action')!
    expect(message).toContain(`Repeat-v0: action ${shown}`)
    expect(message).toContain(`outside ${space}, is allowed; expected a ValueError`)
  })

  it('finds an array inside of an observation that is used again or read later', () => {
    const own = { rear: new Int8Array(2) }
    const sample = (rng: Rng) => {
      own.rear.set(new MultiBinary(2).sample(rng))
      return own
    }
    const reusing = new Repeat(Object.assign(new Dict(lamps.spaces), { sample }), new MultiBinary(2))
    expect(checkEnv(reusing).map(({ rule }) => rule)).toContain('observation reused')

    class Sharing extends Repeat {
      rear = new Int8Array(2)
      override reset(options: ResetOptions) {
        return this.keep(super.reset(options))
      }
      override step(action: unknown) {
        const reward = this.rear[0]!
        return { ...this.keep(super.step(action)), reward }
      }
      keep<Result extends Reset<unknown>>(result: Result): Result {
        this.rear = (result.observation as typeof own).rear
        return result
      }
    }
    const sharing = new Sharing(lamps)
    expect(checkEnv(sharing).map(({ rule }) => rule)).toContain('observation shared')
  })
})
