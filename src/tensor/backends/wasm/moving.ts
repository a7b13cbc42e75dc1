// The backend's functions that move numbers: transfers, permutations, slices, concatenation, and picking by index.

import { allocate } from '../../arena.ts'
import { memory } from '../../memory.ts'
import { type Shape, sizeOf, stridesOf } from '../../shape.ts'
import type { Storage } from '../../storage.ts'
import type { Arrangement, AxisView, Indexing, Transfers } from '../backend.ts'
import { referenceTransfers } from '../reference/movement.ts'
import { type Axis, forEachPlane, joined, sliced, stridedReads } from '../strided.ts'
import { type Calls, instantiate } from './module.ts'
import { arrangementKernels, indexingKernels, transferKernels } from './move-kernels.ts'
import { address, finish, produce } from './staging.ts'

export function compileTransfers(relaxed: boolean): Transfers {
  const kernels = instantiate(transferKernels, relaxed)
  const copy = (x: Storage) => produce('float32', x.length, (to) => kernels.copyRuns(address(x), 0, to, 0, 1, x.length))
  return {
    upload(values) {
      if (!(values instanceof Float32Array)) return referenceTransfers.upload(values)
      const out = allocate('float32', values.length)
      if (out.array === null) memory.f32.set(values, out.offset >>> 2)
      else out.array.set(values)
      return out
    },
    fill(length, value, dtype) {
      if (dtype !== 'float32') return referenceTransfers.fill(length, value, dtype)
      const out = allocate('float32', length)
      if (out.array === null) kernels.fill(out.offset, length, value)
      else out.array.fill(value)
      return out
    },
    copy,
    cast: (x, dtype) => (dtype === 'float32' ? copy(x) : referenceTransfers.cast(x, dtype)),
    copyInto(target, x) {
      const at = address(target)
      kernels.copyRuns(address(x), 0, at, 0, 1, x.length)
      finish(target, at)
    },
  }
}

export function compileArrangement(relaxed: boolean): Arrangement {
  const kernels = instantiate(arrangementKernels, relaxed)
  const copyStrided = makeCopyStrided(kernels)
  return {
    ...stridedReads((x, shape, strides, first) =>
      produce('float32', sizeOf(shape), (to) => {
        copyStrided(axesOf(shape, strides, stridesOf(shape)), address(x) + 4 * first, to)
      }),
    ),
    sliceGrad(dy, dyShape, starts, steps, shape) {
      const { strides, first } = sliced(shape, starts, steps)
      return produce('float32', sizeOf(shape), (to) => {
        const from = address(dy)
        kernels.fill(to, sizeOf(shape), 0)
        copyStrided(axesOf(dyShape, stridesOf(dyShape), strides), from, to + 4 * first)
      })
    },
    concat(parts, outer, sizes, inner) {
      const total = sizes.reduce((sum, size) => sum + size, 0)
      return produce('float32', outer * total * inner, (to) => {
        let before = 0
        parts.forEach((part, i) => {
          const run = sizes[i]! * inner
          kernels.copyRuns(address(part), 4 * run, to + 4 * before, 4 * total * inner, outer, run)
          before += run
        })
      })
    },
  }
}

/** Axes in bytes, from strides in floats. */
export function axesOf(sizes: Shape, from: readonly number[], to: readonly number[]): Axis[] {
  return sizes.map((size, axis) => ({ size, from: 4 * from[axis]!, to: 4 * to[axis]! }))
}

/** Copies between two strided arrangements of the same elements, as calls of two-dimensional kernels. */
function makeCopyStrided(kernels: Calls<typeof arrangementKernels>) {
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

export function compileIndexing(relaxed: boolean): Indexing {
  const kernels = instantiate(indexingKernels, relaxed)

  const pick = (op: 'gather' | 'take') => (x: Storage, index: Storage, view: AxisView, count: number) => {
    const { outer, size, inner } = view
    return produce('float32', outer * count * inner, (to) => {
      kernels[op](address(x), address(index), to, outer, size, inner, count)
    })
  }

  const putBack = (op: 'gatherGrad' | 'takeGrad') => (dy: Storage, index: Storage, view: AxisView, count: number) => {
    const { outer, size, inner } = view
    const length = outer * size * inner
    return produce('float32', length, (to) => {
      const [from, indexAt] = [address(dy), address(index)]
      kernels.fill(to, length, 0)
      kernels[op](from, indexAt, to, outer, size, inner, count)
    })
  }

  return {
    gather: pick('gather'),
    gatherGrad: putBack('gatherGrad'),
    take: pick('take'),
    takeGrad: putBack('takeGrad'),
  }
}
