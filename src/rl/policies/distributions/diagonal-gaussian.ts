// Independent normal distributions of the action dimensions, from means and log standard deviations.

import { requireSameShape } from '../../../nn/losses/reduction.ts'
import type { Tensor } from '../../../tensor/autograd/tensor.ts'
import { formatShape, ShapeError } from '../../../tensor/errors.ts'
import { normal } from '../../../tensor/ops/create.ts'
import { add, div, exp, mul, square, sub } from '../../../tensor/ops/elementwise.ts'
import { expand } from '../../../tensor/ops/layout.ts'
import { sum } from '../../../tensor/ops/reduce.ts'
import type { Rng } from '../../../tensor/random.ts'
import type { DistributionWithEntropy } from './distribution.ts'

const LOG_ROOT_TWO_PI = 0.9189385332046727 // ½ ln 2π

export class DiagonalGaussian implements DistributionWithEntropy {
  /** [batch, actionSize] */
  readonly logStd: Tensor

  /**
   * @param mean [batch, actionSize]
   * @param logStd ln σ: [batch, actionSize], or [actionSize] for all rows
   */
  constructor(
    readonly mean: Tensor,
    logStd: Tensor,
  ) {
    if (mean.dims.length !== 2 || logStd.dims[logStd.dims.length - 1] !== mean.dims[1]) {
      throw new ShapeError(
        `DiagonalGaussian: the mean is ${formatShape(mean.dims)}, logStd ${formatShape(logStd.dims)}; ` +
          'expected [batch, actionSize] and the same, or [actionSize]',
      )
    }
    this.logStd = expand(logStd, mean.dims)
  }

  /** Σ over the dimensions of ln N(action; μ, σ²) = -½ ((action - μ) / σ)² - ln σ - ½ ln 2π: [batch]. */
  logProb(actions: Tensor): Tensor {
    const { mean, logStd } = this
    const standardised = div(sub(actions, mean), exp(logStd))
    return sum(sub(mul(square(standardised), -0.5), add(logStd, LOG_ROOT_TWO_PI)), 1)
  }

  /** Σ ln σ + ½ ln 2πe, in nats: [batch]. */
  entropy(): Tensor {
    return sum(add(this.logStd, LOG_ROOT_TWO_PI + 0.5), 1)
  }

  /** KL(this ‖ other) = Σ ln σ′ - ln σ + (σ² + (μ - μ′)²) / 2σ′² - ½, in nats: [batch]. */
  kl(other: DiagonalGaussian): Tensor {
    requireSameShape('DiagonalGaussian.kl', other.mean, this.mean)
    const logRatio = sub(this.logStd, other.logStd)
    const distance = div(sub(this.mean, other.mean), exp(other.logStd))
    const spread = add(exp(mul(logRatio, 2)), square(distance))
    return sum(add(sub(mul(spread, 0.5), logRatio), -0.5), 1)
  }

  /** μ + σ · noise: [batch, actionSize], with gradients to μ and σ (Kingma and Welling 2014, arXiv:1312.6114). */
  sample(rng: Rng): Tensor {
    return this.fromNoise(normal(rng, this.mean.dims, 0, 1, { dtype: this.mean.dtype }))
  }

  /** The sample for standard normal noise [batch, actionSize]. */
  fromNoise(noise: Tensor): Tensor {
    return add(this.mean, mul(exp(this.logStd), noise))
  }

  mode(): Tensor {
    return this.mean
  }
}

/**
 * A deterministic policy as a distribution (torchrl's `Delta`). Its divergence is that of Gaussians of variance 1, since the KL divergence
 * between two points is 0 or infinite.
 */
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
