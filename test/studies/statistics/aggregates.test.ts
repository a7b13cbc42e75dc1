import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  interquartileMean,
  optimalityGap,
  performanceProfile,
  probabilityOfImprovement,
  worstScore,
} from '../../../studies/statistics/aggregates.ts'
import { forAll, property } from '../../support/property.ts'

const score = fc.double({ min: -2, max: 2, noNaN: true })
const runs = fc.array(score, { minLength: 1, maxLength: 12 })
const tasks = fc.array(runs, { minLength: 1, maxLength: 4 })
const twice = fc.integer({ min: 1, max: 4 }).chain((count) => {
  const scores = fc.array(runs, { minLength: count, maxLength: count })
  return fc.tuple(scores, scores)
})

describe('the interquartile mean', () => {
  // scipy.stats.trim_mean(x, 0.25), which the authors' library calls
  it.each([
    [[[0, 1, 2, 3, 4, 5, 6, 7]], 3.5],
    [[[1, 2, 3, 4, 5]], 3],
    [[[5], [1], [3], [100]], 4],
    [[[2, 9], [4]], 5],
    [[[7]], 7],
  ])('of %j is %d', (scores, expected) => expect(interquartileMean(scores)).toBeCloseTo(expected, 12))

  it('is moved by no outlier among the best quarter', () => {
    expect(interquartileMean([[1, 2, 3], [1e9]])).toBe(interquartileMean([[1, 2, 3], [4]]))
  })

  property('lies among the scores, whatever their order and their tasks', [tasks], (scores) => {
    const flat = scores.flat()
    const mean = interquartileMean(scores)
    expect(mean).toBeGreaterThanOrEqual(Math.min(...flat) - 1e-12)
    expect(mean).toBeLessThanOrEqual(Math.max(...flat) + 1e-12)
    expect(interquartileMean([flat.reverse()])).toBe(mean)
  })

  it('refuses a task without runs', () => {
    expect(() => interquartileMean([[1], []])).toThrow(/no scores for task 1/)
    expect(() => interquartileMean([])).toThrow(/no tasks/)
  })
})

it('the optimality gap: counts what is missing, and nothing above the goal', () => {
  expect(
    optimalityGap([
      [1.5, 0.5],
      [1, 0],
    ]),
  ).toBeCloseTo(0.375, 12)
  expect(optimalityGap([[1.5]], 2)).toBeCloseTo(0.5, 12)
})

it('the worst score: is the lowest of any task', () => {
  expect(
    worstScore([
      [0.9, 0.8],
      [-0.3, 1],
    ]),
  ).toBe(-0.3)
})

describe('a performance profile', () => {
  it('is the share of runs above each threshold, every task counting alike', () => {
    // above 0.5: 1 of 2 and 1 of 4, so (1/2 + 1/4) / 2
    expect([
      ...performanceProfile(
        [
          [0, 1],
          [0, 0, 0.5, 0.6],
        ],
        [-1, 0.5, 1],
      ),
    ]).toEqual([1, 0.375, 0])
  })

  it('falls from 1 to 0, and its area is the mean of scores in [0, 1]', () => {
    const unit = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 3, maxLength: 3 })
    forAll([fc.array(unit, { minLength: 1, maxLength: 4 })], (percents) => {
      const scores = percents.map((each) => each.map((percent) => percent / 100))
      const thresholds = Float64Array.from({ length: 100 }, (_, i) => (i + 0.5) / 100)
      const profile = performanceProfile(scores, thresholds)
      for (let i = 1; i < profile.length; i++) expect(profile[i]).toBeLessThanOrEqual(profile[i - 1]!)
      const area = profile.reduce((sum, share) => sum + share / 100, 0)
      const mean = scores.flat().reduce((sum, each) => sum + each, 0) / scores.flat().length
      expect(area).toBeCloseTo(mean, 9)
    })
  })
})

describe('the probability of improvement', () => {
  it('is the share of pairs won, a draw being half a win', () => {
    expect(probabilityOfImprovement([[1, 2]], [[0, 1, 3]])).toBeCloseTo((1 + 0.5 + 1 + 1) / 6, 12)
  })

  property('of x over y and of y over x add up to 1, and agrees with counting all pairs', [twice], ([x, y]) => {
    const forth = probabilityOfImprovement(x, y)
    expect(forth + probabilityOfImprovement(y, x)).toBeCloseTo(1, 12)
    const counted = x.map((own, task) => {
      const pairs = own.flatMap((a) => y[task]!.map((b): number => (a > b ? 1 : a === b ? 0.5 : 0)))
      return pairs.reduce((sum, win) => sum + win, 0) / pairs.length
    })
    expect(forth).toBeCloseTo(counted.reduce((sum, each) => sum + each, 0) / counted.length, 12)
  })

  it('refuses methods with different tasks', () => {
    expect(() => probabilityOfImprovement([[1]], [[1], [2]])).toThrow(/1 tasks against 2/)
  })
})
