import { expect, it } from 'vitest'
import { bootstrapInterval, meanOf, medianOf, quantile, standardDeviationOf } from '../../src/data/statistics.ts'
import { Rng } from '../../src/tensor/random.ts'

it('the mean, the deviation and the median of a few numbers', () => {
  expect(meanOf([2, 4, 9])).toBe(5)
  expect(standardDeviationOf([2, 4, 9])).toBeCloseTo(Math.sqrt((9 + 1 + 16) / 3), 12)
  expect(medianOf([9, 2, 4])).toBe(4)
  expect(medianOf([9, 2, 4, 6])).toBe(5)
})

it.each([
  [0, 10],
  [0.25, 15],
  [0.5, 20],
  [0.9, 52],
  [1, 60],
])('the quantile %f of 10, 20, 60 is %f', (fraction, expected) => {
  expect(quantile([10, 20, 60], fraction)).toBeCloseTo(expected, 12)
})

it('the interval holds so much of the means of resampled numbers', () => {
  /** Draws 0, then 1, in turn. */
  class Turns extends Rng {
    private calls = 0
    override integer(n: number): number {
      return this.calls++ % n
    }
  }
  expect(bootstrapInterval([4, 8], new Turns())).toEqual({ low: 6, high: 6 }) // each resample has both
  const rng = new Rng(1)
  const values = Array.from({ length: 50 }, () => rng.normal())
  const [wide, narrow] = [0.99, 0.5].map((confidence) => bootstrapInterval(values, new Rng(2), confidence))
  const mean = meanOf(values)
  for (const { low, high } of [wide!, narrow!]) expect([low < mean, mean < high]).toEqual([true, true])
  expect(wide!.high - wide!.low).toBeGreaterThan(2 * (narrow!.high - narrow!.low))
  expect(bootstrapInterval([1, 2], new Rng(1), 0.95, 1).low).toBe(bootstrapInterval([1, 2], new Rng(1), 0.95, 1).high)
  expect(bootstrapInterval([7, 7, 7], new Rng(0))).toEqual({ low: 7, high: 7 })
  const { low, high } = bootstrapInterval(
    Float64Array.from({ length: 400 }, () => rng.normal()),
    new Rng(2),
  )
  expect((high - low) / 2).toBeCloseTo(1.96 / 20, 1) // about 1.96 σ / √n
  expect(() => bootstrapInterval([], new Rng(1))).toThrow('bootstrapInterval: no values to resample')
})
