import { describe, expect, it } from 'vitest'
import { normalize } from '../../../src/rl/on-policy/normalize.ts'
import { add, div, mean, std, sub, ValueError } from '../../../src/tensor/index.ts'
import { expectOutput, goldenArrays } from '../../support/arrays.ts'
import { expectClose, fromGolden } from '../../support/golden.ts'
import { casesOf, onEveryEngine } from '../algorithms/golden-loss.ts'

describe('normalize', () => {
  it.each(casesOf('advantage_norm').filter(({ attrs }) => attrs!.correction === 1))('is PyTorch’s: $name', (golden) => {
    const advantages = goldenArrays(golden).advantages!
    normalize(advantages)
    expectOutput(golden, 'out', advantages)
  })

  it.each(casesOf('advantage_norm').filter(({ attrs }) => attrs!.correction === 0))(
    'by the population’s deviation: $name',
    (golden) => {
      onEveryEngine(golden, (dtype, tolerance) => {
        const x = fromGolden(golden.inputs.advantages!, dtype)
        const normal = div(sub(x, mean(x)), add(std(x, undefined, false, 0), golden.attrs!.eps as number))
        expectClose(normal, golden.outputs.out!, tolerance, golden.name)
      })
    },
  )

  it('takes two numbers: 1 and 3 lie 1 from their mean, by a deviation of √2', () => {
    const two = Float64Array.of(1, 3)
    normalize(two)
    expect(two[0]).toBeCloseTo(-Math.SQRT1_2, 7)
    expect(two[1]).toBeCloseTo(Math.SQRT1_2, 7)
  })

  it('keeps equal numbers finite, and refuses a single one', () => {
    const equal = Float64Array.of(3, 3, 3)
    normalize(equal)
    expect(Array.from(equal)).toEqual([0, 0, 0])
    expect(() => normalize(Float64Array.of(3))).toThrow(ValueError)
  })
})
