import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actionValueStd, resolveTemperature, settled, temperatureOption } from '../../src/distill/temperature.ts'
import { ValueError } from '../../src/tensor/index.ts'

describe('the standard deviation of action values', () => {
  it('is the mean over the states of that over the actions', () => {
    // Standard deviations 1 and 3 (population).
    expect(actionValueStd(Float32Array.of(10, 12, -3, 3), 2)).toBe(2)
  })

  it('does not depend on what all actions of a state share, and scales with the values', () => {
    const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(values, fc.integer({ min: -50, max: 50 }), (numbers, shift) => {
        fc.pre(numbers[0] !== numbers[1])
        const std = actionValueStd(Float32Array.from(numbers), 2)
        const shifted = Float32Array.from(numbers, (v, i) => v + (i < 2 ? shift : 0))
        expect(actionValueStd(shifted, 2)).toBeCloseTo(std, 5)
        const tripled = Float32Array.from(numbers, (v) => 3 * v)
        expect(actionValueStd(tripled, 2)).toBeCloseTo(3 * std, 5)
      }),
    )
  })

  it('refuses labels that value all actions alike', () => {
    expect(() => actionValueStd(Float32Array.of(1, 1, 2, 2), 2)).toThrow(/all actions have the same value/)
  })
})

describe('a temperature', () => {
  const values = Float32Array.of(10, 14) // standard deviation 2

  it('is absolute, or relative to the standard deviation of the action values', () => {
    expect(resolveTemperature({ absolute: 0.25 }, values, 2)).toBe(0.25)
    expect(resolveTemperature({ relative: 0.3 }, values, 2)).toBeCloseTo(0.6, 12)
  })

  it.each([0, -1, Number.NaN, Infinity])('of %s is refused', (bad) => {
    expect(() => resolveTemperature({ absolute: bad }, values, 2)).toThrow(ValueError)
    expect(() => resolveTemperature({ relative: bad }, values, 2)).toThrow(new RegExp(`temperature is ${bad}`))
  })

  it('is 1 standard deviation where it is yet to be chosen', () => {
    expect(settled('auto')).toEqual({ relative: 1 })
    expect(settled({ absolute: 3 })).toEqual({ absolute: 3 })
  })
})

describe('the option', () => {
  const option = temperatureOption()

  it('is read from text: relative, absolute or auto', () => {
    expect(option.parse('0.3')).toEqual({ relative: 0.3 })
    expect(option.parse('absolute:2')).toEqual({ absolute: 2 })
    expect(option.parse('auto')).toBe('auto')
    for (const text of ['0.3', 'absolute:2', 'auto']) expect(option.accepts(option.parse(text)), text).toBe(true)
    for (const text of ['', 'soft', '-1', '0', 'absolute:', 'absolute:x', 'Infinity', 'abs:1']) {
      expect(option.accepts(option.parse(text)), text).toBe(false)
    }
  })

  it('accepts one of the two, positive and finite', () => {
    for (const bad of [1, null, {}, { relative: 0 }, { relative: 1, absolute: 1 }, { gap: 1 }, { relative: '1' }]) {
      expect(option.accepts(bad), JSON.stringify(bad)).toBe(false)
    }
  })
})
