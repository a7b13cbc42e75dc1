// Layer normalization with a learned scale and shift per feature. Ba, Kiros and Hinton 2016, arXiv:1607.06450.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { layerNorm } from '../../tensor/ops/rows.ts'
import { requireSize } from '../checks.ts'
import { parameter } from '../flat.ts'
import type { Module, NamedParameters } from '../module.ts'

/** y = (x - mean) / √(variance + epsilon) · weight + bias over the last axis: [..., features] → [..., features]. */
export class LayerNorm implements Module {
  /** [features], initially 1. */
  readonly weight: Tensor
  /** [features], initially 0. */
  readonly bias: Tensor

  constructor(
    readonly features: number,
    readonly epsilon = 1e-5,
  ) {
    requireSize('LayerNorm: features', features)
    this.weight = parameter([features], new Float32Array(features).fill(1))
    this.bias = parameter([features], new Float32Array(features))
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.weight, this.bias, this.epsilon)
  }

  parameters(): NamedParameters {
    return { weight: this.weight, bias: this.bias }
  }
}
