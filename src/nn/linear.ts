// The layer that most networks are made of. Read next: sequential.ts, mlp.ts.

import { ValueError } from '../tensor/errors.ts'
import { requireRoom } from '../tensor/memory.ts'
import { linear } from '../tensor/ops/matmul.ts'
import type { Rng } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { parameter } from './flat.ts'
import { defaultLinearInit, type Initializer, uniformInit } from './init.ts'
import type { Module, NamedParameters } from './module.ts'

export interface LinearOptions {
  /** Default true. */
  readonly bias?: boolean
  /** Default: uniform in ±1/√inputs, as in PyTorch. */
  readonly weightInit?: Initializer
  /** Default: uniform in ±1/√inputs, as in PyTorch. */
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

/** Throws a ValueError unless both are whole numbers from 1 and the weights can be trained within memory. */
export function requireMatrix(layer: string, inputs: number, outputs: number): void {
  requireSize(`${layer}: inputs`, inputs)
  requireSize(`${layer}: outputs`, outputs)
  requireTrainable(`${layer}: ${inputs} to ${outputs}`, inputs * outputs)
}

/** Float32 parameters, as many gradients, and the two moments of Adam. */
export function requireTrainable(what: string, parameters: number): void {
  requireRoom(what, 16 * parameters)
}

/** Throws a ValueError unless `size` is a whole number from 1. */
export function requireSize(what: string, size: number): void {
  if (!Number.isInteger(size) || size < 1) throw new ValueError(`${what} is ${size}; it must be a whole number from 1`)
}
