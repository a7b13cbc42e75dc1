// Selection by index. Indices are int32 tensors on the CPU; their values are checked. The gradient of an element is the sum
// over all its selections.

import { requireLive, Tensor } from '../autograd/tensor.ts'
import { DTypeError, formatShape, ShapeError, ValueError } from '../errors.ts'
import { normalizeAxis } from '../shape.ts'
import { tensor } from './create.ts'
import { type Range, slice } from './layout.ts'
import { picked, reshaped } from './recorded.ts'
import { viewAlong } from './reduce.ts'

/** Integers as an int32 tensor, a list or an array. */
export type Indices = Tensor | Int32Array | readonly number[]

/**
 * y[i, j, k] = x[i, index[i, j, k], k] for axis 1, and likewise for others. `index` has the rank of `x`, and along the other
 * axes at most its sizes. Throws a ValueError for an index outside the axis.
 */
export function gather(x: Tensor, axis: number, index: Tensor): Tensor {
  const at = normalizeAxis('gather', axis, x.dims.length)
  if (index.dims.length !== x.dims.length || index.dims.some((size, i) => i !== at && size > x.dims[i]!)) {
    throw new ShapeError(
      `gather: the index ${formatShape(index.dims)} does not fit ${formatShape(x.dims)} along axis ${axis}; ` +
        'expected the same rank, and no more elements along the other axes',
    )
  }
  requireIndices('gather', index, x.dims[at]!)
  const shorter = index.dims.some((size, i) => i !== at && size < x.dims[i]!)
  const ranges = x.dims.map((size, i): Range => [0, i === at ? size : index.dims[i]!])
  const part = shorter ? slice(x, ranges) : x
  return picked('gather', part, index, viewAlong('gather', part, at), index.dims, index.dims[at]!)
}

/** Slices along an axis in the order of `indices`: [..., size, ...] → [..., count, ...]. */
export function indexSelect(x: Tensor, axis: number, indices: Indices): Tensor {
  const at = normalizeAxis('indexSelect', axis, x.dims.length)
  if (indices instanceof Tensor && indices.dims.length !== 1) {
    throw new ShapeError(`indexSelect: the indices have shape ${formatShape(indices.dims)}; expected one axis`)
  }
  return take('indexSelect', x, at, indices)
}

/** The elements along an axis in reverse order. */
export function flip(x: Tensor, axis: number): Tensor {
  const at = normalizeAxis('flip', axis, x.dims.length)
  const backwards = Array.from({ length: x.dims[at]! }, (_, i) => i).reverse()
  return take('flip', x, at, backwards)
}

/** Rows of a table: weight [count, features], indices [...] → [..., features]. */
export function embedding(weight: Tensor, indices: Tensor): Tensor {
  if (weight.dims.length !== 2) {
    throw new ShapeError(`embedding: the table has shape ${formatShape(weight.dims)}; expected [count, features]`)
  }
  const rows = take('embedding', weight, 0, indices)
  return reshaped(rows, [...indices.dims, weight.dims[1]!])
}

function take(op: string, x: Tensor, axis: number, indices: Indices): Tensor {
  const view = viewAlong(op, x, axis)
  requireIndices(op, indices, view.size)
  const index = indices instanceof Tensor ? indices : tensor(Int32Array.from(indices))
  const shape = x.dims.map((size, i) => (i === axis ? index.size : size))
  return picked('take', x, index, view, shape, index.size, op)
}

/** Throws a DTypeError unless all are int32, a ValueError on one outside 0 … size - 1. */
export function requireIndices(op: string, index: Indices, size: number): void {
  if (index instanceof Tensor && index.dtype !== 'int32') {
    throw new DTypeError(`${op}: the index is ${index.dtype}; expected int32: cast(index, 'int32')`)
  }
  if (index instanceof Tensor) requireLive(op, index)
  const values = index instanceof Tensor ? index.view() : index
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value >= 0 && value < size && Number.isInteger(value)) continue
    const allowed = size === 0 ? 'the axis is empty' : `allowed are 0 to ${size - 1}`
    throw new ValueError(`${op}: index ${value} at position ${i}; ${allowed}`)
  }
}
