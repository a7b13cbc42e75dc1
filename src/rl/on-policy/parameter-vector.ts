// The parameters of a network as one vector. Read next: trpo.ts.

import { scope } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'

/** The parameters concatenated, in float64. */
export function vectorOf(parameters: readonly Tensor[]): Float64Array {
  return joined(parameters.map((parameter) => parameter.view()))
}

export function setVector(parameters: readonly Tensor[], vector: Float64Array): void {
  let at = 0
  for (const parameter of parameters) {
    parameter.view().set(vector.subarray(at, at + parameter.size))
    at += parameter.size
  }
}

/** A scalar and its gradient with respect to all parameters, whose `grad` is reset to null. */
export function gradientVector(
  parameters: readonly Tensor[],
  loss: () => Tensor,
): { readonly value: number; readonly gradient: Float64Array } {
  return scope(() => {
    for (const parameter of parameters) parameter.grad = null
    const scalar = loss()
    scalar.backward()
    const gradient = joined(parameters.map(({ grad, size }) => grad?.view() ?? new Float64Array(size)))
    for (const parameter of parameters) parameter.grad = null
    return { value: scalar.item(), gradient }
  })
}

function joined(parts: readonly ArrayLike<number>[]): Float64Array {
  const vector = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    vector.set(part, at)
    at += part.length
  }
  return vector
}
