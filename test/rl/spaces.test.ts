import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Box, Discrete, flatSize, MultiDiscrete, readFlat, type Space, Tuple, writeFlat } from '../../src/rl/spaces.ts'
import { ShapeError, ValueError } from '../../src/tensor/errors.ts'
import { Rng } from '../../src/tensor/random.ts'

const bounds = fc.tuple(fc.double({ min: -50, max: 50, noNaN: true }), fc.double({ min: 0, max: 50, noNaN: true }))
const boxes = fc
  .array(
    fc.oneof(
      bounds.map(([low, width]) => [low, low + width] as const),
      fc.constantFrom([-Infinity, Infinity] as const, [0, Infinity] as const, [-Infinity, 3] as const),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map(
    (pairs) =>
      new Box(
        pairs.map(([low]) => low),
        pairs.map(([, high]) => high),
      ),
  )
const discretes = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -5, max: 5 }))
  .map(([n, start]) => new Discrete(n, start))
const multis = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }).map((n) => new MultiDiscrete(n))
const tuples = fc.array(fc.oneof(boxes, discretes, multis), { maxLength: 3 }).map((parts) => new Tuple(parts))
const spaces: fc.Arbitrary<Space<unknown>> = fc.oneof(boxes, discretes, multis, tuples)

describe('every space', () => {
  it('contains what it samples, the same for the same seed', () => {
    fc.assert(
      fc.property(spaces, fc.nat(), (space, seed) => {
        const value = space.sample(new Rng(seed))
        expect(space.contains(value)).toBe(true)
        expect(space.sample(new Rng(seed))).toEqual(value)
      }),
    )
  })

  it('reads back what it writes flat', () => {
    fc.assert(
      fc.property(spaces, fc.nat(), fc.nat(3), (space, seed, at) => {
        const value = space.sample(new Rng(seed))
        const size = flatSize(space)
        const out = new Float32Array(at + size + 1).fill(-7)
        writeFlat(space, value, out, at)
        expect(readFlat(space, out, at)).toEqual(value)
        expect([...out.subarray(0, at), out[at + size]]).toEqual(new Array(at + 1).fill(-7))
      }),
    )
  })

  it('does not contain values of other kinds', () => {
    fc.assert(
      fc.property(spaces, (space) => {
        for (const value of [null, undefined, 'x', 0.5, Number.NaN, {}, [Number.NaN], new Float32Array(9)]) {
          expect(space.contains(value)).toBe(false)
        }
      }),
    )
  })
})

describe('Box', () => {
  it('has its bounds inside and what is beyond outside', () => {
    const box = new Box([-1, 0], [1, Infinity])
    expect(box.contains(Float32Array.of(-1, 0))).toBe(true)
    expect(box.contains(Float32Array.of(1, Infinity))).toBe(true)
    for (const outside of [
      [-1.01, 0],
      [0, -0.01],
      [Number.NaN, 1],
    ]) {
      expect(box.contains(Float32Array.from(outside))).toBe(false)
    }
    expect(box.contains([0, 0])).toBe(false)
    expect(String(box)).toBe('Box([-1, 0] … [1, Infinity])')
  })

  it('refuses bounds that do not fit', () => {
    expect(() => new Box([0, 0], [1])).toThrow(ShapeError)
    expect(() => new Box([0, 0], [1, 1], [3])).toThrow(/2 lower and 2 upper bounds for shape \[3\]/)
    expect(() => new Box([1], [0])).toThrow(/bound 0 is 1 … 0/)
    expect(() => new Box([Number.NaN], [0])).toThrow(ValueError)
  })
})

describe('Discrete, MultiDiscrete and Tuple', () => {
  it('have the whole numbers of their ranges', () => {
    const space = new Discrete(3, -1)
    expect([-2, -1, 0, 1, 2].map((x) => space.contains(x))).toEqual([false, true, true, true, false])
    expect(String(space)).toBe('Discrete(-1 … 1)')
    const multi = new MultiDiscrete([2, 3])
    expect(multi.contains(Int32Array.of(1, 2))).toBe(true)
    expect(multi.contains(Int32Array.of(2, 0))).toBe(false)
    expect(multi.contains(Int32Array.of(0, -1))).toBe(false)
    expect(String(multi)).toBe('MultiDiscrete([2, 3])')
    const tuple = new Tuple<[number, Int32Array]>([space, multi])
    expect(tuple.contains([1, Int32Array.of(0, 0)])).toBe(true)
    expect(tuple.contains([Int32Array.of(0, 0), 1])).toBe(false)
    expect(String(tuple)).toBe('Tuple(Discrete(-1 … 1), MultiDiscrete([2, 3]))')
  })

  it('sample each value about equally often', () => {
    const rng = new Rng(3)
    const counts = new Int32Array(3)
    for (let i = 0; i < 3000; i++) counts[new Discrete(3, 5).sample(rng) - 5]!++
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120)
  })

  it('refuse counts that are none', () => {
    for (const n of [0, -1, 1.5, Number.NaN, 2 ** 32]) {
      expect(() => new Discrete(n)).toThrow(ValueError)
      expect(() => new MultiDiscrete([2, n])).toThrow(ValueError)
    }
    expect(() => new Discrete(2, 0.5)).toThrow(/start is 0.5/)
  })

  it('do not read fractions as choices', () => {
    const multi = new MultiDiscrete([2, 3])
    expect(multi.contains(readFlat(multi, [0.5, 1], 0))).toBe(false)
    expect(multi.contains(readFlat(multi, [Number.NaN, 1], 0))).toBe(false)
  })
})
