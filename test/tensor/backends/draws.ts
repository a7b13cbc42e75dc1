// Numbers, indices and sizes for calls of a backend.

import fc from 'fast-check'
import { Rng } from '../../../src/tensor/random.ts'

const specials = [Number.NaN, Infinity, -Infinity, 0, -0, 1e-40, -1e-40, 1, -1, 90, -90]

/** Numbers from -4 to 4; `odd` is the share of special ones among them, and `whole` ones make ties. */
export interface Draw {
  readonly seed: number
  readonly odd: number
  readonly whole: boolean
}

export const draws: fc.Arbitrary<Draw> = fc.record({
  seed: fc.nat(),
  odd: fc.constantFrom(0, 0, 0.02, 0.3),
  whole: fc.boolean(),
})

/** `count` arrays of the given lengths. */
export function drawFloats({ seed, odd, whole }: Draw, ...lengths: number[]): Float32Array[] {
  const rng = new Rng(seed)
  const draw = () => {
    if (rng.uniform() < odd) return specials[rng.integer(specials.length)]!
    const x = 8 * rng.uniform() - 4
    return whole ? Math.round(x) : x
  }
  return lengths.map((length) => Float32Array.from({ length }, draw))
}

export function drawIndices(seed: number, length: number, size: number): Int32Array {
  const rng = new Rng(seed)
  return Int32Array.from({ length }, () => rng.integer(size))
}

/** Sizes of axes: zero and one often, others up to 70. */
export const sizes = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constant(1) },
  { weight: 8, arbitrary: fc.integer({ min: 2, max: 20 }) },
  { weight: 6, arbitrary: fc.integer({ min: 21, max: 70 }) },
)
