// Copies between two strided arrangements of the same elements, as calls of the two-dimensional kernels in move-kernels.ts.
// Permutations, slices, broadcasts and their gradients are such copies.

import { memory } from '../../memory.ts'
import type { Shape } from '../../shape.ts'
import { type Axis, forEachPlane, joined } from '../strided.ts'
import type { Calls } from './module.ts'
import type { arrangementKernels } from './move-kernels.ts'

/** Axes in bytes, from strides in floats. */
export function axesOf(sizes: Shape, from: readonly number[], to: readonly number[]): Axis[] {
  return sizes.map((size, axis) => ({ size, from: 4 * from[axis]!, to: 4 * to[axis]! }))
}

export function makeCopyStrided(kernels: Calls<typeof arrangementKernels>) {
  function copyPlane(row: Axis, column: Axis, from: number, to: number): void {
    if (column.size === 1) memory.f32[to >>> 2] = memory.f32[from >>> 2]!
    else if (column.to === 4 && column.from === 4) kernels.copyRuns(from, row.from, to, row.to, row.size, column.size)
    else if (column.to === 4 && column.from === 0) kernels.spreadRuns(from, row.from, to, row.to, row.size, column.size)
    else if (column.to === 4 && row.from === 4) transposePlane(row, column, from, to)
    else kernels.copyStrided(from, row.from, column.from, to, row.to, column.to, row.size, column.size)
  }

  // `row` is contiguous in `from`, `column` in `to`. Blocks of 4×4 are transposed by the kernel, the edges copied.
  function transposePlane(row: Axis, column: Axis, from: number, to: number): void {
    const rows = row.size - (row.size % 4)
    const columns = column.size - (column.size % 4)
    if (rows > 0 && columns > 0) kernels.transpose(from, column.from, to, row.to, columns, rows)
    const edge = (r: number, c: number, height: number, width: number) => {
      const [at, out] = [from + 4 * r + c * column.from, to + r * row.to + 4 * c]
      kernels.copyStrided(at, 4, column.from, out, row.to, 4, height, width)
    }
    if (columns < column.size) edge(0, columns, row.size, column.size - columns)
    if (rows < row.size) edge(rows, 0, row.size - rows, columns)
  }

  return (axes: readonly Axis[], from: number, to: number): void => {
    if (axes.every(({ size }) => size > 0)) forEachPlane(joined(axes), from, to, copyPlane)
  }
}
