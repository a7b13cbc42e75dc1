// A value of any space in the fewest numbers, and as the vector that a network reads.

import { describe, expect, it } from 'vitest'
import { flattenInto, flattenSpace, pack, packedSize, unpack } from '../../src/data/packing.ts'
import { Box, Dict, Discrete, MultiBinary, MultiDiscrete, type Space, Tuple } from '../../src/data/spaces.ts'

const box = new Box([-1, 0], [1, 5])
const choice = new Discrete(3, -1)
const several = new MultiDiscrete([3, 2])
const bits = new MultiBinary(2)
const long = new Box(new Float32Array(40), new Float32Array(40).fill(99))
const count = Float32Array.from({ length: 40 }, (_, i) => i + 1)
const both = new Tuple([choice, new Dict({ b: bits, a: box })])

const cases: readonly [space: Space<unknown>, value: unknown, packed: number[], flat: number[]][] = [
  [box, Float32Array.of(0.5, 4), [0.5, 4], [0.5, 4]],
  [choice, -1, [-1], [1, 0, 0]],
  [choice, 1, [1], [0, 0, 1]],
  [several, Int32Array.of(2, 1), [2, 1], [0, 0, 1, 0, 1]],
  [bits, Int8Array.of(0, 1), [0, 1], [0, 1]],
  [long, count, [...count], [...count]],
  [both, [0, { a: Float32Array.of(1, 2), b: Int8Array.of(1, 0) }], [0, 1, 2, 1, 0], [0, 1, 0, 1, 2, 1, 0]],
]

describe.each(cases)('%s of %o', (space, value, packed, flat) => {
  it('packs and unpacks', () => {
    const out = new Float32Array(packed.length + 3).fill(7)
    expect(packedSize(space)).toBe(packed.length)
    expect(pack(space, value, out, 2)).toBe(2 + packed.length)
    expect([...out]).toEqual([7, 7, ...packed, 7])
    expect(unpack(space, out, 2)).toEqual(value)
  })

  it('flattens', () => {
    const out = new Float32Array(flat.length + 3)
    expect(flattenInto(space, value, out, 2)).toBe(2 + flat.length)
    expect([...out]).toEqual([0, 0, ...flat, 0])
    expect(flattenSpace(space).low).toHaveLength(flat.length)
  })
})

it('numbers that no entry can be are unpacked as they are', () => {
  expect(unpack(several, [0, 0.5], 0)).toEqual([0, 0.5])
  expect(unpack(bits, [0, 1, 300], 1)).toEqual([1, 300])
})

it('the flattened space has the bounds of its numbers, 0 and 1 of choices and bits', () => {
  const { low, high } = flattenSpace(both)
  expect([...low]).toEqual([0, 0, 0, -1, 0, 0, 0])
  expect([...high]).toEqual([1, 1, 1, 1, 5, 1, 1])
  expect(() => flattenSpace({ toString: () => 'Graph' } as Space<unknown>)).toThrow(
    /^flattenSpace: Graph; expected a Box/,
  )
})
