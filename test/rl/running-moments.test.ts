import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RunningMoments } from '../../src/rl/running-moments.ts'
import { ShapeError } from '../../src/tensor/errors.ts'
import { expectNumbers, expectOutput, goldenArrays } from '../support/arrays.ts'
import { goldenCases } from '../support/golden.ts'

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
    fc.assert(
      fc.property(fc.array(fc.array(number, { maxLength: 5 }), { minLength: 1 }), (batches) => {
        const [parts, whole] = [new RunningMoments(1), new RunningMoments(1)]
        whole.add(batches.flat())
        for (const batch of batches) parts.add(batch)
        expect(parts.count).toBe(whole.count)
        expectNumbers(parts.mean, whole.mean, 1e-9, 1e-9)
        expectNumbers(variances(parts), variances(whole), 1e-9, 1e-9)
      }),
    )
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
})
