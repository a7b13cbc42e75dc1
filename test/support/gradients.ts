// Central differences for every argument of an operation: of its values, and of its gradients.

import type fc from 'fast-check'
import {
  abs,
  add,
  concat,
  GradientError,
  grad,
  gradcheck,
  mul,
  noGrad,
  reshape,
  sum,
  Tensor,
  tensor,
} from '../../src/tensor/index.ts'
import { cotangentOf, seeds } from './arbitraries.ts'
import type { GradientCall } from './gradient-case.ts'
import { forAll } from './property.ts'

/** Holds the gradient in each input, the others kept constant, against its central difference. */
export function expectGradients({ call, run, inputs }: GradientCall, cotangent: ArrayLike<number>): void {
  inputs.forEach((input, place) => {
    const inOneInput = (x: Tensor) => run(...inputs.map((other, i) => (i === place ? x : other)))
    try {
      gradcheck(inOneInput, input, cotangent)
    } catch (error) {
      throw new GradientError(`${call}, argument ${place}: ${(error as Error).message}`)
    }
  })
}

/** Holds the second gradient against the central difference of the first, and that `createGraph` changes no bit of the first. */
export function expectSecondGradients(each: GradientCall, cotangent: ArrayLike<number>): void {
  const first = gradientCall(each, cotangent)
  if (first === null) return
  expectDerivative(first, cotangent)
  const plain = noGrad(() => first.run(...first.inputs)).view()
  const recorded = first.run(...first.inputs.map((x) => tensor(x.view(), x.shape, { requiresGrad: true }))).view()
  if (plain.every((value, i) => Object.is(value, recorded[i]))) return
  throw new GradientError(`${each.call}: createGraph changes the gradient [${plain}] to [${recorded}]`)
}

/** Holds the third gradient against the central difference of the second. */
export function expectThirdGradients(each: GradientCall, cotangent: ArrayLike<number>): void {
  const first = gradientCall(each, cotangent)
  const second = first === null ? null : gradientCall(first, cotangent)
  if (second !== null) expectDerivative(second, cotangent)
}

/** The gradients of ⟨dy, f⟩ in all inputs, in one row, as a function of the inputs and dy. Null where f has no finite value. */
function gradientCall({ call, run, inputs }: GradientCall, cotangent: ArrayLike<number>): GradientCall | null {
  const y = noGrad(() => run(...inputs))
  if (y.size === 0 || !y.view().every(Number.isFinite)) return null
  return {
    call: `gradient of ${call}`,
    inputs: [...inputs, filled(y, (i) => cotangent[i % cotangent.length]!)],
    run: (...at) => {
      const inner = (...xs: Tensor[]) => sum(mul(run(...xs), at.at(-1)!))
      const found = grad(inner)(...at.slice(0, -1)) as Tensor | readonly Tensor[]
      return concat((found instanceof Tensor ? [found] : found).map((part) => reshape(part, [part.size])))
    },
  }
}

/** Holds the derivative of ⟨weights, f⟩ along a direction of all inputs at once against its central difference. */
function expectDerivative({ call, run, inputs }: GradientCall, cotangent: ArrayLike<number>): void {
  let drawn = 7
  const random = (x: Tensor) => filled(x, () => cotangent[drawn++ % cotangent.length]!)
  const inner = (a: Tensor, b: Tensor) => sum(mul(a, b))
  const weights = random(noGrad(() => run(...inputs)))
  const directions = inputs.map(random)
  const slopes = grad((...at: Tensor[]) => inner(run(...at), weights))(...inputs) as readonly Tensor[]
  const analytic = slopes.reduce((total, slope, i) => total + inner(slope, directions[i]!).item(), 0)
  const moved = (step: number) =>
    noGrad(() => inner(run(...inputs.map((x, i) => add(x, mul(directions[i]!, step)))), weights).item())
  const numeric = (moved(STEP) - moved(-STEP)) / (2 * STEP)
  const size = slopes.reduce((total, slope) => total + sum(abs(slope)).item(), 1)
  if (Math.abs(analytic - numeric) <= TOLERANCE * size) return
  throw new GradientError(
    `${call}: its gradient along a random direction is ${analytic} by createGraph, ${numeric} by central differences`,
  )
}

function filled({ shape, size }: Tensor, value: (i: number) => number): Tensor {
  return tensor(
    Float64Array.from({ length: size }, (_, i) => value(i)),
    shape,
  )
}

const STEP = 1e-5
const TOLERANCE = 1e-6

/** The property that every operation must have. Second gradients are checked in every third run. */
export function gradientProperty(cases: fc.Arbitrary<GradientCall>, numRuns = 60): void {
  forAll([cases, seeds()], { numRuns }, (each, seed) => {
    expectGradients(each, cotangentOf(seed))
    if (seed % 3 === 0) expectSecondGradients(each, cotangentOf(seed))
  })
}
