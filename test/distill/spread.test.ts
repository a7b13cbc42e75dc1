import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect, playPool } from '../../src/distill/collect.ts'
import { type CollectionMode, collectionModes } from '../../src/distill/collection/modes.ts'
import { type Pool, play } from '../../src/distill/collection/pool.ts'
import { spreadOrder } from '../../src/distill/collection/spread.ts'
import { learnPolicy } from '../../src/distill/collection/students.ts'
import { distill } from '../../src/distill/distill.ts'
import { observationScaling } from '../../src/distill/observation-scaling.ts'
import { Rng, ValueError } from '../../src/tensor/index.ts'
import { cartPole, someSet, someTeacher } from './support.ts'

function poolOf(observations: Float32Array, observationSize: number): Pool {
  const size = observations.length / observationSize
  return {
    ...{ envId: 'none', mode: 'random', player: 'nobody', size, observationSize, observations },
    ...{ actions: new Int32Array(), returns: new Float32Array(), environmentSteps: size },
  }
}

const orderOf = (pool: Pool, count: number, candidates: number, seed: number, labelled = new Float32Array()) =>
  spreadOrder(pool, labelled, count, candidates, observationScaling(pool), new Rng(seed))

describe('states that lie apart', () => {
  it('find the few that are unlike all others', () => {
    const crowd = Float32Array.from({ length: 100 }, (_, i) => (i < 97 ? i / 1000 : 5 * (i - 95)))
    const [, ...others] = orderOf(poolOf(crowd, 1), 4, 1000, 0)
    expect([...others.slice(0, 3)].filter((place) => place >= 97).length).toBeGreaterThanOrEqual(2)
    // What is labelled already is not looked for again.
    const known = crowd.slice(98)
    expect(orderOf(poolOf(crowd, 1), 1, 1000, 0, known)[0]).toBe(0)
  })

  const pools = fc
    .record({ size: fc.integer({ min: 2, max: 60 }), width: fc.integer({ min: 1, max: 4 }), seed: fc.nat(9999) })
    .map(({ size, width, seed }) => {
      const rng = new Rng(seed)
      return poolOf(
        Float32Array.from({ length: size * width }, () => rng.normal()),
        width,
      )
    })

  it('are each the farthest of their candidates', () => {
    // The same numbers drawn again, and the distances worked out plainly.
    fc.assert(
      fc.property(pools, fc.integer({ min: 2, max: 6 }), fc.nat(99), (pool, candidates, seed) => {
        const { size, observationSize: width, observations } = pool
        const { deviation } = observationScaling(pool)
        const count = Math.min(size, 8)
        const order = orderOf(pool, count, candidates, seed)
        const rng = new Rng(seed)
        const drawn = rng.permutation(size)
        const away = (a: number, b: number) =>
          Math.hypot(
            ...Array.from(
              { length: width },
              (_, j) => (observations[a * width + j]! - observations[b * width + j]!) / deviation[j]!,
            ),
          )
        const taken: number[] = []
        for (let i = 0; i < count; i++) {
          const looked = Array.from({ length: i === 0 ? 1 : candidates }, () => rng.integer(size))
          const nearest = (place: number) => Math.min(Infinity, ...taken.map((other) => away(place, other)))
          expect(looked).toContain(order[i]!)
          if (i > 0)
            for (const place of looked) expect(nearest(order[i]!)).toBeGreaterThanOrEqual(nearest(place) - 1e-5)
          taken.push(order[i]!)
        }
        expect(order.slice(count)).toEqual(drawn) // where too few are new, the rest comes as it was drawn
      }),
    )
  })

  it('do not depend on units', () => {
    fc.assert(
      fc.property(pools, fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 4, maxLength: 4 }), (pool, powers) => {
        const { observationSize: width, observations } = pool
        const inOtherUnits = observations.map((x, i) => x * 2 ** powers[i % width]!)
        expect(orderOf(poolOf(inOtherUnits, width), 5, 4, 1)).toEqual(orderOf(pool, 5, 4, 1))
      }),
    )
  })

  it('are farther from each other than those that are drawn', () => {
    const least = (spread: number, seed: number) => {
      const { observations, size } = someSet({ spread, seed, labels: 12 })
      const scale = observationScaling({ observations, observationSize: 4, size }).deviation
      const away = (a: number, b: number) =>
        Math.hypot(...[0, 1, 2, 3].map((j) => (observations[4 * a + j]! - observations[4 * b + j]!) / scale[j]!))
      const pairs = Array.from({ length: size }, (_, a) => Array.from({ length: a }, (_, b) => away(a, b))).flat()
      return Math.min(...pairs)
    }
    const seeds = Array.from({ length: 20 }, (_, i) => i)
    const farther = seeds.filter((seed) => least(8, seed) > least(1, seed))
    expect(farther.length).toBeGreaterThanOrEqual(18)
  })
})

describe('spread, in collections', () => {
  const quick = learnPolicy([4], { updates: 2 })
  const inRounds = { mode: 'student', labels: 23, learn: quick, learnMember: quick, committee: 2 } as const

  it('is none unless asked for', () => {
    for (const mode of collectionModes) {
      expect(someSet({ ...inRounds, mode, spread: 1 })).toEqual(someSet({ ...inRounds, mode }))
    }
  })

  it('asks about as many states, each once, the same for the same seed', () => {
    for (const mode of ['teacherIid', 'mixedEpsilon', 'random', 'student', 'active'] as const) {
      const teacher = someTeacher(23)
      const options = { ...inRounds, mode, spread: 6, seed: 3, poolSize: 200 }
      const set = collect(teacher, cartPole(), options)
      const states = Array.from({ length: 23 }, (_, i) => set.observations.slice(4 * i, 4 * i + 4).join())
      expect([set.labels, set.size, new Set(states).size]).toEqual([23, 23, 23])
      expect(collect(someTeacher(), cartPole(), options).observations).toEqual(set.observations)
      expect(someSet({ ...inRounds, mode }).observations).not.toEqual(set.observations)
    }
  })

  it('reaches over rounds: what a student met lies apart from all that is labelled, by the measure of the first pool', () => {
    const pool = playPool(someTeacher(), cartPole(), { seed: 0, poolSize: 100 })
    const student = quick(someSet(), 0)
    const [seed, roundPoolSize, spread] = [4, 150, 6]
    const options = { mode: 'student', labels: 30, rounds: 2, randomActions: 0.2, gamma: 0.99 } as const
    const { observations } = someSet({ ...options, seed, spread, pool, roundPoolSize, learn: () => student })
    // The second round again, by hand.
    const rng = new Rng(seed).split().split()
    const how = { steps: roundPoolSize, seed: rng.integer(2 ** 32), gamma: 0.99, exploration: () => 0.2, rng }
    const met: Pool = { mode: 'student', player: 'student', ...play(student, cartPole(), how) }
    const order = spreadOrder(met, observations.slice(0, 60), 15, spread, observationScaling(pool), rng)
    const states = Array.from(new Set(order), (place) => met.observations.slice(4 * place, 4 * place + 4))
    const expected = states.slice(0, 15).flatMap((state) => [...state])
    expect([...observations.slice(60)]).toEqual(expected)
  })

  it('is 5 in the student mode of distill', () => {
    const set = (options: { spread?: number; mode?: CollectionMode }) =>
      distill({
        ...{ teacher: someTeacher().agent, env: cartPole(), hidden: [4], updates: 2 },
        ...{ labels: 20, poolSize: 200, ...options },
      }).set.observations
    expect(set({})).toEqual(set({ spread: 5 }))
    expect(set({})).not.toEqual(set({ spread: 1 }))
    expect(set({ mode: 'mixedEpsilon' })).toEqual(set({ mode: 'mixedEpsilon', spread: 1 }))
  })

  it.each([
    [{ spread: 0 }, /spread is 0; it must be a whole number from 1/],
    [{ spread: 1.5 }, /spread is 1.5/],
    [{ spread: Number.NaN }, /spread is NaN/],
    [{ spread: 1e9 }, /from 1 to 1000/],
    [{ mode: 'teacherContiguous', spread: 2 }, /spread is 2, but teacherContiguous draws no states/],
    [{ mode: 'boundingBox', spread: 2 }, /spread is 2, but boundingBox draws no states/],
  ] as const)('refuses %j', (options, message) => {
    expect(() => someSet(options)).toThrow(ValueError)
    expect(() => someSet(options)).toThrow(message)
  })
})
