import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actionGap, resolveTemperature } from '../../src/distill/temperature.ts'
import { ValueError } from '../../src/tensor/index.ts'

describe('actionGap', () => {
  it('is the mean over states of the spread over actions', () => {
    // Standard deviations 1 and 3 (population).
    expect(actionGap(Float32Array.of(10, 12, -3, 3), 2)).toBe(2)
  })

  it('does not see what all actions of a state share, and scales with the values', () => {
    const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(values, fc.integer({ min: -50, max: 50 }), (numbers, shift) => {
        fc.pre(numbers[0] !== numbers[1])
        const gap = actionGap(Float32Array.from(numbers), 2)
        expect(
          actionGap(
            Float32Array.from(numbers, (v, i) => v + (i < 2 ? shift : 0)),
            2,
          ),
        ).toBeCloseTo(gap, 5)
        expect(
          actionGap(
            Float32Array.from(numbers, (v) => 3 * v),
            2,
          ),
        ).toBeCloseTo(3 * gap, 5)
      }),
    )
  })

  it('refuses a teacher that values all actions alike', () => {
    expect(() => actionGap(Float32Array.of(1, 1, 2, 2), 2)).toThrow(/nothing to teach/)
  })
})

describe('resolveTemperature', () => {
  const values = Float32Array.of(10, 12)
  it('is absolute, or a multiple of the gap', () => {
    expect(resolveTemperature({ kind: 'abs', value: 0.25 }, values, 2)).toBe(0.25)
    expect(resolveTemperature({ kind: 'gap', c: 0.3 }, values, 2)).toBeCloseTo(0.3, 12)
  })

  it.each([0, -1, Number.NaN, Infinity])('refuses %s', (bad) => {
    expect(() => resolveTemperature({ kind: 'abs', value: bad }, values, 2)).toThrow(ValueError)
    expect(() => resolveTemperature({ kind: 'gap', c: bad }, values, 2)).toThrow(new RegExp(`temperature is ${bad}`))
  })
})
