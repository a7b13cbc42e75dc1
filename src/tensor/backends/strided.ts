// Arrangements as strided reads: what permutations, broadcasts and slices have in common on every backend.

import { broadcastStrides, type Shape, stridesOf } from '../shape.ts'
import type { Storage } from '../storage.ts'
import type { Arrangement } from './backend.ts'

/** A new contiguous storage of `shape` that reads `x` from element `first` on, with the given strides in elements. */
export type StridedRead = (x: Storage, shape: Shape, strides: readonly number[], first: number) => Storage

export function stridedReads(read: StridedRead): Pick<Arrangement, 'permute' | 'broadcastTo' | 'slice'> {
  return {
    permute(x, shape, axes) {
      const strides = stridesOf(shape)
      const pick = (list: readonly number[]) => axes.map((axis) => list[axis]!)
      return read(x, pick(shape), pick(strides), 0)
    },
    broadcastTo: (x, shape, out) => read(x, out, broadcastStrides(shape, out), 0),
    slice(x, shape, starts, steps, out) {
      const { strides, first } = sliced(shape, starts, steps)
      return read(x, out, strides, first)
    },
  }
}

/** Strides and first element of a slice. */
export function sliced(shape: Shape, starts: readonly number[], steps: readonly number[]) {
  const strides = stridesOf(shape)
  let first = 0
  for (let axis = 0; axis < shape.length; axis++) first += starts[axis]! * strides[axis]!
  return { strides: strides.map((stride, axis) => stride * steps[axis]!), first }
}

/** One axis of a copy between two arrangements: its size, and the stride on either side. */
export interface Axis {
  size: number
  from: number
  to: number
}

/** Drops axes of size 1 and merges neighbours that are contiguous with each other in both arrangements. */
export function joined(axes: readonly Axis[]): Axis[] {
  const result: Axis[] = []
  for (const axis of axes) {
    if (axis.size === 1) continue
    const last = result[result.length - 1]
    if (last !== undefined && last.from === axis.size * axis.from && last.to === axis.size * axis.to) {
      result[result.length - 1] = { ...axis, size: last.size * axis.size }
    } else result.push(axis)
  }
  return result
}

/** In place of an axis that is not there. */
export const single: Axis = { size: 1, from: 0, to: 0 }

/** Calls `visit` with the last two axes, and the offsets on either side, for each index of the other axes in order. */
export function forEachPlane(
  axes: readonly Axis[],
  from: number,
  to: number,
  visit: (row: Axis, column: Axis, from: number, to: number) => void,
): void {
  if (axes.length <= 2) {
    visit(axes.length === 2 ? axes[0]! : single, axes[axes.length - 1] ?? single, from, to)
    return
  }
  const [first, ...rest] = axes
  for (let i = 0; i < first!.size; i++) forEachPlane(rest, from + i * first!.from, to + i * first!.to, visit)
}
