import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { heldOut, wilson } from '../../src/distill/held-out.ts'
import { distill, LabelledDataset } from '../../src/distill/index.ts'
import { Box, Discrete, finish } from '../../src/rl/index.ts'
import type { TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { Rng, ValueError } from '../../src/tensor/index.ts'
import { forAll } from '../support/property.ts'

/** States whose only number is their row, with an action each. */
function rows(actions: readonly number[], episodes?: readonly number[], actionSpace: Discrete | Box = new Discrete(2)) {
  return LabelledDataset.of(
    { envId: 'rows', observationSize: 1, actionSpace },
    {
      observations: Float32Array.from(actions, (_, i) => i),
      actions: Float32Array.from(actions),
      ...(episodes && { episodes: Float32Array.from(episodes) }),
    },
  )
}

const student = (act: (row: number) => number): TeachingPolicy => ({
  observationSize: 1,
  actBatch: (observations) => Float32Array.from(observations, act),
})

describe('heldOut', () => {
  it('holds out each state once, and never trains on it', () => {
    const seen: number[] = []
    const { states, groups, folds } = heldOut(rows([0, 1, 0, 1, 0, 1, 0]), (part) => {
      const learned = new Set(part.column('observations'))
      return student((row) => {
        expect(learned.has(row)).toBe(false)
        seen.push(row)
        return 0
      })
    })
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect([states, groups, folds]).toEqual([7, 7, 5])
  })

  it('holds out whole episodes', () => {
    const episodes = [3, 3, 5, 5, 5, 9]
    heldOut(rows([0, 1, 0, 1, 0, 1], episodes), (part) => {
      const learned = new Set(part.column('episodes'))
      return student((row) => {
        expect(learned.has(episodes[row]!)).toBe(false)
        return 0
      })
    })
    expect(() => heldOut(rows([0, 1], [1, 1]), () => student(() => 0))).toThrow(ValueError)
  })

  it('gives the share of equal actions with an interval by Wilson, 81 of 100: 0.722 to 0.875', () => {
    const actions = Array.from({ length: 100 }, (_, i) => (i < 81 ? 0 : 1))
    const { measure, mean, interval, baseline } = heldOut(rows(actions), () => student(() => 0))
    expect([measure, mean, baseline]).toEqual(['agreement', 0.81, 0.81])
    expect(interval.low).toBeCloseTo(0.7222, 3)
    expect(interval.high).toBeCloseTo(0.8749, 3)
  })

  it('gives a wider interval where whole episodes are right or wrong', () => {
    const actions = Array.from({ length: 100 }, (_, i) => (i < 80 ? 0 : 1))
    const episodes = actions.map((_, i) => Math.floor(i / 10))
    const { interval, mean } = heldOut(rows(actions, episodes), () => student(() => 0))
    const alone = heldOut(rows(actions), () => student(() => 0)).interval
    expect(mean).toBeCloseTo(0.8)
    expect(interval.high - interval.low).toBeGreaterThan(2 * (alone.high - alone.low))
  })

  it('gives the mean absolute error of vectors, in their units', () => {
    const found = heldOut(rows([-1, 1, -1, 1], undefined, new Box([-1], [1])), () => student(() => 0.5))
    expect(found).toMatchObject({ measure: 'meanAbsoluteError', mean: 1, baseline: 1 })
    expect(found.interval.low).toBeLessThan(1)
    const two = LabelledDataset.of(
      { envId: 'rows', observationSize: 1, actionSpace: new Box([-1, -1], [1, 1]) },
      { observations: Float32Array.of(0, 1), actions: Float32Array.of(1, 0, 1, 0) },
    )
    const still: TeachingPolicy = { observationSize: 1, actBatch: () => Float32Array.of(0, 0) }
    expect(heldOut(two, () => still)).toMatchObject({ mean: 0.5, baseline: 0 })
  })

  it('counts an episode as one state where all its states are right or all wrong', () => {
    // The sums of the errors' deviations are 1 and -1: a standard error of √(2 · 2 / 1) / 4 = ½, which a share of one state has.
    const half = heldOut(rows([0, 0, 0, 0], [0, 0, 1, 1]), () => student((row) => (row < 2 ? 1 : 0)))
    expect(half).toMatchObject({ mean: 0.5, baseline: 1, states: 4, groups: 2, folds: 2 })
    expect(half.interval.low).toBeCloseTo(0.5 - 0.5 / Math.sqrt(1 + 1 / 1.959964 ** 2), 6)
    // Where all are right there are as many as groups: 1 / (1 + z² / 2).
    const all = heldOut(rows([0, 0, 0, 0], [0, 0, 1, 1]), () => student(() => 0))
    expect(all.interval).toEqual({ low: expect.closeTo(1 / (1 + 1.959964 ** 2 / 2), 6), high: 1 })
  })

  it('counts another action as one error, however far, and the most frequent one as the baseline', () => {
    const found = heldOut(rows([0, 2, 2, 1], undefined, new Discrete(3)), () => student(() => 0))
    expect(found).toMatchObject({ mean: 0.25, baseline: 0.5, groups: 4, folds: 4 })
    expect(heldOut(rows([0, 1]), () => student(() => 0))).toMatchObject({ folds: 2, mean: 0.5 })
    expect(() => heldOut(rows([0]), () => student(() => 0))).toThrow('has 1 episode or state; expected at least 2')
  })

  it('has a normal interval of the errors of vectors, from 0 on', () => {
    // Errors 0, 0, 1, 1: a standard error of √(1 · 4 / 3) / 4.
    const { mean, interval, baseline } = heldOut(rows([0, 0, 1, 1], undefined, new Box([-1], [1])), () =>
      student(() => 0),
    )
    expect([mean, baseline, interval.low]).toEqual([0.5, 0.5, 0])
    expect(interval.high).toBeCloseTo(0.5 + 1.959964 * Math.sqrt(1 / 12), 6)
    const near = heldOut(rows([0.5, 0.5, 0.5, 0.75], undefined, new Box([-1], [1])), () => student(() => 0))
    expect(near.interval.low).toBeCloseTo(0.5625 - 1.959964 / 16, 6)
  })

  it('compares with the labels in the units of the environment', () => {
    const actionSpace = new Box([0], [10])
    const errorOf = (columns: object, squashed = false) => {
      const observations = Float32Array.of(0, 1)
      const spec = { envId: 'rows', observationSize: 1, actionSpace, squashed }
      return heldOut(LabelledDataset.of(spec, { observations, ...columns }), () => student(() => 5)).mean
    }
    const [mean, logStd] = [Float32Array.of(0.5, -0.5), new Float32Array(2)]
    expect(errorOf({ actions: [6, 7] })).toBe(1.5)
    expect(errorOf({ mean, actions: [6, 7] })).toBe(2.5) // actions in [-1, 1]
    expect(errorOf({ mean, logStd })).toBe(5) // 4.5 and 5.5 from 5
    expect(errorOf({ mean, logStd }, true)).toBeCloseTo(5 * Math.tanh(0.5), 5)
  })

  it('has an interval that contains the share, within 0 and 1', () => {
    forAll([fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true })], (n, share) => {
      const { low, high } = wilson(Math.round(share * n) / n, n)
      expect(low).toBeGreaterThanOrEqual(0)
      expect(high).toBeLessThanOrEqual(1)
      expect(Math.round(share * n) / n).toBeGreaterThan(low - 1e-12)
      expect(Math.round(share * n) / n).toBeLessThan(high + 1e-12)
    })
  })
})

describe('distill without an environment', () => {
  const rng = new Rng(1)
  const observations = Float32Array.from({ length: 120 }, () => rng.uniform(-1, 1))
  const recorded = (actionSpace: Discrete | Box, action: (x: number) => number) =>
    LabelledDataset.of(
      { envId: 'recorded', observationSize: 1, actionSpace },
      { observations, actions: observations.map(action) },
    )
  const short = { hidden: [8], updates: 300, batchSize: 32 }
  const learn = (dataset: LabelledDataset, divergence: 'hard' | 'forward-kl') =>
    finish(distill(null, null, { ...short, divergence, dataset })).student as TeachingPolicy

  it('learns recorded choices', () => {
    const dataset = recorded(new Discrete(2), (x) => (x > 0.1 ? 1 : 0))
    expect(heldOut(dataset, (part) => learn(part, 'hard')).mean).toBeGreaterThan(0.93)
  })

  it('learns recorded vectors, between the bounds of their space', () => {
    const dataset = recorded(new Box([-3], [5]), (x) => 2 * x + 1)
    expect(heldOut(dataset, (part) => learn(part, 'forward-kl')).mean).toBeLessThan(0.1)
  })

  it('needs labels, and one final student', () => {
    expect(() => distill(null, () => 0)).toThrow(/no environment to play/)
    const dataset = recorded(new Discrete(2), () => 0)
    const several = { ...short, dataset, divergence: 'hard', finalStudents: 2 } as const
    expect(() => distill(null, null, several)).toThrow(/no environment to play/)
  })
})
