import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckpointError } from '../../src/tensor/errors.ts'
import { areNumbers, isCount, isRecord, parseJson } from '../../src/tensor/json.ts'
import { property } from '../support/property.ts'

describe('parseJson', () => {
  property(
    'reads back what JSON.stringify wrote',
    [fc.jsonValue().map((value) => JSON.stringify(value))], // which writes -0 as 0
    (text) => void expect(JSON.stringify(parseJson('x', text))).toBe(text),
  )

  it('of other text throws a CheckpointError with the cause', () => {
    for (const text of ['', '{', '[1,]', 'NaN', '{"a": "\\', '"']) {
      expect(() => parseJson('model.json', text)).toThrow(CheckpointError)
      expect(() => parseJson('model.json', text)).toThrow(/^model\.json is not JSON: ./)
    }
  })

  const lists = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  const objects = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`

  it('takes 1,200 levels of lists and objects, and refuses more before it parses', () => {
    const deep = /^model\.json has lists or objects nested deeper than 1200; expected fewer levels$/
    expect(JSON.stringify(parseJson('x', lists(1200)))).toBe(lists(1200))
    expect(JSON.stringify(parseJson('x', objects(1200)))).toBe(objects(1200))
    for (const text of [lists(1201), objects(1201), '['.repeat(1201), '{"a":['.repeat(601)]) {
      expect(() => parseJson('model.json', text)).toThrow(CheckpointError)
      expect(() => parseJson('model.json', text)).toThrow(deep)
    }
    // Brackets that were closed do not count.
    expect(parseJson('x', `[${'[[]],{"a":{}},'.repeat(1000)}0]`)).toHaveLength(2001)
  })

  it('does not count brackets in strings, where a backslash hides a quote or another backslash', () => {
    const brackets = '[{'.repeat(1000)
    for (const text of [brackets, `"${brackets}`, `\\"${brackets}"`, `"\\${brackets}`, `\\${brackets}\\`]) {
      expect(parseJson('x', JSON.stringify({ [text]: [text] }))).toEqual({ [text]: [text] })
    }
    // Text after a string counts again, also after a string that ends with a backslash.
    for (const first of ['a', '"', '\\', '\\\\', '\\"']) {
      const text = `[${JSON.stringify(first)},${lists(1200)}]`
      expect(() => parseJson('x', text)).toThrow(/deeper than 1200/)
    }
  })
})

describe('guards', () => {
  const numbers = [Number.NaN, Infinity, -Infinity, -1, -0, 0, 0.5, 1, 2, 2 ** 53]
  const values = [undefined, null, true, '1', [], [1], {}, ...numbers]
  const accepted = (guard: (value: unknown) => boolean) => values.filter(guard)

  it('isRecord takes objects that are not lists', () => {
    expect(accepted(isRecord)).toEqual([{}])
    expect(isRecord({ a: 1 })).toBe(true)
  })

  it('isCount takes whole numbers from `least` on that are exact, 0 by default', () => {
    expect(accepted((value) => isCount(value))).toEqual([-0, 0, 1, 2])
    expect(accepted((value) => isCount(value, 1))).toEqual([1, 2])
    expect(accepted((value) => isCount(value, -1))).toEqual([-1, -0, 0, 1, 2])
    expect([isCount(2 ** 53 - 1), isCount('3'), isCount(3n)]).toEqual([true, false, false])
  })

  it('areNumbers takes lists of finite numbers, the empty one too', () => {
    expect(accepted(areNumbers)).toEqual([[], [1]])
    expect(areNumbers([-1.5, 0, 2 ** 60])).toBe(true)
    for (const other of [Number.NaN, Infinity, '1', null, [1]]) expect(areNumbers([0, other, 1])).toBe(false)
    expect(areNumbers({ every: () => true })).toBe(false)
  })
})
