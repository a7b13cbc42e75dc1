// A diagonal Gaussian squashed by tanh into [-1, 1], the policy of SAC (Haarnoja et al. 2018, arXiv:1801.01290,
// appendix C): action = tanh u, with u ~ N(μ, σ²).

import type { Tensor } from '../../../tensor/autograd/tensor.ts'
import { normal } from '../../../tensor/ops/create.ts'
import { add, clamp, log, mul, neg, softplus, sub, tanh } from '../../../tensor/ops/elementwise.ts'
import { sum } from '../../../tensor/ops/reduce.ts'
import type { Rng } from '../../../tensor/random.ts'
import { DiagonalGaussian } from './diagonal-gaussian.ts'
import type { Distribution } from './distribution.ts'

/** Bounds of each action dimension: [actionSize]. A `Box` is one. */
export interface Bounds {
  readonly low: ArrayLike<number>
  readonly high: ArrayLike<number>
}

// Clip of tanh u before its inverse, at the resolution of float32.
const LARGEST_TANH = 1 - 1e-6

/** The entropy has no closed form; -logProb of a sample estimates it. */
export class SquashedGaussian implements Distribution {
  /** The distribution of u. */
  readonly gaussian: DiagonalGaussian

  /**
   * @param mean μ: [batch, actionSize]
   * @param logStd ln σ: [batch, actionSize] or [actionSize]
   */
  constructor(mean: Tensor, logStd: Tensor) {
    this.gaussian = new DiagonalGaussian(mean, logStd)
  }

  sample(rng: Rng): Tensor {
    return tanh(this.gaussian.sample(rng))
  }

  /** A sample and its log-probability, more precisely than by `logProb`; see `fromNoise`. */
  sampleWithLogProb(rng: Rng): ReturnType<SquashedGaussian['fromNoise']> {
    const { mean } = this.gaussian
    return this.fromNoise(normal(rng, mean.dims, 0, 1, { dtype: mean.dtype }))
  }

  /**
   * The sample for standard normal noise [batch, actionSize], with gradients to μ and σ: `action` in [-1, 1] [batch, actionSize], its
   * `logProb` [batch], and `preTanh` u [batch, actionSize].
   */
  fromNoise(noise: Tensor): { readonly action: Tensor; readonly logProb: Tensor; readonly preTanh: Tensor } {
    const preTanh = this.gaussian.fromNoise(noise)
    return { action: tanh(preTanh), logProb: this.logProbOfPreTanh(preTanh), preTanh }
  }

  /**
   * ln π of the action for u: ln N(u) - Σ ln(1 - tanh² u). The last term is computed as 2 (ln 2 - u - softplus(-2u)), which is
   * precise where tanh u rounds to ±1.
   */
  logProbOfPreTanh(preTanh: Tensor): Tensor {
    const logSlope = mul(add(neg(add(preTanh, softplus(mul(preTanh, -2)))), Math.LN2), 2)
    return sub(this.gaussian.logProb(preTanh), sum(logSlope, 1))
  }

  /** ln π(action), by the inverse of tanh; tanh u is clipped to ±(1 - 1e-6). */
  logProb(actions: Tensor): Tensor {
    const y = clamp(actions, -LARGEST_TANH, LARGEST_TANH)
    const preTanh = mul(sub(log(add(y, 1)), log(add(neg(y), 1))), 0.5)
    return this.logProbOfPreTanh(preTanh)
  }

  /** KL(this ‖ other), in nats: [batch]. It equals that of the Gaussians. */
  kl(other: SquashedGaussian): Tensor {
    return this.gaussian.kl(other.gaussian)
  }

  /** The squashed mean; the greedy action of SAC. */
  mode(): Tensor {
    return tanh(this.gaussian.mean)
  }
}

/** Bounds → [-1, 1], clipped: [count, actionSize], flat. */
export function toUnit(actions: Float32Array, { low, high }: Bounds): Float32Array {
  return actions.map((x, i) => {
    const [least, most] = [low[i % low.length]!, high[i % low.length]!]
    return Math.min(Math.max((2 * (x - least)) / (most - least) - 1, -1), 1)
  })
}

/** [-1, 1] → bounds, clipped. */
export function fromUnit(actions: Float32Array, { low, high }: Bounds): Float32Array {
  return actions.map((x, i) => {
    const [least, most] = [low[i % low.length]!, high[i % low.length]!]
    return Math.min(Math.max(least + ((x + 1) / 2) * (most - least), least), most)
  })
}
