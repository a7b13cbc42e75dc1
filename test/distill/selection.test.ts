import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { playTeacher } from '../../src/distill/collector.ts'
import { type DistillOptions, distill } from '../../src/distill/distill.ts'
import { functionTeacher } from '../../src/distill/function-teacher.ts'
import {
  boxAround,
  disagreementOrder,
  farthestOrder,
  jensenShannonDisagreement,
  sampleBox,
  sequentialOrder,
} from '../../src/distill/selection.ts'
import { fitStandardizer, type Standardizer } from '../../src/nn/standardize.ts'
import type { DiscreteAgent } from '../../src/rl/discrete-policies.ts'
import { Rollout } from '../../src/rl/rollout.ts'
import { type Box, Discrete } from '../../src/rl/spaces.ts'
import { finish } from '../../src/rl/training.ts'
import { Rng } from '../../src/tensor/index.ts'
import { cartPole, quick, someDataset, someTeacher, statesOf } from './support.ts'

const rolloutOf = (observations: Float32Array, width: number) => Rollout.ofStates('none', width, observations, 0)

const standardizerOf = (rollout: Rollout): Standardizer =>
  fitStandardizer((row) => rollout.observation(row), rollout.size, rollout.observationSize)

const orderOf = (rollout: Rollout, count: number, candidates: number, seed: number, labelled = new Float32Array()) =>
  farthestOrder(rollout, labelled, count, candidates, standardizerOf(rollout), new Rng(seed))

describe('sequential', () => {
  it('takes the states as they were played', () => {
    expect([...sequentialOrder(rolloutOf(new Float32Array(6), 2))]).toEqual([0, 1, 2])
  })
})

describe('farthest', () => {
  it('finds the few states that are unlike all others', () => {
    const crowd = Float32Array.from({ length: 100 }, (_, i) => (i < 97 ? i / 1000 : 5 * (i - 95)))
    const [, ...others] = orderOf(rolloutOf(crowd, 1), 4, 1000, 0)
    expect([...others.slice(0, 3)].filter((index) => index >= 97).length).toBeGreaterThanOrEqual(2)
    // States near labelled ones are not looked for again.
    const known = crowd.slice(98)
    expect(orderOf(rolloutOf(crowd, 1), 1, 1000, 0, known)[0]).toBe(0)
  })

  const rollouts = fc
    .record({ size: fc.integer({ min: 2, max: 60 }), width: fc.integer({ min: 1, max: 4 }), seed: fc.nat(9999) })
    .map(({ size, width, seed }) => {
      const rng = new Rng(seed)
      return { width, observations: Float32Array.from({ length: size * width }, () => rng.normal()) }
    })

  it('takes the farthest of the candidates each time', () => {
    // The same random numbers again, and plainly computed distances.
    fc.assert(
      fc.property(rollouts, fc.integer({ min: 2, max: 6 }), fc.nat(99), ({ observations, width }, candidates, seed) => {
        const rollout = rolloutOf(observations, width)
        const { size } = rollout
        const { std } = standardizerOf(rollout)
        const count = Math.min(size, 8)
        const order = orderOf(rollout, count, candidates, seed)
        const rng = new Rng(seed)
        const drawn = rng.permutation(size)
        const distance = (a: number, b: number) =>
          Math.hypot(
            ...Array.from(
              { length: width },
              (_, j) => (observations[a * width + j]! - observations[b * width + j]!) / std[j]!,
            ),
          )
        const taken: number[] = []
        for (let i = 0; i < count; i++) {
          const tried = Array.from({ length: i === 0 ? 1 : candidates }, () => rng.integer(size))
          const nearest = (index: number) => Math.min(Infinity, ...taken.map((other) => distance(index, other)))
          expect(tried).toContain(order[i]!)
          if (i > 0) {
            for (const index of tried) expect(nearest(order[i]!)).toBeGreaterThanOrEqual(nearest(index) - 1e-5)
          }
          taken.push(order[i]!)
        }
        expect(order.slice(count)).toEqual(drawn) // the rest, for where too few are new
      }),
    )
  })

  it('does not depend on units', () => {
    const exponents = fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(rollouts, exponents, ({ observations, width }, powers) => {
        const inOtherUnits = observations.map((x, i) => x * 2 ** powers[i % width]!)
        const order = orderOf(rolloutOf(observations, width), 5, 4, 1)
        expect(orderOf(rolloutOf(inOtherUnits, width), 5, 4, 1)).toEqual(order)
      }),
    )
  })

  it('gives states that are farther from each other than drawn ones', () => {
    const nearestPair = (candidates: number, seed: number) => {
      const dataset = someDataset({ selection: 'farthest', candidates, seed, labels: 12 })
      const states = Array.from({ length: dataset.size }, (_, i) => dataset.observation(i))
      const { std } = fitStandardizer((row) => states[row]!, states.length, 4)
      const distance = (a: Float32Array, b: Float32Array) =>
        Math.hypot(...[0, 1, 2, 3].map((j) => (a[j]! - b[j]!) / std[j]!))
      return Math.min(...states.flatMap((a, i) => states.slice(0, i).map((b) => distance(a, b))))
    }
    const seeds = Array.from({ length: 20 }, (_, i) => i)
    const farther = seeds.filter((seed) => nearestPair(8, seed) > nearestPair(1, seed))
    expect(farther.length).toBeGreaterThanOrEqual(18)
  })

  it('of five candidates is what distill does unless told otherwise', () => {
    const dataset = (changes: DistillOptions) => {
      const options = { ...quick, labels: 20, rounds: 2, rolloutSteps: 200, ...changes }
      return statesOf(finish(distill(cartPole(), someTeacher(), options)).dataset)
    }
    expect(dataset({})).toEqual(dataset({ selection: 'farthest', candidates: 5 }))
    expect(dataset({})).not.toEqual(dataset({ candidates: 1 }))
    expect(dataset({})).not.toEqual(dataset({ selection: 'random' }))
  })
})

describe('disagreement', () => {
  const voter = (logits: (x: number) => number[]) =>
    functionTeacher(([x]) => ({ logits: logits(x!) }), new Discrete(2), new Float32Array(1)) as DiscreteAgent

  it('is 0 among equal policies and ln 2 between opposite ones', () => {
    const of = (...logits: number[][]) =>
      jensenShannonDisagreement(
        logits.map((each) => voter(() => each)),
        new Float32Array(3),
        3,
      )
    expect([...of([1, 3], [1, 3], [2, 4])].every((each) => Math.abs(each) < 1e-7)).toBe(true)
    for (const each of of([50, 0], [0, 50])) expect(each).toBeCloseTo(Math.LN2, 6)
    expect(of([2, 0], [0, 2])[0]).toBeLessThan(Math.LN2)
  })

  it('orders the given states, the most disputed first, equals as they came', () => {
    // The members agree below 0 and disagree the more the larger x is.
    const committee = [1, -1].map((sign) => voter((x) => [sign * Math.max(x, 0), -sign * Math.max(x, 0)]))
    const rollout = rolloutOf(Float32Array.of(0.5, -1, 2, -3, 1, 9), 1)
    expect([...disagreementOrder(committee, rollout, Int32Array.of(3, 0, 1, 2, 4), 5)]).toEqual([2, 4, 0, 3, 1])
    expect([...disagreementOrder(committee, rollout, Int32Array.of(3, 0, 1, 2, 4), 2)]).toEqual([2, 4])
  })
})

describe('box', () => {
  it('is the box that was visited, 1.5 interquartile ranges wider to each side, within the observation space', () => {
    const columns = [
      [0, 1, 2, 3, 4], // quartiles 1 and 3
      [-8, -8, -8, -8, -8],
      [-0.4, -0.2, 0, 0.2, 0.4], // CartPole's pole is within 0.418… on either side
      [0, 0, 0, 0, 100], // quartiles 0 and 0
    ]
    const observations = Float32Array.from({ length: 20 }, (_, i) => columns[i % 4]![Math.floor(i / 4)]!)
    const { low, high } = boxAround(rolloutOf(observations, 4), cartPole())
    expect([low[0], high[0]]).toEqual([-3, Math.fround(4.8)]) // 0 - 3; of 4 + 3, what the track allows
    expect([low[1], high[1]]).toEqual([-8, -8])
    const { observationSpace } = cartPole() as unknown as { observationSpace: Box }
    expect([low[2], high[2]]).toEqual([observationSpace.low[2], observationSpace.high[2]])
    expect([low[3], high[3]]).toEqual([0, 100])
  })

  it('samples within it, and the environment steps are those of the play', () => {
    const played = playTeacher(cartPole(), someTeacher(), { rolloutSteps: 50, seed: 1 })
    const { low, high } = boxAround(played, cartPole())
    const sampled = sampleBox(played, cartPole(), 300, new Rng(0))
    expect([sampled.size, sampled.environmentSteps]).toEqual([300, played.environmentSteps])
    for (let k = 0; k < 4; k++) {
      const numbers = Array.from({ length: 300 }, (_, i) => sampled.observation(i)[k]!)
      const width = high[k]! - low[k]!
      expect(Math.min(...numbers)).toBeGreaterThanOrEqual(Math.fround(low[k]!))
      expect(Math.max(...numbers)).toBeLessThanOrEqual(Math.fround(high[k]!))
      expect(Math.max(...numbers) - Math.min(...numbers)).toBeGreaterThan(0.9 * width)
    }
    expect(sampled.row(0)).toEqual({ observation: sampled.observation(0) })
  })

  it('labels states that nobody visited, so the dataset has no actions and returns', () => {
    const dataset = someDataset({ selection: 'box' })
    expect([dataset.isPlayed, dataset.has('actions'), dataset.has('returns')]).toEqual([false, false, false])
    const { low, high } = boxAround(playTeacher(cartPole(), someTeacher(), { rolloutSteps: 200, seed: 3 }), cartPole())
    dataset.column('observations').forEach((x, i) => {
      expect(x).toBeGreaterThanOrEqual(low[i % 4]!)
      expect(x).toBeLessThanOrEqual(high[i % 4]!)
    })
    expect(() => dataset.column('returns')).toThrow(/the dataset of CartPole-v1 has no "returns"/)
  })
})
