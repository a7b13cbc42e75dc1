import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CollectOptions, collect, playPool } from '../../src/distill/collect.ts'
import { disagreement } from '../../src/distill/collection/disagreement.ts'
import { type Learn, learnPolicy } from '../../src/distill/collection/students.ts'
import type { LabelledSet } from '../../src/distill/labelled-set.ts'
import { roundSizes } from '../../src/distill/rounds.ts'
import { Teacher } from '../../src/distill/teacher.ts'
import { functionAgent } from '../../src/distill/teachers/function-agent.ts'
import { Corridor } from '../../src/rl/envs/corridor.ts'
import { TimeLimit } from '../../src/rl/wrappers/episode.ts'
import { ValueError } from '../../src/tensor/index.ts'
import { cartPole, someSet, someTeacher } from './support.ts'

const quick = learnPolicy([4], { updates: 2 })
const inRounds = (options: Partial<CollectOptions> = {}) =>
  someSet({ mode: 'student', labels: 23, learn: quick, learnMember: quick, committee: 2, ...options })

describe('the sizes of rounds', () => {
  it('share the labels out, the rest spread', () => {
    expect(roundSizes(50, 5)).toEqual([10, 10, 10, 10, 10])
    expect(roundSizes(23, 5)).toEqual([5, 4, 5, 4, 5])
    expect(roundSizes(150, 4, 2)).toEqual([10, 20, 40, 80])
  })

  it('sum to the labels, and no two of equal rounds differ by more than one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 20 }), (labels, rounds) => {
        fc.pre(labels >= rounds)
        const sizes = roundSizes(labels, rounds)
        expect(sizes.reduce((sum, size) => sum + size)).toBe(labels)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('leave no round empty', () => {
    expect(() => roundSizes(3, 5)).toThrow(/3 labels in 5 rounds would leave a round empty/)
    expect(() => roundSizes(20, 5, 10)).toThrow(ValueError)
  })
})

describe('rounds of a student', () => {
  it('the first alone is the collection of its own mode, bit for bit', () => {
    for (const firstRound of ['teacherIid', 'mixedEpsilon'] as const) {
      const { provenance: _, ...one } = inRounds({ rounds: 1, firstRound })
      const { provenance: __, ...same } = someSet({ mode: firstRound, labels: 23 })
      expect(one).toEqual(same)
    }
  })

  it('trains a student on all labels so far before each but the first, and plays it', () => {
    const seen: LabelledSet[] = []
    const learn: Learn = (set, seed) => {
      seen.push(set)
      return quick(set, seed)
    }
    const set = inRounds({ learn, rounds: 4 })
    expect(seen.map(({ size, labels }) => [size, labels])).toEqual([6, 12, 17].map((size) => [size, size]))
    for (const { size, observations, actionValues } of seen) {
      expect(observations).toEqual(set.observations.slice(0, 4 * size))
      expect(actionValues).toEqual(set.actionValues!.slice(0, 2 * size))
    }
    expect(set.environmentSteps).toBeGreaterThanOrEqual(4 * 200)
  })

  it('notes what the student did where it went: its actions, but for the random share', () => {
    const always =
      (action: number): Learn =>
      () =>
        functionAgent(() => ({ logits: [1 - action, action] }), { actionCount: 2, example: new Float32Array(4) })
    for (const action of [0, 1]) {
      const { actions } = inRounds({ learn: always(action), randomActions: 0, rounds: 2, labels: 20 })
      expect(new Set(actions.slice(10))).toEqual(new Set([action]))
    }
    expect(new Set(inRounds({ learn: always(1), randomActions: 1 }).actions.slice(6))).toEqual(new Set([0, 1]))
  })

  it('meets other states in each round and with each seed, though the same student plays', () => {
    const pool = playPool(someTeacher(), cartPole(), { seed: 0, poolSize: 100 })
    const same = quick(someSet(), 0)
    const later = (seed: number) =>
      inRounds({ pool, seed, learn: () => same, rounds: 3, labels: 30 }).observations.slice(40)
    expect(later(1)).toEqual(later(1))
    expect(later(1)).not.toEqual(later(2))
    const env = cartPole()
    const seeds: number[] = []
    const reset = env.reset.bind(env)
    const noted: typeof env.reset = (options) => {
      if (options?.seed !== undefined) seeds.push(options.seed)
      return reset(options)
    }
    Object.assign(env, { reset: noted })
    collect(someTeacher(), env, {
      mode: 'student',
      labels: 40,
      seed: 1,
      pool,
      learn: () => same,
      rounds: 4,
      roundPoolSize: 50,
    })
    expect([seeds.length, new Set(seeds).size]).toEqual([3, 3])
    const starts = (seed: number) => new Set(later(seed))
    expect([...starts(1)].filter((x) => starts(2).has(x))).toEqual([])
  })

  it('fills up from the teacher’s play where a student meets nothing new', () => {
    // A corridor of ten cells, and students that stay at its left end: after the first round they see one state again and again.
    const corridor = new TimeLimit(new Corridor({ length: 10 }), 30)
    const right = functionAgent(() => ({ logits: [0, 1] }), { actionCount: 2, example: new Float32Array(1) })
    const left = functionAgent(() => ({ logits: [1, 0] }), { actionCount: 2, example: new Float32Array(1) })
    const options = {
      mode: 'student',
      labels: 8,
      rounds: 4,
      randomActions: 0,
      seed: 0,
      learn: () => left,
      poolSize: 100,
    } as const
    const set = collect(new Teacher(right, 'right', 8), corridor, options)
    expect(new Set(set.observations).size).toBe(8)
    expect(() => collect(new Teacher(right, 'right'), corridor, { ...options, labels: 12 })).toThrow(
      /different states in 100 steps of play/,
    )
  })
})

describe('active labelling', () => {
  it('disagreement is nothing among equals and ln 2 between opposites', () => {
    const voter = (logits: number[]) =>
      functionAgent(() => ({ logits }), { actionCount: 2, example: new Float32Array(1) })
    const observations = new Float32Array(3)
    const of = (...logits: number[][]) => disagreement(logits.map(voter), observations, 3)
    expect([...of([1, 3], [1, 3], [2, 4])].every((each) => Math.abs(each) < 1e-7)).toBe(true)
    for (const each of of([50, 0], [0, 50])) expect(each).toBeCloseTo(Math.LN2, 6)
    expect(of([2, 0], [0, 2])[0]).toBeLessThan(Math.LN2)
  })

  it('labels the most disputed of the candidates', () => {
    // Members that agree where the cart is left of the middle and are of two minds to the right of it.
    const member =
      (sign: number): Learn =>
      () =>
        functionAgent(([x]) => ({ logits: x! > 0 ? [sign * x!, -sign * x!] : [0, 0] }), {
          actionCount: 2,
          example: new Float32Array(4),
        })
    let asked = 0
    const learnMember: Learn = (set, seed) => member(asked++ % 2 === 0 ? 1 : -1)(set, seed)
    const set = inRounds({ mode: 'active', learnMember, rounds: 2, labels: 20, candidates: 10 })
    const places = Array.from({ length: 10 }, (_, i) => set.observations[4 * (10 + i)]!)
    expect(places.every((x) => x > 0)).toBe(true)
    expect(places).toEqual([...places].sort((a, b) => b - a)) // the further right, the more disputed
  })
})

describe('bad input', () => {
  it.each([
    [{ rounds: 0 }, /0 rounds; expected a whole number from 1/],
    [{ growth: -1 }, /growth is -1/],
    [{ labels: 4, rounds: 5 }, /4 labels in 5 rounds would leave a round empty/],
    [{ firstRound: 'random' as 'teacherIid' }, /unknown first round "random"/],
    [{ randomActions: 1.5 }, /randomActions is 1.5/],
    [{ mode: 'active' as const, committee: 1 }, /a committee of 1/],
    [{ mode: 'active' as const, candidates: 0 }, /0 candidates/],
    [{ roundPoolSize: 3, rounds: 5 }, /a round of 5 labels from a pool of 3 states/],
  ])('%j', (options, message) => {
    expect(() => inRounds(options)).toThrow(ValueError)
    expect(() => inRounds(options)).toThrow(message)
  })

  it('a teacher that cannot play', () => {
    const critic = functionAgent(() => ({ stateValues: 1 }), { actionCount: 2, example: new Float32Array(4) })
    expect(() => collect(new Teacher(critic, 'critic'), cartPole(), { labels: 5, seed: 0 })).toThrow(
      /"critic" gives stateValues, so it cannot choose actions to play/,
    )
    expect(collect(new Teacher(critic, 'critic'), cartPole(), { labels: 5, seed: 0, mode: 'random' }).size).toBe(5)
    expect(someTeacher().kinds).toEqual(['actionValues', 'stateValues'])
  })
})
