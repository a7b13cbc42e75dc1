// A deterministic policy as a distribution (torchrl's `Delta`). Its divergence is that of Gaussians of variance 1, since the KL divergence
// between two points is 0 or infinite.

import { requireSameShape } from '../../../nn/losses/reduction.ts'
import type { Tensor } from '../../../tensor/autograd/tensor.ts'
import { formatShape, ShapeError } from '../../../tensor/errors.ts'
import { mul, square, sub } from '../../../tensor/ops/elementwise.ts'
import { sum } from '../../../tensor/ops/reduce.ts'

export class Delta {
  /** @param mean the action of each row: [batch, actionSize] */
  constructor(readonly mean: Tensor) {
    if (mean.dims.length === 2) return
    throw new ShapeError(`Delta: the mean is ${formatShape(mean.dims)}; expected [batch, actionSize]`)
  }

  mode(): Tensor {
    return this.mean
  }

  /** ½ ‖μ - μ′‖²: [batch]. */
  kl(other: Delta): Tensor {
    requireSameShape('Delta.kl', other.mean, this.mean)
    return mul(sum(square(sub(other.mean, this.mean)), 1), 0.5)
  }
}
