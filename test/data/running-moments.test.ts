import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RunningMoments } from '../../src/data/running-moments.ts'
import { CheckpointError, ShapeError } from '../../src/tensor/errors.ts'
import { expectNumbers, expectOutput, goldenArrays } from '../support/arrays.ts'
import { goldenCases } from '../support/golden.ts'
import { forAll } from '../support/property.ts'

const variances = (moments: RunningMoments) => moments.mean.map((_, k) => moments.variance(k))

describe('RunningMoments', () => {
  it('follows the golden figures batch by batch', () => {
    const golden = goldenCases('rl.json').find(({ op }) => op === 'running_stats')!
    const moments = new RunningMoments(3)
    Object.values(goldenArrays(golden)).forEach((batch, i) => {
      moments.add(batch)
      expectOutput(golden, `mean_${i}`, moments.mean)
      expectOutput(golden, `var_${i}`, variances(moments))
    })
  })

  it('does not depend on how the rows were put together', () => {
    const number = fc.double({ min: -100, max: 100, noNaN: true })
    forAll([fc.array(fc.array(number, { maxLength: 5 }), { minLength: 1 })], (batches) => {
      const [parts, whole] = [new RunningMoments(1), new RunningMoments(1)]
      whole.add(batches.flat())
      for (const batch of batches) parts.add(batch)
      expect(parts.count).toBe(whole.count)
      expectNumbers(parts.mean, whole.mean, 1e-9, 1e-9)
      expectNumbers(variances(parts), variances(whole), 1e-9, 1e-9)
    })
  })

  it('goes on from a saved state', () => {
    const original = new RunningMoments(2)
    original.add([1, 2, 3, 5])
    const restored = new RunningMoments(2)
    restored.restore(JSON.parse(JSON.stringify(original.save())))
    for (const each of [original, restored]) each.add([9, 9])
    expect(restored.save()).toEqual(original.save())
    expect(() => new RunningMoments(3).restore(original.save())).toThrow(ShapeError)
    expect(() => original.add([1, 2, 3])).toThrow(/3 numbers given/)
  })

  it('are worked out by hand: mean 3 and variance 8/3 of 1, 3 and 5', () => {
    const moments = new RunningMoments(1)
    expect(moments.variance(0)).toBe(1)
    moments.add([1, 3, 5])
    expect([moments.count, moments.mean[0], moments.variance(0)]).toEqual([3, 3, 8 / 3])
  })

  it.each<[saved: object, Kind: typeof ShapeError | typeof CheckpointError, message: string]>([
    [{ mean: [1, 2] }, ShapeError, 'saved moments of 2 numbers, expected 1'],
    [{ squares: [1, 2] }, ShapeError, 'saved moments of 1 numbers, expected 1'],
    [{ mean: [], squares: [] }, ShapeError, 'saved moments of 0 numbers, expected 1'],
    [{ count: -1 }, CheckpointError, 'the saved count, means and squares are not all finite and from 0 on'],
    [{ count: Infinity }, CheckpointError, 'the saved count, means and squares are not all finite and from 0 on'],
    [{ squares: [-1] }, CheckpointError, 'the saved count, means and squares are not all finite and from 0 on'],
    [{ squares: [Infinity] }, CheckpointError, 'the saved count, means and squares are not all finite and from 0 on'],
    [{ squares: [Number.NaN] }, CheckpointError, 'the saved count, means and squares are not all finite and from 0 on'],
    [{ mean: [Infinity] }, CheckpointError, 'the saved count, means and squares are not all finite and from 0 on'],
  ])('refuses the saved moments %o', (changed, Kind, message) => {
    const moments = new RunningMoments(1)
    const restore = () => moments.restore({ count: 1, mean: [1], squares: [1], ...changed })
    expect(restore).toThrow(Kind)
    expect(restore).toThrow(`RunningMoments: ${message}`)
    expect(moments.count).toBe(0)
  })

  it('takes saved moments of no row', () => {
    const moments = new RunningMoments(1)
    moments.restore({ count: 0, mean: [0], squares: [0] })
    expect(moments.variance(0)).toBe(1)
  })
})
