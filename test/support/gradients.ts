// Central differences for every argument of an operation.

import fc from 'fast-check'
import { GradientError, gradcheck, type Tensor } from '../../src/tensor/index.ts'
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

/** The property that every operation must have. */
export function gradientProperty(cases: fc.Arbitrary<GradientCall>, numRuns = 60): void {
  fc.assert(
    fc.property(cases, seeds(), (each, seed) => expectGradients(each, cotangentOf(seed))),
    { numRuns },
  )
}
