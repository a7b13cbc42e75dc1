import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meanOf } from '../../../src/data/statistics.ts'
import { Rng } from '../../../src/tensor/random.ts'
import { allScores, interquartileMean, type TaskScores } from '../../../studies/statistics/aggregates.ts'
import {
  bootstrap,
  bootstrapBand,
  type ClusteredScores,
  joinClusters,
  resampled,
} from '../../../studies/statistics/hierarchical-bootstrap.ts'
import { forAll } from '../../support/property.ts'

/** One cluster per task. */
const plain = (scores: TaskScores): ClusteredScores => scores.map((runs) => [runs])
const meanScore = (scores: TaskScores) => meanOf(allScores('test', scores))

it('resampling: draws as many runs of each task, from that task alone', () => {
  const scores = fc.array(fc.array(fc.integer(), { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 4 })
  forAll([scores, fc.nat()], (given, seed) => {
    const drawn = resampled(plain(given), new Rng(seed))
    drawn.forEach((runs, task) => {
      expect(runs).toHaveLength(given[task]!.length)
      for (const run of runs) expect(given[task]).toContain(run)
    })
  })
})

describe('the interval', () => {
  it('is as wide as the spread within the tasks, however far the tasks lie apart', () => {
    expect(
      bootstrap(
        meanScore,
        [
          plain([
            [0, 0, 0],
            [1, 1, 1],
          ]),
        ],
        new Rng(1),
      ),
    ).toEqual({ low: 0.5, high: 0.5 })
  })

  it('agrees with the normal interval where that is known', () => {
    // 2 tasks of 100 runs, evenly spread over [0, 1): σ² = 1/12, so half a width of 1.96 σ / √200 = 0.0400
    const even = Float64Array.from({ length: 100 }, (_, i) => (i + 0.5) / 100)
    const { low, high } = bootstrap(meanScore, [plain([even, even])], new Rng(2), { resamples: 4000 })
    expect(low).toBeCloseTo(0.46, 2)
    expect(high).toBeCloseTo(0.54, 2)
  })

  it('is the same for the same seed', () => {
    const scores = [
      [0.1, 0.5, 0.9, 0.95],
      [0.2, 0.3, 1],
    ]
    const interval = (seed: number) => bootstrap(meanScore, [plain(scores)], new Rng(seed), { resamples: 50 })
    expect(interval(3)).toEqual(interval(3))
    expect(interval(3)).not.toEqual(interval(4))
  })

  // Experiments whose truth is known: 95 % intervals must hold it about that often. Percentile intervals of few runs are a
  // little too narrow, which the paper says too.
  it.each([
    ['mean', meanScore],
    ['interquartile mean', interquartileMean],
  ])('holds the true %s in about 95 of 100 experiments', (_, statistic) => {
    const rng = new Rng(5)
    const experiments = 200
    let held = 0
    for (let i = 0; i < experiments; i++) {
      // symmetric around 0.5 in all, so the true mean and interquartile mean are both 0.5
      const scores = [0.3, 0.7].map((center) => Float64Array.from({ length: 15 }, () => rng.normal(center, 0.2)))
      const { low, high } = bootstrap(statistic, [plain(scores)], rng, { resamples: 200 })
      if (low <= 0.5 && 0.5 <= high) held++
    }
    expect(held / experiments).toBeGreaterThan(0.89)
    expect(held / experiments).toBeLessThan(0.98)
  })

  it('covers another teacher: clusters that differ are resampled, not only their runs', () => {
    // Three teachers whose students agree among themselves. Without clusters the interval has the width of 30 independent runs.
    const clusters = [0.2, 0.5, 0.8].map((score) => new Array<number>(10).fill(score))
    const width = (scores: ClusteredScores) => {
      const { low, high } = bootstrap(meanScore, [scores], new Rng(3))
      return high - low
    }
    expect(width([clusters])).toBeGreaterThan(0.5) // of the mean of three: from 0.2 to 0.8
    expect(width([[joinClusters([clusters])[0]!]])).toBeLessThan(0.2)
  })

  it('holds the true mean of clustered runs far more often than an interval that ignores the clusters', () => {
    const rng = new Rng(8)
    const experiments = 100
    const held = { clustered: 0, plain: 0 }
    for (let i = 0; i < experiments; i++) {
      const clusters = Array.from({ length: 6 }, () => {
        const center = rng.normal(0.5, 0.2)
        return Float64Array.from({ length: 10 }, () => rng.normal(center, 0.05))
      })
      const holds = (scores: ClusteredScores) => {
        const { low, high } = bootstrap(meanScore, [scores], rng, { resamples: 200 })
        return Number(low <= 0.5 && 0.5 <= high)
      }
      held.clustered += holds([clusters])
      held.plain += holds([joinClusters([clusters])])
    }
    expect(held.clustered / experiments).toBeGreaterThan(0.8) // six clusters: percentile intervals are a little narrow
    expect(held.plain / experiments).toBeLessThan(0.6)
  })

  it('draws two sets independently', () => {
    const difference = (x: TaskScores, y: TaskScores) => meanScore(x) - meanScore(y)
    const same = [[0, 1, 0, 1, 0, 1]]
    const { low, high } = bootstrap(difference, [plain(same), plain(same)], new Rng(6))
    expect(low).toBeLessThan(0)
    expect(high).toBeGreaterThan(0)
  })

  it.each([
    [{ confidence: 1 }, /confidence is 1/],
    [{ resamples: 0 }, /0 resamples/],
  ])('refuses %j', (options, message) => {
    expect(() => bootstrap(meanScore, [[[[1]]]], new Rng(), options)).toThrow(message)
  })
})

it('the band around a curve: is at each point the interval of that point', () => {
  const scores = [[0.1, 0.5, 0.9, 0.95]]
  const curve = (each: TaskScores) => [meanScore(each), interquartileMean(each)]
  const band = bootstrapBand(curve, [plain(scores)], new Rng(7))
  expect(band).toEqual([
    bootstrap(meanScore, [plain(scores)], new Rng(7)),
    bootstrap(interquartileMean, [plain(scores)], new Rng(7)),
  ])
})
