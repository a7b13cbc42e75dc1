// The fully connected layer. Read next: sequential.ts, mlp.ts.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { linear } from '../../tensor/ops/matmul.ts'
import type { Rng } from '../../tensor/random.ts'
import { requireMatrix, requireRng } from '../checks.ts'
import { parameter } from '../flat.ts'
import { defaultLinearInit, type Initializer, uniformInit } from '../init.ts'
import type { Module, NamedParameters } from '../module.ts'

export interface LinearOptions {
  /** Default true. */
  readonly bias?: boolean
  /** Default: uniform in ±1/√inputs, as in PyTorch. */
  readonly weightInit?: Initializer
  /** Default: the same. */
  readonly biasInit?: Initializer
}

/** y = x · Wᵀ + b: [..., inputs] → [..., outputs]. */
export class Linear implements Module {
  /** [outputs, inputs], as PyTorch has it. */
  readonly weight: Tensor
  /** [outputs] */
  readonly bias: Tensor | null

  constructor(
    readonly inputs: number,
    readonly outputs: number,
    rng: Rng,
    options: LinearOptions = {},
  ) {
    requireMatrix('Linear', inputs, outputs)
    requireRng('Linear', rng)
    const { bias = true, weightInit = defaultLinearInit, biasInit = uniformInit(1 / Math.sqrt(inputs)) } = options
    this.weight = parameter([outputs, inputs], weightInit([outputs, inputs], rng))
    this.bias = bias ? parameter([outputs], biasInit([outputs], rng)) : null
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias ?? undefined)
  }

  parameters(): NamedParameters {
    return this.bias === null ? { weight: this.weight } : { weight: this.weight, bias: this.bias }
  }
}
