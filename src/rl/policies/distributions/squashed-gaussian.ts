// A diagonal Gaussian squashed by tanh into bounds, the policy of SAC (Haarnoja et al. 2018, arXiv:1801.01290,
// appendix C): action = scale · tanh(u) + bias, with u ~ N(μ, σ²).

import type { Tensor } from '../../../tensor/autograd/tensor.ts'
import { formatShape, ShapeError, ValueError } from '../../../tensor/errors.ts'
import { normal, tensor } from '../../../tensor/ops/create.ts'
import { add, clamp, div, log, mul, neg, softplus, sub, tanh } from '../../../tensor/ops/elementwise.ts'
import { sum } from '../../../tensor/ops/reduce.ts'
import { log as logarithm } from '../../../tensor/portable-math.ts'
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
  private readonly scale: Tensor // [actionSize]
  private readonly bias: Tensor // [actionSize]
  private readonly logVolume: number // Σ ln scale

  /**
   * @param mean μ: [batch, actionSize]
   * @param logStd ln σ: [batch, actionSize] or [actionSize]
   * @param bounds bounds of the actions. Default -1 and 1. Throws a `ValueError` if they are infinite or out of order.
   */
  constructor(mean: Tensor, logStd: Tensor, bounds?: Bounds) {
    this.gaussian = new DiagonalGaussian(mean, logStd)
    const size = mean.dims[1]!
    const { low, high } = bounds ?? { low: new Float64Array(size).fill(-1), high: new Float64Array(size).fill(1) }
    if (low.length !== size || high.length !== size) {
      throw new ShapeError(`SquashedGaussian: ${low.length} and ${high.length} bounds; mean ${formatShape(mean.dims)}`)
    }
    for (let i = 0; i < size; i++) {
      if (low[i]! < high[i]! && high[i]! - low[i]! < Infinity) continue
      throw new ValueError(`SquashedGaussian: bounds ${i} are ${low[i]} … ${high[i]}; expected finite ones that ascend`)
    }
    const halfRange = Float64Array.from(low, (each, i) => (high[i]! - each) / 2)
    const middle = Float64Array.from(low, (each, i) => (high[i]! + each) / 2)
    this.scale = tensor(halfRange, [size], { dtype: mean.dtype })
    this.bias = tensor(middle, [size], { dtype: mean.dtype })
    this.logVolume = halfRange.reduce((total, each) => total + logarithm(each), 0)
  }

  sample(rng: Rng): Tensor {
    return this.squash(this.gaussian.sample(rng))
  }

  /** A sample and its log-probability, more precisely than by `logProb`; see `fromNoise`. */
  sampleWithLogProb(rng: Rng): ReturnType<SquashedGaussian['fromNoise']> {
    const { mean } = this.gaussian
    return this.fromNoise(normal(rng, mean.dims, 0, 1, { dtype: mean.dtype }))
  }

  /**
   * The sample for standard normal noise [batch, actionSize], with gradients to μ and σ: `action` within the bounds [batch, actionSize], its
   * `logProb` [batch], and `preTanh` u [batch, actionSize].
   */
  fromNoise(noise: Tensor): { readonly action: Tensor; readonly logProb: Tensor; readonly preTanh: Tensor } {
    const preTanh = this.gaussian.fromNoise(noise)
    return { action: this.squash(preTanh), logProb: this.logProbOfPreTanh(preTanh), preTanh }
  }

  /**
   * ln π of the action for u: ln N(u) - Σ ln(1 - tanh² u) - Σ ln scale. The middle term is computed as 2 (ln 2 - u - softplus(-2u)), which is
   * precise where tanh u rounds to ±1.
   */
  logProbOfPreTanh(preTanh: Tensor): Tensor {
    const logSlope = mul(add(neg(add(preTanh, softplus(mul(preTanh, -2)))), Math.LN2), 2)
    return add(sub(this.gaussian.logProb(preTanh), sum(logSlope, 1)), -this.logVolume)
  }

  /** ln π(action), by the inverse of tanh; tanh u is clipped to ±(1 - 1e-6). */
  logProb(actions: Tensor): Tensor {
    const y = clamp(div(sub(actions, this.bias), this.scale), -LARGEST_TANH, LARGEST_TANH)
    const preTanh = mul(sub(log(add(y, 1)), log(add(neg(y), 1))), 0.5)
    return this.logProbOfPreTanh(preTanh)
  }

  /** KL(this ‖ other) for equal bounds, in nats: [batch]. It equals that of the Gaussians. */
  kl(other: SquashedGaussian): Tensor {
    return this.gaussian.kl(other.gaussian)
  }

  /** The squashed mean; the greedy action of SAC. */
  mode(): Tensor {
    return this.squash(this.gaussian.mean)
  }

  private squash(preTanh: Tensor): Tensor {
    return add(mul(tanh(preTanh), this.scale), this.bias)
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
