import { describe, expect, it } from 'vitest'
import { count } from '../../../src/data/options.ts'
import { autoRounds, orAuto, roundSizes } from '../../../src/distill/collecting/collector-options.ts'
import { ValueError } from '../../../src/tensor/errors.ts'

describe('the labels of rounds', () => {
  it('grow by the factor from each round to the next, up to rounding, and sum to all labels', () => {
    expect(roundSizes(50, 5, 1)).toEqual([10, 10, 10, 10, 10])
    expect(roundSizes(23, 5, 1)).toEqual([5, 4, 5, 4, 5])
    expect(roundSizes(150, 4, 2)).toEqual([10, 20, 40, 80])
    expect(roundSizes(70, 3, 0.5)).toEqual([40, 20, 10])
    expect(roundSizes(13, 2, 3)).toEqual([3, 10])
    expect(roundSizes(7, 1, 2)).toEqual([7])
    expect(roundSizes(3, 3, 1)).toEqual([1, 1, 1])
  })

  it('are at least one', () => {
    expect(() => roundSizes(3, 5, 1)).toThrow('3 labels in 5 rounds leave a round empty (1, 0, 1, 0, 1)')
    expect(() => roundSizes(20, 3, 10)).toThrow(ValueError)
  })

  it('are shared by one round per 20 of them, from 5 to 10 rounds, and never more than labels', () => {
    expect([1, 4, 5, 109, 110, 129, 130, 189, 190, 5000].map(autoRounds)).toEqual([1, 4, 5, 5, 6, 6, 7, 9, 10, 10])
  })
})

describe('an option or auto', () => {
  const option = orAuto(count(3, 'of something'))

  it('is auto unless given', () => {
    expect(option).toMatchObject({ value: 'auto', allowed: 'a whole number from 1 on, or auto' })
  })

  it('accepts auto and what it accepts otherwise', () => {
    expect(['auto', 1, 7].map(option.accepts)).toEqual([true, true, true])
    expect(['Auto', '1', 0, 1.5, null, undefined].map(option.accepts)).toEqual(new Array(6).fill(false))
  })

  it('is read from a text', () => {
    expect(['auto', '7'].map(option.parse)).toEqual(['auto', 7])
    expect(option.accepts(option.parse('many'))).toBe(false)
  })
})
