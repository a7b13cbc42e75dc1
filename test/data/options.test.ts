// Options as a literal: what each kind accepts, and how it reads the text of a command line.

import { describe, expect, it } from 'vitest'
import * as kinds from '../../src/data/options.ts'
import { ValueError } from '../../src/tensor/errors.ts'

const huge = Number.MAX_SAFE_INTEGER + 1

it.each<[string, kinds.Option<unknown>, unknown[], unknown[]]>([
  ['count', kinds.count(1, ''), [1, 7], [0, -1, 1.5, huge, '1', Number.NaN]],
  ['whole', kinds.whole(1, ''), [0, 7], [-1, 0.5, huge, Infinity, null]],
  ['positive', kinds.positive(1, ''), [1e-9, 5], [0, -1, Infinity, Number.NaN]],
  ['nonNegative', kinds.nonNegative(1, ''), [0, 5.5], [-1e-9, Infinity, Number.NaN]],
  ['finite', kinds.finite(1, ''), [-5, 0], [Infinity, -Infinity, Number.NaN, '5']],
  ['between', kinds.between(1, -1, 2, ''), [-1, 0.5, 2], [-1.1, 2.1, Number.NaN]],
  ['wholeBetween', kinds.wholeBetween(1, 1, 3, ''), [1, 3], [0, 4, 1.5]],
  ['fraction', kinds.fraction(1, ''), [0, 0.5, 1], [-0.1, 1.1, '0.5', true]],
  ['limit', kinds.limit(1, ''), [0.1, Infinity], [0, -1, Number.NaN]],
  ['flag', kinds.flag(true, ''), [true, false], ['true', 1, null]],
  ['choice', kinds.choice('a', '', ['a', 'b']), ['a', 'b'], ['c', undefined]],
  ['sizes', kinds.sizes([1], ''), [[], [1, 64]], [[0], [1.5], [4, '4'], 64, '64']],
  ['numbers', kinds.numbers([1, 2], ''), [[0, -0.5]], [[1], [1, 2, 3], [1, Infinity], 5]],
])('%s accepts its range alone', (_, option, good, bad) => {
  for (const value of good) expect(option.accepts(value), String(value)).toBe(true)
  for (const value of bad) expect(option.accepts(value), String(value)).toBe(false)
})

it.each<[kinds.Option<unknown>, string, unknown]>([
  [kinds.count(1, ''), ' 1e3 ', 1000],
  [kinds.limit(1, ''), 'Infinity', Infinity],
  [kinds.count(1, ''), '', ''], // no number: `accepts` refuses the text
  [kinds.count(1, ''), '0x10', '0x10'],
  [kinds.count(1, ''), ' 0b1', ' 0b1'],
  [kinds.count(1, ''), 'ten', 'ten'],
  [kinds.flag(true, ''), 'true', true],
  [kinds.flag(true, ''), 'false', false],
  [kinds.flag(true, ''), 'no', 'no'],
  [kinds.choice('a', '', ['a']), 'b', 'b'],
  [kinds.sizes([], ''), '64,32', [64, 32]],
  [kinds.sizes([], ''), ' ', []],
  [kinds.numbers([1, 2], ''), '-1,.5', [-1, 0.5]],
])('%o reads "%s" as %j', (option, text, value) => expect(option.parse(text)).toEqual(value))

it('lists its values where they are few, and its range where that has two ends', () => {
  expect(kinds.flag(true, '').values).toEqual([false, true])
  expect(kinds.choice('a', '', ['a', 'b']).values).toEqual(['a', 'b'])
  expect([kinds.fraction(1, '').range, kinds.wholeBetween(2, 1, 3, '').range]).toEqual([
    [0, 1],
    [1, 3],
  ])
})

describe('the options of an algorithm', () => {
  const table = kinds.withDefaults({ size: kinds.count(1, 'numbers'), fast: kinds.flag(false, 'or slow') }, { size: 5 })

  it('have defaults, which the given ones replace', () => {
    expect(table.size.about).toBe('numbers')
    expect(kinds.defaultsOf(table)).toEqual({ size: 5, fast: false })
    expect(kinds.readOptions('learn', table, {})).toEqual({ size: 5, fast: false })
    expect(kinds.readOptions('learn', table, { fast: true, own: 3 } as object, ['own'])).toEqual({
      size: 5,
      fast: true,
    })
  })

  it.each([
    [{ size: 0 }, 'learn: size is 0; expected a whole number from 1 on'],
    [{ size: Number.NaN }, 'learn: size is NaN; expected'],
    [{ size: [1] }, 'learn: size is [1]; expected'],
    [{ fast: undefined }, 'learn: fast is undefined; expected true or false'],
    [{ sise: 1 }, 'Did you mean "size"?'],
  ])('%o are refused', (given, words) => {
    expect(() => kinds.readOptions('learn', table, given as object)).toThrow(ValueError)
    expect(() => kinds.readOptions('learn', table, given as object)).toThrow(words)
  })
})
