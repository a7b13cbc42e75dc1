// What the property tests draw from: shapes first, then numbers of those shapes. Numbers are bounded and finite, and where
// an operation has a kink or a tie, they stay away from it by construction.

import fc from 'fast-check'
import { Rng, type Shape, type Tensor, tensor } from '../../src/tensor/index.ts'
import { sizeOf } from '../../src/tensor/shape.ts'

export interface ShapeLimits {
  readonly minAxes?: number
  readonly maxAxes?: number
  readonly maxElements?: number
  /** The smallest size of an axis. Default 0. */
  readonly minSize?: number
}

/** Shapes of 0 to 5 axes; axes of size 0 and 1 are frequent. */
export function shapes({ minAxes = 0, maxAxes = 5, maxElements = 36, minSize = 0 }: ShapeLimits = {}) {
  const size = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 2, max: 4 }) },
    { weight: 3, arbitrary: fc.constant(Math.max(1, minSize)) },
    { weight: 1, arbitrary: fc.constant(minSize) },
  )
  return fc
    .array(size, { minLength: minAxes, maxLength: maxAxes })
    .map((sizes) => withinLimit(sizes, maxElements, Math.max(1, minSize)))
}

// Axes that would exceed the limit shrink, so that no draw is thrown away.
function withinLimit(sizes: readonly number[], maxElements: number, smallest: number): number[] {
  let product = 1
  return sizes.map((size) => {
    const kept = product * size <= maxElements ? size : smallest
    product *= Math.max(1, kept)
    return kept
  })
}

/** Finite numbers between -2 and 2, or the given bounds. */
export function numbers(length: number, min = -2, max = 2) {
  return fc.array(fc.double({ min, max, noNaN: true }), { minLength: length, maxLength: length, size: 'max' })
}

/** A float64 tensor of smooth, bounded numbers. */
export function tensorOf(shape: Shape, min = -2, max = 2): fc.Arbitrary<Tensor> {
  return numbers(sizeOf(shape), min, max).map((values) => float64(values, shape))
}

/** At least `gap` away from zero, on either side: for kinks at zero, and for divisors. */
export function awayFromZero(shape: Shape, gap = 0.1, max = 2): fc.Arbitrary<Tensor> {
  const signed = fc
    .tuple(fc.double({ min: gap, max, noNaN: true }), fc.boolean())
    .map(([size, negative]) => (negative ? -size : size))
  const length = sizeOf(shape)
  return fc.array(signed, { minLength: length, maxLength: length, size: 'max' }).map((values) => float64(values, shape))
}

/** No two elements nearer than 0.1: for operations that choose one of several. */
export function distinct(shape: Shape): fc.Arbitrary<Tensor> {
  const length = sizeOf(shape)
  const places = Array.from({ length }, (_, i) => i)
  return fc
    .tuple(fc.shuffledSubarray(places, { minLength: length, maxLength: length }), numbers(length, 0, 0.1))
    .map(([order, jitter]) =>
      float64(
        order.map((place, i) => (place - length / 2) * 0.2 + jitter[i]!),
        shape,
      ),
    )
}

/** Two shapes that broadcast, with what they broadcast to. */
export function broadcastableShapes(
  limits: ShapeLimits = {},
): fc.Arbitrary<{ a: number[]; b: number[]; out: number[] }> {
  return shapes({ maxElements: 24, ...limits }).chain((out) =>
    fc.record({ a: operandShape(out), b: operandShape(out) }).map(({ a, b }) => ({ a, b, out: common(a, b) })),
  )
}

/** A shape that broadcasts to `out`: leading axes dropped, others set to 1. */
export function operandShape(out: Shape): fc.Arbitrary<number[]> {
  const axes = out.length
  return fc
    .tuple(
      fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: axes }) }),
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: axes, maxLength: axes, size: 'max' }),
    )
    .map(([dropped, dice]) => out.map((size, axis) => (dice[axis] === 0 ? 1 : size)).slice(dropped))
}

/** Some axes of a tensor with `rank` axes, as a caller may write them: nothing, a number, a list; from either end. */
export function someAxes(rank: number): fc.Arbitrary<number | number[] | undefined> {
  if (rank === 0) return fc.constantFrom(undefined, [])
  const all = Array.from({ length: rank }, (_, axis) => axis)
  return fc.oneof(
    fc.constant(undefined),
    oneAxis(rank),
    fc
      .tuple(fc.shuffledSubarray(all), fc.array(fc.boolean(), { minLength: rank, maxLength: rank }))
      .map(([axes, fromEnd]) => axes.map((axis, i) => (fromEnd[i] ? axis - rank : axis))),
  )
}

/** An axis from either end. */
export function oneAxis(rank: number): fc.Arbitrary<number> {
  return fc.integer({ min: -rank, max: rank - 1 })
}

/** What flows into an output: sizes between 0.25 and 2 with random signs, so that no element counts for nothing. */
export function cotangentOf(seed: number, length = 199): Float64Array {
  const rng = new Rng(seed)
  return Float64Array.from({ length }, () => (rng.integer(2) === 0 ? -1 : 1) * rng.uniform(0.25, 2))
}

/** Seeds, for what is easier drawn by the library's own generator. */
export function seeds(): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 2 ** 31 })
}

export function float64(values: ArrayLike<number>, shape: Shape): Tensor {
  return tensor(Float64Array.from(values), shape)
}

function common(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const [sizeA, sizeB] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1]
    return sizeA === 1 ? sizeB : sizeA
  })
}
