import { describe, expect, it } from 'vitest'
import { normalize } from '../../src/rl/normalize.ts'
import { ValueError } from '../../src/tensor/errors.ts'
import { expectOutput, goldenArrays } from '../support/arrays.ts'
import { casesOf } from './algorithms/golden-loss.ts'

describe('normalize', () => {
  // The other case divides by n rather than by n - 1.
  it.each(casesOf('advantage_norm').filter(({ attrs }) => attrs!.correction === 1))('is PyTorch’s: $name', (golden) => {
    const advantages = goldenArrays(golden).advantages!
    normalize(advantages)
    expectOutput(golden, 'out', advantages)
  })

  it('keeps equal numbers finite, and refuses a single one', () => {
    const equal = Float64Array.of(3, 3, 3)
    normalize(equal)
    expect(Array.from(equal)).toEqual([0, 0, 0])
    expect(() => normalize(Float64Array.of(3))).toThrow(ValueError)
  })
})
