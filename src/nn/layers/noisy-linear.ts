// A linear layer for exploration: each weight has a learned mean and standard deviation. Fortunato et al. 2018,
// arXiv:1706.10295, with factorised noise (section 3, case b).

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { onDeviceOf, tensor } from '../../tensor/ops/create.ts'
import { add, mul } from '../../tensor/ops/elementwise.ts'
import { linear } from '../../tensor/ops/matmul.ts'
import type { Rng } from '../../tensor/random.ts'
import type { DType } from '../../tensor/storage.ts'
import { requireMatrix, requireRng } from '../checks.ts'
import { parameter } from '../flat.ts'
import { constant, uniformInit } from '../init.ts'
import type { Module, NamedParameters } from '../module.ts'

/**
 * y = x · (μ + σ ⊙ ε)ᵀ + b with ε[j, i] = f(e_j) f(e_i), f(e) = sign(e) √|e|: fresh normal e in each training pass (one with
 * `rng`), shared by the batch; without `rng`, ε = 0. [..., inputs] → [..., outputs].
 */
export class NoisyLinear implements Module {
  /** Means: [outputs, inputs] and [outputs], uniform in ±1/√inputs at the start. */
  readonly weightMu: Tensor
  readonly biasMu: Tensor
  /** Standard deviations, sigma / √inputs at the start. */
  readonly weightSigma: Tensor
  readonly biasSigma: Tensor

  constructor(
    readonly inputs: number,
    readonly outputs: number,
    rng: Rng,
    sigma = 0.5,
  ) {
    requireMatrix('NoisyLinear', inputs, outputs)
    requireRng('NoisyLinear', rng)
    const mean = uniformInit(1 / Math.sqrt(inputs))
    const noise = constant(sigma / Math.sqrt(inputs))
    this.weightMu = parameter([outputs, inputs], mean([outputs, inputs], rng))
    this.biasMu = parameter([outputs], mean([outputs], rng))
    this.weightSigma = parameter([outputs, inputs], noise([outputs, inputs], rng))
    this.biasSigma = parameter([outputs], noise([outputs], rng))
  }

  forward(x: Tensor, rng?: Rng): Tensor {
    const steady = linear(x, this.weightMu, this.biasMu)
    if (rng === undefined) return steady
    const inputNoise = onDeviceOf(x, factorNoise(this.inputs, x.dtype, rng))
    const outputNoise = onDeviceOf(x, factorNoise(this.outputs, x.dtype, rng))
    // Σ_i σ_ji f(e_j) f(e_i) x_i = f(e_j) Σ_i σ_ji (f(e_i) x_i), so the noise matrix is not formed.
    return add(steady, mul(linear(mul(x, inputNoise), this.weightSigma, this.biasSigma), outputNoise))
  }

  parameters(): NamedParameters {
    return {
      weight_mu: this.weightMu,
      bias_mu: this.biasMu,
      weight_sigma: this.weightSigma,
      bias_sigma: this.biasSigma,
    }
  }
}

function factorNoise(length: number, dtype: DType, rng: Rng): Tensor {
  const factors = Array.from({ length }, () => {
    const e = rng.normal()
    return Math.sign(e) * Math.sqrt(Math.abs(e))
  })
  return tensor(factors, [length], { dtype })
}
