import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  actionValueStd,
  DEFAULT_TEMPERATURE,
  ROUNDS_TEMPERATURE,
  resolveTemperature,
  settled,
  temperatureOption,
} from '../../../src/distill/targets/target.ts'
import { ValueError } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'

describe('actionValueStd', () => {
  it('is the mean over the states of the standard deviation over the actions', () => {
    // Standard deviations 1 and 3 (population).
    expect(actionValueStd(Float32Array.of(10, 12, -3, 3), 2)).toBe(2)
  })

  it('does not change with what all actions of a state share, and scales with the values', () => {
    const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 6, maxLength: 6 })
    forAll([values, fc.integer({ min: -50, max: 50 })], (numbers, shift) => {
      fc.pre(numbers[0] !== numbers[1])
      const std = actionValueStd(Float32Array.from(numbers), 2)
      const shifted = Float32Array.from(numbers, (v, i) => v + (i < 2 ? shift : 0))
      expect(actionValueStd(shifted, 2)).toBeCloseTo(std, 5)
      const scaled = Float32Array.from(numbers, (v) => 3 * v)
      expect(actionValueStd(scaled, 2)).toBeCloseTo(3 * std, 5)
    })
  })

  it('throws where all actions have the same value in every state', () => {
    expect(() => actionValueStd(Float32Array.of(1, 1, 2, 2), 2)).toThrow(ValueError)
    expect(() => actionValueStd(Float32Array.of(1, 1, 2, 2), 2)).toThrow(/expected labels that rank actions/)
  })
})

describe('resolveTemperature', () => {
  const values = Float32Array.of(10, 12)

  it('is absolute, or relative to the standard deviation', () => {
    expect(resolveTemperature({ absolute: 0.25 }, values, 2)).toBe(0.25)
    expect(resolveTemperature({ absolute: 0.25 }, Float32Array.of(10, 14), 2)).toBe(0.25)
    expect(resolveTemperature({ relative: 0.3 }, values, 2)).toBeCloseTo(0.3, 12)
    expect(resolveTemperature({ relative: 0.3 }, Float32Array.of(10, 14), 2)).toBeCloseTo(0.6, 12)
  })

  it.each([0, -1, Number.NaN, Infinity])('throws on %s', (bad) => {
    expect(() => resolveTemperature({ absolute: bad }, values, 2)).toThrow(ValueError)
    expect(() => resolveTemperature({ relative: bad }, values, 2)).toThrow(`temperature: the temperature is ${bad}`)
  })
})

describe('the default', () => {
  it('is one standard deviation of the action values, 0.5 where students select the states', () => {
    expect(DEFAULT_TEMPERATURE).toEqual({ relative: 1 })
    expect(ROUNDS_TEMPERATURE).toEqual({ relative: 0.5 })
    expect(temperatureOption().value).toEqual({ relative: 1 })
  })

  it('stands in for auto, until one has been chosen, and for nothing else', () => {
    expect(settled('auto')).toEqual({ relative: 1 })
    expect(settled({ absolute: 2 })).toEqual({ absolute: 2 })
  })
})

describe('the option', () => {
  it('tells its unit, its default in rounds, and its forms', () => {
    const option = temperatureOption()
    expect(option.about).toMatch(/in standard deviations of the action values, .* auto .*0\.5 where students select/)
    expect(option.allowed).toMatch(/{ relative: x } or { absolute: x }.* on the command line x, absolute:x or auto/)
  })

  it.each([
    ['auto', 'auto'],
    ['0.3', { relative: 0.3 }],
    ['absolute:2', { absolute: 2 }],
    [' absolute:2 ', { absolute: 2 }],
  ] as const)('is read from the text %s', (text, expected) => {
    const option = temperatureOption()
    expect(option.parse(text)).toEqual(expected)
    expect(option.accepts(option.parse(text))).toBe(true)
  })

  it.each(['', 'warm', '0', '-1', 'absolute:', 'absolute:0', 'relative:1', 'Infinity', '0.3\n2'])(
    'does not accept the text "%s"',
    (text) => {
      const option = temperatureOption()
      expect(option.accepts(option.parse(text))).toBe(false)
    },
  )

  it.each([1, null, {}, { relative: '1' }, { relative: 1, absolute: 1 }, { other: 1 }])('does not accept %o', (given) =>
    expect(temperatureOption().accepts(given)).toBe(false),
  )
})
