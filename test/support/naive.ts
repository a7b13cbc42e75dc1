// Oracles that find elements by their full index instead of by strides: slow, and hard to get wrong.

import type { Shape, Tensor } from '../../src/tensor/index.ts'
import { sizeOf } from '../../src/tensor/shape.ts'

/** Every index of a shape, in row-major order. */
export function* indicesOf(shape: Shape): Generator<number[]> {
  if (sizeOf(shape) === 0) return
  const [size, ...others] = shape
  if (size === undefined) yield []
  else for (let i = 0; i < size; i++) for (const rest of indicesOf(others)) yield [i, ...rest]
}

/** The element at a full index; along axes of size 1, and for missing leading axes, any index means the only one. */
export function at(x: Tensor, index: readonly number[]): number {
  let place = 0
  const skipped = index.length - x.shape.length
  for (const [axis, size] of x.shape.entries()) place = place * size + (size === 1 ? 0 : index[axis + skipped]!)
  return x.view()[place]!
}

/** A tensor's numbers worked out index by index. */
export function build(shape: Shape, value: (index: readonly number[]) => number): number[] {
  return Array.from(indicesOf(shape), value)
}

/** The numbers of `x` in groups: one for each index of the axes that are kept. */
export function groups(x: Tensor, over: readonly number[]): number[][] {
  const kept = x.shape.map((size, axis) => (over.includes(axis) ? 1 : size))
  const reduced = x.shape.map((size, axis) => (over.includes(axis) ? size : 1))
  return Array.from(indicesOf(kept), (outer) =>
    Array.from(indicesOf(reduced), (inner) =>
      at(
        x,
        outer.map((i, axis) => i + inner[axis]!),
      ),
    ),
  )
}

/** Axes as PyTorch reads them: none means all, negative ones count from the end. */
export function plainAxes(axes: number | readonly number[] | undefined, rank: number): number[] {
  const list = axes === undefined ? Array.from({ length: rank }, (_, i) => i) : typeof axes === 'number' ? [axes] : axes
  return list.map((axis) => (axis < 0 ? axis + rank : axis))
}

/** The shape after a reduction. */
export function reducedShape(shape: Shape, over: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((size, axis) => (over.includes(axis) ? (keepDims ? [1] : []) : [size]))
}
