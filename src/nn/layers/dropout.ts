// Dropout, scaled in training so that evaluation is the identity. Srivastava et al. 2014.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { ValueError } from '../../tensor/errors.ts'
import { onDeviceOf, zeros } from '../../tensor/ops/create.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import type { Rng } from '../../tensor/random.ts'
import type { Module, NamedParameters } from '../module.ts'

/** In a training pass (one with `rng`) each element is 0 with probability `rate`, else x / (1 - rate). Otherwise y = x. */
export class Dropout implements Module {
  /** @param rate in [0, 1). */
  constructor(readonly rate: number) {
    if (!(rate >= 0 && rate < 1)) throw new ValueError(`Dropout: rate is ${rate}; expected at least 0 and below 1`)
  }

  forward(x: Tensor, rng?: Rng): Tensor {
    if (rng === undefined || this.rate === 0) return x
    const factors = zeros(x.dims, { dtype: x.dtype })
    const values = factors.view()
    for (let i = 0; i < values.length; i++) if (rng.uniform() >= this.rate) values[i] = 1 / (1 - this.rate)
    return mul(x, onDeviceOf(x, factors))
  }

  parameters(): NamedParameters {
    return {}
  }
}
