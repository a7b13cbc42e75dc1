// The gradient of a call, element by element, beside its central difference: what a report shows of a counterexample.

import { type Shape, type Tensor, tensor } from '../../src/tensor/index.ts'
import { cotangentOf } from '../../test/support/arbitraries.ts'
import type { GradientCall } from '../../test/support/gradient-case.ts'

// The defaults of `gradcheck`, which finds the counterexample.
const STEP = 1e-5
const TOLERANCE = 1e-6

export interface ElementGradient {
  /** Of the input. */
  readonly name: string
  /** `[1, 0]`. */
  readonly index: string
  readonly value: number
  readonly analytic: number
  readonly numeric: number
  readonly isWrong: boolean
}

/** All elements of the inputs whose gradient is wrong somewhere. Rethrows the call's errors. */
export function wrongGradients(call: GradientCall, cotangentSeed: number): ElementGradient[] {
  return call.inputs.flatMap((_, place) => {
    const elements = gradientOfInput(call, place, cotangentSeed)
    return elements.some(({ isWrong }) => isWrong) ? elements : []
  })
}

/** dy, repeated to the size of the output as `gradcheck` does. */
export function cotangentFor(y: Tensor, seed: number): Tensor {
  const given = cotangentOf(seed)
  return tensor(
    Float64Array.from({ length: y.size }, (_, i) => given[i % given.length]!),
    y.shape,
  )
}

/** The name of an input, or `input 0`. */
export function inputName({ names }: GradientCall, place: number): string {
  return names?.[place] ?? `input ${place}`
}

// ⟨dy, f(x)⟩ differentiated in one input, the others constant.
function gradientOfInput(call: GradientCall, place: number, cotangentSeed: number): ElementGradient[] {
  const { shape } = call.inputs[place]!
  const values = call.inputs[place]!.toArray()
  const f = (input: Tensor) => call.run(...call.inputs.map((other, i) => (i === place ? input : other)))
  const leaf = tensor(values, shape, { requiresGrad: true })
  const y = f(leaf)
  const dy = cotangentFor(y, cotangentSeed)
  if (y.requiresGrad) y.backward(dy)
  const projected = (element: number, step: number) => {
    const moved = values.slice()
    moved[element] = moved[element]! + step
    const out = f(tensor(moved, shape)).view()
    return Array.from(dy.view()).reduce((sum, weight, j) => sum + weight * out[j]!, 0)
  }
  return Array.from(values, (value, element) => {
    const analytic = leaf.grad === null ? 0 : leaf.grad.view()[element]!
    const numeric = (projected(element, STEP) - projected(element, -STEP)) / (2 * STEP)
    const isWrong = !(Math.abs(numeric - analytic) <= TOLERANCE * Math.max(1, Math.abs(numeric)))
    return { name: inputName(call, place), index: indexText(element, shape), value, analytic, numeric, isWrong }
  })
}

/** The place of an element along each axis: `[1, 0]`. */
export function indexText(element: number, shape: Shape): string {
  let left = element
  const index = shape.toReversed().map((size) => {
    const i = left % size
    left = (left - i) / size
    return i
  })
  return `[${index.reverse().join(', ')}]`
}
