// Softmax and log-softmax along an axis.

import { customOp } from '../autograd/autograd.ts'
import type { BackwardFn } from '../autograd/graph.ts'
import { Tensor } from '../autograd/tensor.ts'
import { softmaxes } from '../dispatch/families.ts'
import { normalizeAxis } from '../shape.ts'
import { exp, mul, neg, sub } from './elementwise.ts'
import { backendFor, backendForBoth, requireFloat } from './primitives.ts'
import { sum, withLast } from './reduce.ts'

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
  const output = back(y)
  const dx = (dy: Tensor): Tensor => {
    const { rows: dyRows } = withLast(dy, at)
    const storage = backendForBoth(grad, dy, y, softmaxes)[grad](dyRows.storage, y.storage, count, columns)
    return customOp(back(new Tensor(rows.dims, storage)), [dy, output], secondRules[op](dx, dy, output, at))
  }
  return customOp(output, [x], [dx])
}

// The rules of dx, by dy and by y. The Jacobian of softmax is symmetric.
const secondRules = {
  softmax: (dx: BackwardFn, dy: Tensor, y: Tensor, axis: number): BackwardFn[] => [
    dx,
    (g) => sub(mul(g, sub(dy, sum(mul(dy, y), axis, true))), mul(dy, sum(mul(g, y), axis, true))),
  ],
  logSoftmax: (_: BackwardFn, dy: Tensor, y: Tensor, axis: number): BackwardFn[] => [
    (g) => sub(g, sum(mul(g, exp(y)), axis, true)),
    (g) => neg(mul(mul(g, exp(y)), sum(dy, axis, true))),
  ],
}
