// Picking elements by index. Indices are int32 tensors, on the CPU, whose values are checked: a foreign index is an error, not a
// stray read. Gradients are added where they were picked from, as often as they were.

import { record } from '../autograd.ts'
import { backendOf } from '../backends/select.ts'
import { DTypeError, formatShape, ShapeError, ValueError } from '../errors.ts'
import { normalizeAxis } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { tensor } from './create.ts'
import { slice } from './layout.ts'
import { viewAlong } from './reduce.ts'

/** Whole numbers as an int32 tensor, a list, or an array. */
export type Indices = Tensor | Int32Array | readonly number[]

/**
 * y[i, j, k] = x[i, index[i, j, k], k] for axis 1, likewise for others. `index` has as many axes as `x`, and along the other
 * axes no more elements. Throws a ValueError for an index outside the axis.
 */
export function gather(x: Tensor, axis: number, index: Tensor): Tensor {
  const at = normalizeAxis('gather', axis, x.shape.length)
  if (index.shape.length !== x.shape.length || index.shape.some((size, i) => i !== at && size > x.shape[i]!)) {
    throw new ShapeError(
      `gather: the index ${formatShape(index.shape)} does not fit ${formatShape(x.shape)} along axis ${axis}; ` +
        'it needs as many axes, and no more elements along the others',
    )
  }
  const part = slice(
    x,
    x.shape.map((size, i) => [0, i === at ? size : index.shape[i]!]),
  )
  const view = viewAlong('gather', part, at)
  const count = index.shape[at]!
  requireIndices('gather', index, view.size)
  const y = new Tensor(index.shape, backendOf(x.storage).gather(part.storage, index.storage, view, count))
  const dx = (dy: Tensor) =>
    new Tensor(part.shape, backendOf(dy.storage).gatherGrad(dy.storage, index.storage, view, count))
  return record(y, [part], [dx])
}

/** Whole slices along an axis, in the order of `indices`: [..., size, ...] → [..., count, ...]. */
export function indexSelect(x: Tensor, axis: number, indices: Indices): Tensor {
  const at = normalizeAxis('indexSelect', axis, x.shape.length)
  const index = asIndices(indices)
  const view = viewAlong('indexSelect', x, at)
  requireIndices('indexSelect', index, view.size)
  const shape = x.shape.map((size, i) => (i === at ? index.size : size))
  const y = new Tensor(shape, backendOf(x.storage).take(x.storage, index.storage, view, index.size))
  const dx = (dy: Tensor) =>
    new Tensor(x.shape, backendOf(dy.storage).takeGrad(dy.storage, index.storage, view, index.size))
  return record(y, [x], [dx])
}

/** Rows of a table: weight [count, features], indices of any shape → [...indices, features]. */
export function embedding(weight: Tensor, indices: Tensor): Tensor {
  if (weight.shape.length !== 2) {
    throw new ShapeError(`embedding: the table is ${formatShape(weight.shape)}; expected [count, features]`)
  }
  const rows = indexSelect(weight, 0, indices)
  const shape = [...indices.shape, weight.shape[1]!]
  return record(new Tensor(shape, rows.storage), [rows], [(dy) => new Tensor(rows.shape, dy.storage)])
}

function asIndices(indices: Indices): Tensor {
  if (indices instanceof Tensor) return indices
  return tensor(indices instanceof Int32Array ? indices : Int32Array.from(indices))
}

function requireIndices(op: string, index: Tensor, size: number): void {
  if (index.dtype !== 'int32') throw new DTypeError(`${op}: the index is ${index.dtype}; expected int32 (cast it)`)
  const values = index.view()
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < 0 || values[i]! >= size) {
      throw new ValueError(`${op}: index ${values[i]} at place ${i}; allowed are 0 to ${size - 1}`)
    }
  }
}
