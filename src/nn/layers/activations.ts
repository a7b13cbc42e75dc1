// Activations by name, for options and command lines.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { unknownName, ValueError } from '../../tensor/errors.ts'
import { elu, gelu, leakyRelu, relu, sigmoid, silu, softplus, tanh } from '../../tensor/ops/elementwise.ts'

export const activations = {
  identity: (x: Tensor) => x,
  relu,
  leakyRelu: (x: Tensor) => leakyRelu(x),
  elu: (x: Tensor) => elu(x),
  gelu: (x: Tensor) => gelu(x),
  silu,
  softplus,
  sigmoid,
  tanh,
} as const

export type ActivationName = keyof typeof activations

export type Activation = ActivationName | ((x: Tensor) => Tensor)

/** The function of an activation. Throws a ValueError for an unknown name. */
export function activationOf(activation: Activation): (x: Tensor) => Tensor {
  if (typeof activation === 'function') return activation
  if (!Object.hasOwn(activations, activation)) {
    throw new ValueError(unknownName('activation', String(activation), Object.keys(activations)))
  }
  return activations[activation]
}
