// The terms of entropies and divergences, with 0 · ln 0 = 0.

import { detach } from '../../tensor/autograd.ts'
import { mul, where } from '../../tensor/ops/elementwise.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/** p · x, but 0 with gradient 0 where p = 0, even if x is infinite or NaN there. Both of one shape. */
export function zeroSafeProduct(p: Tensor, x: Tensor): Tensor {
  const mask = detach(p)
  return mul(p, where(mask, x, mul(mask, 0)))
}
