// Tables as text: RFC 4180.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvLines, csvNumber, inferActionSpace } from '../../src/data/csv.ts'
import { ValueError } from '../../src/tensor/errors.ts'
import { forAll } from '../support/property.ts'

const linesOf = (text: string) => [...csvLines('read', text)]
const fieldsOf = (text: string) => linesOf(text).map(({ fields }) => fields)

describe('the lines of a text', () => {
  it('end with a line feed, a carriage return or both, the last with or without', () => {
    const lines = [
      { line: 1, fields: ['a', 'b'] },
      { line: 2, fields: ['c', ''] },
      { line: 4, fields: ['', 'd'] },
    ]
    for (const end of ['\n', '\r', '\r\n']) {
      const text = ['a,b', 'c,', '', ',d'].join(end)
      expect(linesOf(text)).toEqual(lines)
      expect(linesOf(`\ufeff${text}${end}`)).toEqual(lines)
    }
    expect(linesOf('a,')).toEqual([{ line: 1, fields: ['a', ''] }])
    expect(linesOf('')).toEqual([])
  })

  it('have quoted fields with commas, quotes and line breaks, which count as lines', () => {
    expect(linesOf('"a,""b""\n\n",c\n"",\n"d"')).toEqual([
      { line: 1, fields: ['a,"b"\n\n', 'c'] },
      { line: 4, fields: ['', ''] },
      { line: 5, fields: ['d'] },
    ])
  })

  it('come back, whatever the fields hold', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '1', ',', '"', '\n', '\r', ' ') })
    const line = fc.array(field, { minLength: 2, maxLength: 4 })
    forAll([fc.array(line)], (lines) => {
      const quoted = lines.map((each) => each.map((text) => `"${text.replaceAll('"', '""')}"`).join(','))
      expect(fieldsOf(quoted.join('\n'))).toEqual(lines)
    })
  })

  it.each([
    ['x\n"a,b\n', 'read: line 2: a quoted field without an end'],
    ['"a""', 'read: line 1: a quoted field without an end'],
    ['"\n"\na"b', 'read: line 3: a quote inside an unquoted field'],
    ['"a"b', 'read: line 1: "b" after a quoted field; expected a comma'],
    [5 as never, 'read: the text is 5; expected a string'],
  ])('of %j are refused', (text, words) => {
    expect(() => linesOf(text)).toThrow(ValueError)
    expect(() => linesOf(text)).toThrow(words)
  })
})

describe('a field as a number', () => {
  it.each([
    ['-1.5', -1.5],
    [' +2. ', 2],
    ['.5e-3', 0.0005],
    ['3E2', 300],
  ])('"%s"', (text, number) => expect(csvNumber('read', text, 1, 'x')).toBe(number))

  it.each(['', ...'. 1e 0x10 Infinity NaN 1,5 1e39'.split(' '), '1 2', `1${'0'.repeat(999)}`, `0.${'0'.repeat(998)}`])(
    'refuses "%s"',
    (text) => {
      expect(() => csvNumber('read', text, 3, 'x')).toThrow(ValueError)
      expect(() => csvNumber('read', text, 3, 'x')).toThrow(/^read: line 3, column x: ".*"; expected a finite decimal/)
    },
  )
})

it.each([
  [[0, 2, 1], 1, 'Discrete(0 … 2)'],
  [[0, 255], 1, 'Discrete(0 … 255)'],
  [[0, 256], 1, 'Box([0] … [256])'],
  [[-1, 2], 1, 'Box([-1] … [2])'],
  [[0, 0.5], 1, 'Box([0] … [0.5])'],
  [[0, 1, 4, 1, 2, 1], 2, 'Box([0, 1] … [4, 2])'], // a column of one value has a range of 1
])('the actions %j in %d columns are of %s', (actions, width, space) => {
  expect(String(inferActionSpace(Float32Array.from(actions), width))).toMatch(space)
})

it('the bounds of recorded vectors are the least and the greatest number of each column', () => {
  const space = inferActionSpace(Float32Array.of(1, 10, 4, 3, -5, 4), 3)
  expect(String(space)).toBe('Box([1, -5, 4] … [3, 10, 5])') // a column of one number has a range of 1
})
