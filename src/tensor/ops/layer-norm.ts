// Layer normalisation. Ba, Kiros and Hinton 2016, arXiv:1607.06450, eq. 4.

import { customOp } from '../autograd.ts'
import { standardization } from '../backends/families.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { Tensor } from '../tensor.ts'
import { add, mul } from './elementwise.ts'
import { backendFor, backendForBoth, requireBoth, requireFloat } from './primitives.ts'

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
  const dx = (dy: Tensor) => {
    const sameBackend = backendForBoth('layerNorm', dy, x, standardization)
    return new Tensor(x.dims, sameBackend.standardizeGrad(dy.storage, x.storage, rows, columns, epsilon))
  }
  const normal = customOp(new Tensor(x.dims, backend.standardize(x.storage, rows, columns, epsilon)), [x], [dx])
  const scaled = weight === undefined ? normal : mul(normal, weight)
  return bias === undefined ? scaled : add(scaled, bias)
}
