// Order along an axis, computed on the CPU. Equal elements keep their order; NaN counts as largest. Indices are int32; the values are
// gathered by them, so that gradients flow to the elements chosen.

import type { Tensor } from '../autograd/tensor.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { normalizeAxis } from '../shape.ts'
import { tensor } from './create.ts'
import { forEachLane } from './cumulative.ts'
import { gather } from './indexing.ts'
import { viewAlong } from './reduce.ts'

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
