// Softmax and log-softmax along an axis, and layer normalisation.

import { customOp } from '../autograd/autograd.ts'
import type { BackwardFn } from '../autograd/graph.ts'
import { Tensor } from '../autograd/tensor.ts'
import { softmaxes, standardization } from '../dispatch/families.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { normalizeAxis } from '../shape.ts'
import { add, exp, mul, neg, reciprocal, sqrt, sub } from './elementwise.ts'
import { backendFor, backendForBoth, requireBoth, requireFloat } from './primitives.ts'
import { mean, sum, variance, withLast } from './reduce.ts'

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

/** y = (x - mean) / √(variance + epsilon) · weight + bias over the last axis; weight and bias are [features]. */
export function layerNorm(x: Tensor, weight?: Tensor, bias?: Tensor, epsilon = 1e-5): Tensor {
  requireFloat('layerNorm', x)
  const columns = x.dims.at(-1)
  if (columns === undefined) throw new ShapeError('layerNorm: a scalar; expected at least one axis')
  for (const parameter of [weight, bias]) {
    if (parameter === undefined) continue
    requireBoth('layerNorm', x, parameter)
    if (parameter.dims.length !== 1 || parameter.dims[0] !== columns) {
      throw new ShapeError(
        `layerNorm: a weight or bias ${formatShape(parameter.dims)} for an input ${formatShape(x.dims)}; expected [${columns}]`,
      )
    }
  }
  const rows = columns === 0 ? 0 : x.size / columns
  const backend = backendFor('layerNorm', x, standardization)
  const normal = new Tensor(x.dims, backend.standardize(x.storage, rows, columns, epsilon))
  // dx = (dy - mean dy - x̂ mean(dy x̂)) / s, with a symmetric Jacobian; its gradient by x passes through x̂ and s.
  const dx = (dy: Tensor): Tensor => {
    const sameBackend = backendForBoth('layerNorm', dy, x, standardization)
    const gradient = new Tensor(x.dims, sameBackend.standardizeGrad(dy.storage, x.storage, rows, columns, epsilon))
    const byX = (g: Tensor) => {
      const perScale = reciprocal(sqrt(add(variance(x, -1, true, 0), epsilon)))
      const average = (y: Tensor) => mul(mean(mul(y, normal), -1, true), perScale)
      const throughNormal = dx(add(mul(g, average(dy)), mul(dy, average(g))))
      return neg(add(throughNormal, mul(normal, mul(mean(mul(g, gradient), -1, true), perScale))))
    }
    return customOp(gradient, [dy, x], [dx, byX])
  }
  customOp(normal, [x], [dx])
  const scaled = weight === undefined ? normal : mul(normal, weight)
  return bias === undefined ? scaled : add(scaled, bias)
}
