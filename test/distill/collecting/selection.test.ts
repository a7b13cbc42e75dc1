import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  boxAround,
  farthestOrder,
  sampleBox,
  sequentialOrder,
  take,
} from '../../../src/distill/collecting/selection.ts'
import { LabelledDataset } from '../../../src/distill/dataset/dataset.ts'
import { fitStandardizer } from '../../../src/nn/layers/standardize.ts'
import { type Box, Discrete, Rollout } from '../../../src/rl/index.ts'
import { Rng } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'
import { cartPole, someDataset } from '../support.ts'

const rolloutOf = (observations: Float32Array, width: number) =>
  Rollout.ofStates('CartPole-v1', width, observations, observations.length / width)
const scalesOf = (rollout: Rollout) =>
  fitStandardizer((row) => rollout.observation(row), rollout.size, rollout.observationSize)
const orderOf = (
  rollout: Rollout,
  count: number,
  candidates: number,
  seed: number,
  labelled = new Float32Array(),
  weightsOf?: (indices: Int32Array) => ArrayLike<number>,
) => farthestOrder(rollout, labelled, count, candidates, scalesOf(rollout), new Rng(seed), weightsOf)

it('sequential: is the order of the play', () => {
  expect(sequentialOrder(rolloutOf(new Float32Array(6), 2))).toEqual(Int32Array.of(0, 1, 2))
})

describe('farthest', () => {
  it('finds the few states that are unlike all others', () => {
    const crowd = Float32Array.from({ length: 100 }, (_, i) => (i < 97 ? i / 1000 : 5 * (i - 95)))
    const [, ...others] = orderOf(rolloutOf(crowd, 1), 4, 1000, 0)
    expect([...others.slice(0, 3)].filter((index) => index >= 97).length).toBeGreaterThanOrEqual(2)
    // States near labelled ones are not selected again.
    expect(orderOf(rolloutOf(crowd, 1), 1, 1000, 0, crowd.slice(98))[0]).toBe(0)
  })

  const rollouts = fc
    .record({ size: fc.integer({ min: 2, max: 60 }), width: fc.integer({ min: 1, max: 4 }), seed: fc.nat(9999) })
    .map(({ size, width, seed }) => {
      const rng = new Rng(seed)
      const observations = Float32Array.from({ length: size * width }, () => rng.normal())
      return { size, width, observations, rollout: rolloutOf(observations, width) }
    })

  it('takes each time the farthest of the candidates, by distances times weights if there are any', () => {
    // The same numbers drawn again, and the distances worked out plainly.
    const range = fc.integer({ min: 2, max: 6 })
    forAll([rollouts, range, fc.nat(99), fc.boolean()], (drawn, candidates, seed, isWeighted) => {
      const { size, width, observations, rollout } = drawn
      const { std } = scalesOf(rollout)
      const count = Math.min(size, 8)
      const weightOf = (index: number) => (isWeighted ? 0.1 + ((7 * index) % 5) : 1)
      const weightsOf = isWeighted ? (indices: Int32Array) => Array.from(indices, weightOf) : undefined
      const order = orderOf(rollout, count, candidates, seed, undefined, weightsOf)
      const rng = new Rng(seed)
      const permutation = rng.permutation(size)
      const distance = (a: number, b: number) =>
        Math.hypot(
          ...Array.from(
            { length: width },
            (_, j) => (observations[a * width + j]! - observations[b * width + j]!) / std[j]!,
          ),
        )
      const taken: number[] = []
      for (let i = 0; i < count; i++) {
        const considered = Array.from({ length: i === 0 ? 1 : candidates }, () => rng.integer(size))
        const nearest = (index: number) =>
          weightOf(index) * Math.min(Infinity, ...taken.map((other) => distance(index, other)))
        expect(considered).toContain(order[i]!)
        if (i > 0) {
          for (const index of considered) {
            expect(nearest(order[i]!)).toBeGreaterThanOrEqual(nearest(index) - 1e-5)
          }
        }
        taken.push(order[i]!)
      }
      expect(order.slice(count)).toEqual(permutation) // where too few are new, the rest comes as it was drawn
    })
  })

  it('does not depend on units', () => {
    fc.assert(
      fc.property(
        rollouts,
        fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 4, maxLength: 4 }),
        ({ width, observations, rollout }, powers) => {
          const inOtherUnits = observations.map((x, i) => x * 2 ** powers[i % width]!)
          expect(orderOf(rolloutOf(inOtherUnits, width), 5, 4, 1)).toEqual(orderOf(rollout, 5, 4, 1))
        },
      ),
    )
  })

  it('gives states farther from each other than those that are drawn at random', () => {
    const least = (candidates: number, seed: number) => {
      const dataset = someDataset({ selection: 'farthest', candidates, seed, labels: 12 })
      const { size } = dataset
      const { std } = fitStandardizer((row) => dataset.observation(row), size, 4)
      const distance = (a: number, b: number) => {
        const [x, y] = [dataset.observation(a), dataset.observation(b)]
        return Math.hypot(...[0, 1, 2, 3].map((j) => (x[j]! - y[j]!) / std[j]!))
      }
      const pairs = Array.from({ length: size }, (_, a) => Array.from({ length: a }, (_, b) => distance(a, b))).flat()
      return Math.min(...pairs)
    }
    const seeds = Array.from({ length: 20 }, (_, i) => i)
    expect(seeds.filter((seed) => least(8, seed) > least(1, seed)).length).toBeGreaterThanOrEqual(18)
  })
})

describe('what is taken', () => {
  const spec = { envId: 'CartPole-v1', observationSize: 1, actionSpace: new Discrete(2) }
  const rollout = rolloutOf(Float32Array.of(5, 6, 5, 7, 8), 1)
  const holding6 = () => {
    const dataset = new LabelledDataset(spec)
    dataset.add({ observation: Float32Array.of(6) })
    return dataset
  }

  it('are new states, each once, in their order, up to a number of them', () => {
    const of = (order: number[], count: number) => {
      const dataset = holding6()
      const found = take(rollout, Int32Array.from(order), count, dataset)
      expect(dataset.size).toBe(1 + found)
      return [...dataset.column('observations').subarray(1)]
    }
    expect(of([0, 1, 2, 3, 4], 9)).toEqual([5, 7, 8])
    expect(of([4, 2, 1, 0, 3], 2)).toEqual([8, 5])
    expect(of([4, 2], 0)).toEqual([])
    const dataset = holding6()
    expect(take(rollout, Int32Array.of(4, 2, 1, 0, 3), 2, dataset)).toBe(2)
    expect([...dataset.column('observations')]).toEqual([6, 8, 5])
    expect(take(rollout, Int32Array.of(4, 2, 1, 0, 3), 2, dataset)).toBe(1)
    expect(dataset.size).toBe(4)
  })

  it('has no actions and returns where its rollout has none', () => {
    const dataset = holding6()
    take(rollout, Int32Array.of(0), 1, dataset)
    expect(dataset.isPlayed).toBe(false)
  })
})

it('the first state: is any, as no other is there to be far from; with labelled states it is the farthest from those', () => {
  const line = rolloutOf(
    Float32Array.from({ length: 50 }, (_, i) => i),
    1,
  )
  const firstOf = (labelled: Float32Array<ArrayBuffer>) =>
    [0, 1, 2, 3].map((seed) => orderOf(line, 1, 400, seed, labelled)[0])
  expect(firstOf(Float32Array.of(0))).toEqual([49, 49, 49, 49])
  expect(new Set(firstOf(new Float32Array())).size).toBe(4)
  const weights = (indices: Int32Array) => Array.from(indices, (index) => (index === 20 ? 10 : 1))
  expect(orderOf(line, 1, 400, 0, Float32Array.of(0), weights)[0]).toBe(20)
  // Distances count by their weight, not by its square: 2 · 24 is less than 49, 3 · 24 is more.
  const weighted = (factor: number) => (indices: Int32Array) => Array.from(indices, (i) => (i === 24 ? factor : 1))
  expect(orderOf(line, 1, 400, 0, Float32Array.of(0), weighted(2))[0]).toBe(49)
  expect(orderOf(line, 1, 400, 0, Float32Array.of(0), weighted(3))[0]).toBe(24)
})

describe('box', () => {
  const columns = [
    [0, 1, 2, 3, 4], // quartiles 1 and 3
    [-8, -8, -8, -8, -8],
    [-0.4, -0.2, 0, 0.2, 0.4], // CartPole's pole is within 0.418… on either side
    [0, 0, 0, 0, 100], // quartiles 0 and 0
  ]
  const rollout = rolloutOf(
    Float32Array.from({ length: 20 }, (_, i) => columns[i % 4]![Math.floor(i / 4)]!),
    4,
  )

  it('spans the states that were visited, 1.5 interquartile ranges wider to each side', () => {
    const { low, high } = boxAround(rollout, cartPole())
    expect([low[0], high[0]]).toEqual([-3, Math.fround(4.8)]) // 0 - 3 and, of 4 + 3, what the track allows
    expect([low[1], high[1]]).toEqual([-8, -8])
    const { observationSpace } = cartPole() as unknown as { observationSpace: Box }
    expect([low[2], high[2]]).toEqual([observationSpace.low[2], observationSpace.high[2]])
    expect([low[3], high[3]]).toEqual([0, 100])
  })

  it('gives states within it that were not played', () => {
    const { low, high } = boxAround(rollout, cartPole())
    const states = sampleBox(rollout, cartPole(), 50, new Rng(0))
    expect(states.size).toBe(50)
    for (let i = 0; i < 50; i++) {
      const { observation, action, return: following } = states.row(i)
      expect([action, following]).toEqual([undefined, undefined])
      observation.forEach((x, j) => {
        expect(x).toBeGreaterThanOrEqual(low[j]!)
        expect(x).toBeLessThanOrEqual(high[j]!)
      })
    }
  })
})
