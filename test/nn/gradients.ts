// Gradient checks for modules: the input and every parameter, each element against central differences in float64.

import { type Module, namedParameters } from '../../src/nn/index.ts'
import { parametersToDtype } from '../../src/nn/module.ts'
import { customOp, gradcheck, type Tensor } from '../../src/tensor/index.ts'
import { cotangentOf, seeds } from '../support/arbitraries.ts'

/** Weights of the outputs, none of them 0. */
export const cotangents = seeds().map((seed) => cotangentOf(seed))

/** Checks `forward` in every parameter of `module`, which becomes float64. */
export function checkParameterGradients(module: Module, forward: () => Tensor, cotangent: ArrayLike<number>): void {
  parametersToDtype(module, 'float64')
  for (const parameter of Object.values(namedParameters(module))) {
    const { storage } = parameter
    const asFunction = (leaf: Tensor) => {
      // The module computes with the leaf's numbers, and the gradient flows on to the leaf.
      parameter.storage = leaf.storage
      parameter.step = null
      customOp(parameter, [leaf], [(dy) => dy])
      return forward()
    }
    gradcheck(asFunction, parameter, cotangent)
    parameter.storage = storage
    parameter.step = null
  }
}
