// The symmetric logarithm and its inverse, which compress values of very different magnitudes for one network to learn.
// Hafner et al. 2023, arXiv:2301.04104, eq. 1.

import { customOp } from '../tensor/autograd/autograd.ts'
import type { Tensor } from '../tensor/autograd/tensor.ts'
import { tensor } from '../tensor/ops/create.ts'
import { abs, add, div, exp, mul } from '../tensor/ops/elementwise.ts'
import { expm1, log1p } from '../tensor/special-math.ts'

/** y = sign(x) ln(1 + |x|), exact near 0.  dx = dy / (1 + |x|). Tensors on the CPU. */
export function symlog(x: Tensor): Tensor {
  const y = eachOf(x, (value) => Math.sign(value) * log1p(Math.abs(value)))
  return customOp(y, [x], [(dy) => div(dy, add(abs(x), 1))])
}

/** y = sign(x) (e^|x| - 1), the inverse of symlog.  dx = dy e^|x|. Tensors on the CPU. */
export function symexp(x: Tensor): Tensor {
  const y = eachOf(x, (value) => Math.sign(value) * expm1(Math.abs(value)))
  return customOp(y, [x], [(dy) => mul(dy, exp(abs(x)))])
}

function eachOf(x: Tensor, f: (value: number) => number): Tensor {
  return tensor(x.toArray().map(f), x.dims)
}
