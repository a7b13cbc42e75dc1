// Layer normalisation. Ba, Kiros and Hinton 2016, arXiv:1607.06450, eq. 4.

import { customOp } from '../autograd/autograd.ts'
import { Tensor } from '../autograd/tensor.ts'
import { standardization } from '../dispatch/families.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { add, mul, neg, reciprocal, sqrt } from './elementwise.ts'
import { backendFor, backendForBoth, requireBoth, requireFloat } from './primitives.ts'
import { mean, variance } from './reduce.ts'

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
