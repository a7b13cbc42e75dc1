// Softmax and log-softmax along an axis.

import { customOp } from '../autograd.ts'
import { softmaxes } from '../backends/families.ts'
import { normalizeAxis } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { backendFor, backendForBoth, requireFloat } from './primitives.ts'
import { withLast } from './reduce.ts'

/** y = e^x / Σ e^x along `axis`.  dx = y (dy - Σ dy y). */
export function softmax(x: Tensor, axis = -1): Tensor {
  return byRows('softmax', 'softmaxGrad', x, axis)
}

/** y = x - ln Σ e^x along `axis`.  dx = dy - e^y Σ dy. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return byRows('logSoftmax', 'logSoftmaxGrad', x, axis)
}

function byRows(op: 'softmax' | 'logSoftmax', grad: 'softmaxGrad' | 'logSoftmaxGrad', x: Tensor, axis: number): Tensor {
  requireFloat(op, x)
  const at = normalizeAxis(op, axis, x.dims.length)
  const { rows, back } = withLast(x, at)
  const columns = x.dims[at]!
  const count = columns === 0 ? 0 : x.size / columns
  const y = new Tensor(rows.dims, backendFor(op, rows, softmaxes)[op](rows.storage, count, columns))
  const dx = (dy: Tensor) => {
    const { rows: dyRows } = withLast(dy, at)
    return back(
      new Tensor(rows.dims, backendForBoth(grad, dy, y, softmaxes)[grad](dyRows.storage, y.storage, count, columns)),
    )
  }
  return customOp(back(y), [x], [dx])
}
