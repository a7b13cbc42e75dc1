import { expect, it } from 'vitest'
import { formatCount, formatDuration, formatFixed, formatPercent } from '../../src/plot/format.ts'

it.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [-1234567, '−1,234,567'],
])('formatCount(%d) is %s', (count, text) => expect(formatCount(count)).toBe(text))

it.each([
  [12.345, 1, '12.3'],
  [-0.04, 1, '0.0'],
  [-85.25, 2, '−85.25'],
  [Number.NaN, 1, '–'],
])('formatFixed(%d, %d) is %s', (value, decimals, text) => expect(formatFixed(value, decimals)).toBe(text))

it('formatPercent takes a share', () => expect(formatPercent(0.0682)).toBe('6.8 %'))

it.each([
  [340, '340 ms'],
  [999.9, '1.0 s'],
  [8_249, '8.2 s'],
  [59_990, '1 min 00 s'],
  [185_000, '3 min 05 s'],
  [3_599_900, '1 h 00 min'],
  [7_800_000, '2 h 10 min'],
  [Number.POSITIVE_INFINITY, '–'],
])('formatDuration(%d) is %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text))
