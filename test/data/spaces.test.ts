import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flattenInto, flattenSpace, pack, packedSize, unpack } from '../../src/data/packing.ts'
import { Box, Dict, Discrete, MultiBinary, MultiDiscrete, type Space, Tuple } from '../../src/data/spaces.ts'
import { Rng, ShapeError, ValueError } from '../../src/tensor/index.ts'
import { forAll, property } from '../support/property.ts'

type GoldenSpace =
  | { type: 'Box'; low: (number | string)[]; high: (number | string)[]; shape: number[] }
  | { type: 'Discrete'; n: number; start: number }
  | { type: 'MultiDiscrete'; nvec: number[] }
  | { type: 'MultiBinary'; n: number }
  | { type: 'Tuple'; spaces: GoldenSpace[] }
  | { type: 'Dict'; spaces: [string, GoldenSpace][] }

interface GoldenCase {
  space: GoldenSpace
  low: (number | string)[]
  high: (number | string)[]
  samples: { value: unknown; flat: number[] }[]
}

const golden = readFileSync(new URL('../golden/spaces/flatten.json', import.meta.url), 'utf8')
const goldenCases = (JSON.parse(golden) as { cases: GoldenCase[] }).cases.map(
  (each) => [String(build(each.space)), each] as const,
)
const fround = (x: number | string) => Math.fround(Number(x))

function build(given: GoldenSpace): Space<unknown> {
  if (given.type === 'Box') return new Box(given.low.map(Number), given.high.map(Number), given.shape)
  if (given.type === 'Discrete') return new Discrete(given.n, given.start)
  if (given.type === 'MultiDiscrete') return new MultiDiscrete(given.nvec)
  if (given.type === 'MultiBinary') return new MultiBinary(given.n)
  if (given.type === 'Tuple') return new Tuple(given.spaces.map(build))
  return new Dict(Object.fromEntries(given.spaces.map(([key, part]) => [key, build(part)])))
}

/** The value of a golden sample in the array types of the space. */
function typedValue(space: Space<unknown>, given: unknown): unknown {
  if (space instanceof Discrete) return given
  if (space instanceof Tuple || space instanceof Dict) {
    const values = given as Record<string, unknown>
    const parts = space.parts.map(([key, part]) => [key, typedValue(part, values[key])] as const)
    return space instanceof Dict ? Object.fromEntries(parts) : parts.map(([, value]) => value)
  }
  return unpack(space, given as number[], 0)
}

function flattened(space: Space<unknown>, value: unknown): number[] {
  const flat = new Float32Array(flattenSpace(space).low.length)
  expect(flattenInto(space, value, flat)).toBe(flat.length)
  return Array.from(flat)
}

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
const bits = fc.integer({ min: 1, max: 4 }).map((n) => new MultiBinary(n))
const { space: spaces } = fc.letrec<{ space: Space<unknown> }>((tie) => ({
  space: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'space' },
    ...[boxes, discretes, multis, bits],
    fc.array(tie('space'), { maxLength: 3 }).map((parts) => new Tuple(parts)),
    fc
      .dictionary(fc.string({ maxLength: 2 }), tie('space'), { minKeys: 1, maxKeys: 3 })
      .map((parts) => new Dict(parts)),
  ),
}))

describe('every space', () => {
  property('contains what it samples, the same for the same seed', [spaces, fc.nat()], (space, seed) => {
    const value = space.sample(new Rng(seed))
    expect(space.contains(value)).toBe(true)
    expect(space.sample(new Rng(seed))).toEqual(value)
  })

  property('unpacks what it packs', [spaces, fc.nat(), fc.nat(3)], (space, seed, at) => {
    const value = space.sample(new Rng(seed))
    const size = packedSize(space)
    const out = new Float32Array(at + size + 1).fill(-7)
    pack(space, value, out, at)
    expect(unpack(space, out, at)).toEqual(value)
    expect([...out.subarray(0, at), out[at + size]]).toEqual(new Array(at + 1).fill(-7))
  })

  property('does not contain values of other kinds', [spaces], (space) => {
    for (const value of [null, undefined, 'x', 0.5, Number.NaN, {}, [Number.NaN], new Float32Array(9)]) {
      expect(space.contains(value)).toBe(false)
    }
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
    expect(String(new Box(0, 1, [10, 10, 4]))).toBe('Box[10, 10, 4] of 0 to 1')
    expect(String(new Box(-2, Infinity, [9]))).toBe('Box[9] of -2 to Infinity')
    expect(String(new Box(0, [1, 2], [2, 1]))).toBe('Box([0, 0] … [1, 2])')
  })

  it('refuses bounds that do not fit', () => {
    expect(() => new Box([0, 0], [1])).toThrow(ShapeError)
    expect(() => new Box([0, 0], [1, 1], [3])).toThrow(/2 lower and 2 upper bounds for shape \[3\]/)
    expect(() => new Box([1], [0])).toThrow(/bound 0 is 1 … 0/)
    expect(() => new Box([Number.NaN], [0])).toThrow(ValueError)
  })
})

describe('spaces of whole numbers, and of several spaces', () => {
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
    const binary = new MultiBinary(2)
    expect(binary.contains(Int8Array.of(1, 0))).toBe(true)
    for (const other of [Int8Array.of(2, 0), Int8Array.of(0, -1), Int8Array.of(1), Int32Array.of(1, 0)]) {
      expect(binary.contains(other)).toBe(false)
    }
    const dict = new Dict({ gear: space, brake: binary })
    const brake = Int8Array.of(0, 1)
    expect(dict.contains({ gear: 1, brake })).toBe(true)
    for (const other of [
      { gear: 1 },
      { gear: 1, brake, horn: 0 },
      { gear: 1, horn: 0 },
      { gear: 2, brake },
      [1, brake],
    ]) {
      expect(dict.contains(other)).toBe(false)
    }
    expect(String(dict)).toBe('Dict(brake: MultiBinary(2), gear: Discrete(-1 … 1))')
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
      expect(() => new MultiBinary(n)).toThrow(ValueError)
    }
    expect(() => new Discrete(2, 0.5)).toThrow(/start is 0.5/)
  })

  it('do not read fractions as choices', () => {
    const multi = new MultiDiscrete([2, 3])
    expect(multi.contains(unpack(multi, [0.5, 1], 0))).toBe(false)
    expect(multi.contains(unpack(multi, [Number.NaN, 1], 0))).toBe(false)
    expect(multi.contains(unpack(multi, [2 ** 32, 1], 0))).toBe(false)
    expect(new MultiBinary(1).contains(unpack(new MultiBinary(1), [256], 0))).toBe(false)
  })
})

describe('flattening', () => {
  it.each(goldenCases)("equals Gymnasium's: %s", (_, { space: given, low, high, samples }) => {
    const space = build(given)
    const flat = flattenSpace(space)
    expect([Array.from(flat.low), Array.from(flat.high)]).toEqual([low.map(fround), high.map(fround)])
    for (const sample of samples) expect(flattened(space, typedValue(space, sample.value))).toEqual(sample.flat)
  })

  it('gives values of the flattened space, from which the value can be read back', () => {
    forAll([spaces, fc.nat(), fc.nat()], (space, seed, otherSeed) => {
      const [value, other] = [seed, otherSeed].map((each) => space.sample(new Rng(each)))
      const flat = flattened(space, value)
      expect(flattenSpace(space).contains(Float32Array.from(flat))).toBe(true)
      expect(isDeepStrictEqual(flattened(space, other), flat)).toBe(isDeepStrictEqual(other, value))
    })
  })

  it('refuses a space that it does not know', () => {
    const own = {
      kind: 'box',
      contains: () => true,
      sample: () => 0,
      toString: () => 'Own',
    } as unknown as Space<number>
    expect(() => flattenSpace(own)).toThrow('flattenSpace: Own; expected a Box, Discrete')
  })
})

describe('the edges of a space', () => {
  it('Box contains its bounds and vectors of its length alone, and counts the bounds of its shape', () => {
    const box = new Box([-1, 0], [1, 5])
    for (const inside of [[-1, 0], [1, 5]]) expect(box.contains(Float32Array.from(inside))).toBe(true) // biome-ignore format: a pair a corner
    for (const outside of [[1.5, 0], [0, 5.5], [-1.5, 0], [0, -0.5], [0], [0, 0, 0]]) // biome-ignore format: pairs
      expect(box.contains(Float32Array.from(outside))).toBe(false)
    expect(new Box([0, 0, 0, 0], [1, 1, 1, 1], [2, 2]).shape).toEqual([2, 2])
    expect(() => new Box([0], [1, 1])).toThrow('Box: 1 lower and 2 upper bounds for shape [1]')
    expect(() => new Box([0, 0], [1, 1], [3])).toThrow('Box: 2 lower and 2 upper bounds for shape [3]')
    expect(() => new Box([0, 0], [1, 1, 1], [3])).toThrow(ShapeError)
    expect(() => new Box([0, 2], [1, 1])).toThrow('Box: bound 1 is 2 … 1; the lower must not exceed the upper')
    expect(() => new Box([1], [1])).not.toThrow()
  })

  it('Box draws by the bounds that are finite: uniform, exponential from one, normal without', () => {
    const drawn = (low: number, high: number) => new Box([low], [high]).sample(new Rng(5))[0]
    const rng = () => new Rng(5)
    expect(drawn(2, 4)).toBe(Math.fround(rng().uniform(2, 4)))
    expect(drawn(2, Infinity)).toBe(Math.fround(2 + rng().exponential()))
    expect(drawn(-Infinity, 4)).toBe(Math.fround(4 - rng().exponential()))
    expect(drawn(-Infinity, Infinity)).toBe(Math.fround(rng().normal()))
  })

  it('MultiDiscrete contains vectors of its length alone', () => {
    const choices = new MultiDiscrete([3, 2])
    expect(choices.contains(Int32Array.of(2, 1))).toBe(true)
    for (const outside of [[3, 0], [0, 2], [-1, 0], [0], [0, 0, 0]]) // biome-ignore format: pairs
      expect(choices.contains(Int32Array.from(outside))).toBe(false)
  })

  it.each<[make: (n: number) => unknown]>([
    [(n) => new Discrete(n)],
    [(n) => new MultiBinary(n)],
    [(n) => new MultiDiscrete([2, n])],
  ])('counts are from 1 to 2^31', (make) => {
    for (const n of [1, 2 ** 31]) expect(() => make(n)).not.toThrow()
    for (const n of [0, -1, 1.5, 2 ** 31 + 1, Number.NaN]) {
      expect(() => make(n)).toThrow(`a count is ${n}; it must be a whole number from 1 to 2^31`)
    }
  })
})
