// Running sums and products, and order, along an axis. Products and order are computed on the CPU.

import { customOp, linearOp } from '../autograd/autograd.ts'
import { Tensor } from '../autograd/tensor.ts'
import type { AxisView } from '../backends/backend.ts'
import { runningSums } from '../dispatch/families.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { normalizeAxis } from '../shape.ts'
import { tensor } from './create.ts'
import { mul } from './elementwise.ts'
import { gather } from './indexing.ts'
import { concat, narrow } from './layout.ts'
import { backendFor, constant } from './primitives.ts'
import { viewAlong } from './reduce.ts'

/** Running sums along an axis.  dx = reversed running sums of dy. */
export function cumsum(x: Tensor, axis: number): Tensor {
  const along = viewAlong('cumsum', x, axis)
  const run = (reverse: boolean) => (from: Tensor) =>
    new Tensor(from.dims, backendFor('cumsum', from, runningSums).cumsum(from.storage, along, reverse))
  return linearOp(x, run(false), run(true))
}

/**
 * Running products along an axis.  dx[i] = (Π x[j] for j < i) g[i], where g[i] = dy[i] + x[i + 1] g[i + 1]: exact at zeros. Throws a
 * DeviceError for a tensor on the GPU.
 */
export function cumprod(x: Tensor, axis: number): Tensor {
  const along = viewAlong('cumprod', x, axis)
  const values = x.toArray()
  forEachLane(along, (at) => {
    for (let i = 1; i < along.size; i++) values[at(i)]! *= values[at(i - 1)]!
  })
  const y = tensor(values, x.dims)
  const at = normalizeAxis('cumprod', axis, x.dims.length)
  return customOp(y, [x], [(dy) => mul(recurrence(x, dy, at, true), shifted(y, at, 1))])
}

/**
 * r[i] = h[i] + x[i] r[i - 1] along an axis, or in reverse r[i] = h[i] + x[i + 1] r[i + 1]. The two are adjoint in h; by x, both have
 * the gradient forward[i - 1] reverse[i].
 */
function recurrence(x: Tensor, h: Tensor, axis: number, reverse: boolean): Tensor {
  const along = viewAlong('cumprod', x, axis)
  const [factors, r] = [x.toArray(), h.toArray()]
  forEachLane(along, (at) => {
    if (reverse) for (let i = along.size - 2; i >= 0; i--) r[at(i)]! += factors[at(i + 1)]! * r[at(i + 1)]!
    else for (let i = 1; i < along.size; i++) r[at(i)]! += factors[at(i)]! * r[at(i - 1)]!
  })
  const result = tensor(r, x.dims)
  const dh = (dy: Tensor) => recurrence(x, dy, axis, !reverse)
  const dx = (dy: Tensor) => {
    const [forward, backward] = reverse ? [dh(dy), result] : [result, dh(dy)]
    return mul(shifted(forward, axis, 0), backward)
  }
  return customOp(result, [x, h], [dx, dh])
}

/** `first`, x[0], x[1], … along an axis, without the last. */
function shifted(x: Tensor, axis: number, first: number): Tensor {
  const length = Math.min(1, x.dims[axis]!)
  return concat([constant(narrow(x, axis, 0, length), first), narrow(x, axis, 0, x.dims[axis]! - length)], axis)
}

/** Calls `run` for each line along the middle axis, with the place of its i-th element. */
export function forEachLane({ outer, size, inner }: AxisView, run: (at: (i: number) => number) => void): void {
  for (let o = 0; o < outer; o++) {
    for (let lane = 0; lane < inner; lane++) run((i) => (o * size + i) * inner + lane)
  }
}

export interface Sorted {
  /** The elements in order. */
  readonly values: Tensor
  /** Where each was along the axis, int32. */
  readonly indices: Tensor
}

/** All elements along an axis, smallest first, or largest first. Throws a DeviceError for a tensor on the GPU. */
export function sort(x: Tensor, axis = -1, descending = false): Sorted {
  const at = normalizeAxis('sort', axis, x.dims.length)
  return ordered('sort', x, at, x.dims[at]!, descending ? -1 : 1)
}

/** The k largest along an axis, largest first: [..., size, ...] → [..., k, ...]. Throws a ShapeError unless 1 <= k <= size. */
export function topk(x: Tensor, k: number, axis = -1): Sorted {
  const at = normalizeAxis('topk', axis, x.dims.length)
  if (!(Number.isInteger(k) && k >= 1 && k <= x.dims[at]!)) {
    throw new ShapeError(
      `topk: ${k} elements along axis ${axis} of ${formatShape(x.dims)}; expected 1 to ${x.dims[at]}`,
    )
  }
  return ordered('topk', x, at, k, -1)
}

function ordered(op: string, x: Tensor, axis: number, count: number, sign: 1 | -1): Sorted {
  const along = viewAlong(op, x, axis)
  const from = x.toArray()
  const indices = new Int32Array(along.outer * count * along.inner)
  let lane = 0
  forEachLane(along, (at) => {
    const order = Array.from({ length: along.size }, (_, i) => i)
    order.sort((i, j) => sign * compare(from[at(i)]!, from[at(j)]!))
    const first = Math.floor(lane / along.inner) * count * along.inner + (lane++ % along.inner)
    for (let i = 0; i < count; i++) indices[first + i * along.inner] = order[i]!
  })
  const shape = x.dims.map((full, i) => (i === axis ? count : full))
  const places = tensor(indices, shape)
  return { values: gather(x, axis, places), indices: places }
}

function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a < b ? -1 : a > b ? 1 : 0
}
