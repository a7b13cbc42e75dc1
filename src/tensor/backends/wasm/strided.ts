// Copies between any two strided arrangements of the same elements, cut into the two-dimensional kernels of
// move-kernels.ts. Permutations, slices, broadcasts and their reverses are all of this one form.

import { memory } from '../../memory.ts'
import type { Shape } from '../../shape.ts'
import type { Calls } from './module.ts'
import type { arrangementKernels } from './move-kernels.ts'

/** One axis: its size, and the bytes from one index to the next on either side. */
export interface Axis {
  size: number
  from: number
  to: number
}

export type CopyStrided = (axes: readonly Axis[], from: number, to: number) => void

/** Axes of a copy; strides are given in floats. */
export function axesOf(sizes: Shape, from: readonly number[], to: readonly number[]): Axis[] {
  return sizes.map((size, axis) => ({ size, from: 4 * from[axis]!, to: 4 * to[axis]! }))
}

/** Leaves out axes of size 1 and joins neighbours that are one axis in both arrangements. */
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

const single: Axis = { size: 1, from: 0, to: 0 }

export function makeCopyStrided(kernels: Calls<typeof arrangementKernels>): CopyStrided {
  function copyStrided(axes: readonly Axis[], from: number, to: number): void {
    if (axes.some((axis) => axis.size === 0)) return
    copyAxes(joined(axes), from, to)
  }

  function copyAxes(axes: readonly Axis[], from: number, to: number): void {
    if (axes.length <= 2) {
      const column = axes[axes.length - 1] ?? single
      copyPlane(axes.length === 2 ? axes[0]! : single, column, from, to)
      return
    }
    const [first, ...rest] = axes
    for (let i = 0; i < first!.size; i++) copyAxes(rest, from + i * first!.from, to + i * first!.to)
  }

  function copyPlane(row: Axis, column: Axis, from: number, to: number): void {
    if (column.size === 1) memory.f32[to >>> 2] = memory.f32[from >>> 2]!
    else if (column.to === 4 && column.from === 4) kernels.copyRuns(from, row.from, to, row.to, row.size, column.size)
    else if (column.to === 4 && column.from === 0) kernels.spreadRuns(from, row.from, to, row.to, row.size, column.size)
    else if (column.to === 4 && row.from === 4) transposePlane(row, column, from, to)
    else kernels.copyStrided(from, row.from, column.from, to, row.to, column.to, row.size, column.size)
  }

  // Here `row` counts what is contiguous in `from`, `column` what is contiguous in `to`; blocks of 4×4, then the edges.
  function transposePlane(row: Axis, column: Axis, from: number, to: number): void {
    const rows = row.size - (row.size % 4)
    const columns = column.size - (column.size % 4)
    if (rows > 0 && columns > 0) kernels.transpose(from, column.from, to, row.to, columns, rows)
    const edge = (r: number, c: number, height: number, width: number) =>
      kernels.copyStrided(
        from + 4 * r + c * column.from,
        4,
        column.from,
        to + r * row.to + 4 * c,
        row.to,
        4,
        height,
        width,
      )
    if (columns < column.size) edge(0, columns, row.size, column.size - columns)
    if (rows < row.size) edge(rows, 0, row.size - rows, columns)
  }

  return copyStrided
}
