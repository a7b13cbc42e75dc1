// Copies between two arrangements of the same elements, as axes with a stride on either side.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Axis, forEachPlane, joined } from '../../../src/tensor/backends/strided.ts'
import { forAll } from '../../support/property.ts'

/** Pairs of offsets that a copy visits, in order. */
function visited(axes: readonly Axis[]): [from: number, to: number][] {
  const pairs: [number, number][] = []
  forEachPlane(axes, 10, 20, (row, column, from, to) => {
    for (let i = 0; i < row.size; i++) {
      for (let j = 0; j < column.size; j++) {
        pairs.push([from + i * row.from + j * column.from, to + i * row.to + j * column.to])
      }
    }
  })
  return pairs
}

describe('axes that are contiguous on both sides', () => {
  it('become one: the rows of a matrix, not its columns', () => {
    const row = { size: 3, from: 1, to: 1 }
    expect(joined([{ size: 2, from: 3, to: 3 }, row])).toEqual([{ size: 6, from: 1, to: 1 }])
    for (const apart of [
      { size: 2, from: 3, to: 4 },
      { size: 2, from: 4, to: 3 },
    ]) {
      expect(joined([apart, row])).toEqual([apart, row])
    }
    expect(joined([{ size: 1, from: 7, to: 7 }, row])).toEqual([row])
  })

  it('visit what they visited apart', () => {
    const axis = fc.record({ size: fc.integer({ min: 1, max: 3 }), from: fc.nat(6), to: fc.nat(6) })
    forAll([fc.array(axis, { maxLength: 4 })], (axes) => {
      const all = axes.reduce<[number, number][]>(
        (pairs, { size, from, to }) =>
          pairs.flatMap(([a, b]) =>
            Array.from({ length: size }, (_, i): [number, number] => [a + i * from, b + i * to]),
          ),
        [[10, 20]],
      )
      expect(visited(axes)).toEqual(all)
      expect(visited(joined(axes))).toEqual(all)
    })
  })
})
