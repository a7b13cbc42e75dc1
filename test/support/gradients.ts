// Central differences for every argument of an operation: of its values, and of its gradients.

import fc from 'fast-check'
import { add, GradientError, grad, gradcheck, mul, noGrad, sum, type Tensor, tensor } from '../../src/tensor/index.ts'
import { cotangentOf, seeds } from './arbitraries.ts'
import type { GradientCall } from './gradient-case.ts'

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

/**
 * Holds the gradient of the gradients of ⟨dy, f⟩, in all inputs and dy at once and along a random direction v, against the central
 * difference of the gradients: ⟨∇h, v⟩ where h is the gradients under random weights.
 */
export function expectSecondGradients({ call, run, inputs }: GradientCall, cotangent: ArrayLike<number>): void {
  let drawn = 0
  const random = ({ shape, size }: Tensor) =>
    tensor(
      Float64Array.from({ length: size }, () => cotangent[drawn++ % cotangent.length]!),
      shape,
    )
  const y = noGrad(() => run(...inputs))
  if (y.size === 0 || !y.view().every(Number.isFinite)) return // as of no elements, whose mean is NaN
  const place = [...inputs, random(y)]
  const [weights, direction] = [inputs.map(random), place.map(random)]
  const gradients = (at: readonly Tensor[]) => {
    const found = grad((...xs: Tensor[]) => sum(mul(run(...xs), at.at(-1)!)))(...at.slice(0, -1)) as Tensor | Tensor[]
    return Array.isArray(found) ? found : [found]
  }
  const inner = (a: readonly Tensor[], b: readonly Tensor[]) =>
    a.map((each, i) => sum(mul(each, b[i]!))).reduce((total, part) => add(total, part))
  const h = (at: readonly Tensor[]) => inner(gradients(at), weights)

  const recorded = gradients(place)
  noGrad(() => gradients(place)).forEach((plain, i) => {
    const [a, b] = [plain.view(), recorded[i]!.view()]
    if (a.some((value, j) => !Object.is(value, b[j]))) {
      throw new GradientError(`${call}: the gradient in argument ${i} changes by createGraph: [${a}] and [${b}]`)
    }
  })
  const second = grad((...at: Tensor[]) => h(at))(...place) as readonly Tensor[]
  const analytic = inner(second, direction).item()
  const moved = (step: number) => noGrad(() => h(place.map((x, i) => add(x, mul(direction[i]!, step)))).item())
  const numeric = (moved(STEP) - moved(-STEP)) / (2 * STEP)
  const size =
    1 + second.reduce((total, each) => total + Array.from(each.view()).reduce((a, b) => a + Math.abs(b), 0), 0)
  if (Math.abs(analytic - numeric) <= TOLERANCE * size) return
  throw new GradientError(
    `${call}: second gradient along a random direction: createGraph gives ${analytic}, the central difference of the ` +
      `gradients is ${numeric}`,
  )
}

const STEP = 1e-5
const TOLERANCE = 1e-6

/** The property that every operation must have. Second gradients are checked in every third run. */
export function gradientProperty(cases: fc.Arbitrary<GradientCall>, numRuns = 60): void {
  fc.assert(
    fc.property(cases, seeds(), (each, seed) => {
      expectGradients(each, cotangentOf(seed))
      if (seed % 3 === 0) expectSecondGradients(each, cotangentOf(seed))
    }),
    { numRuns },
  )
}
