// Golden figures as plain arrays, for functions that work on arrays rather than tensors.

import { expect } from 'vitest'
import { type GoldenCase, type GoldenTensor, toleranceOf } from './golden.ts'

/** The inputs of a case as float64 arrays. */
export function goldenArrays(golden: GoldenCase): Record<string, Float64Array> {
  return Object.fromEntries(Object.entries(golden.inputs).map(([name, { data }]) => [name, numbersOf(data)]))
}

export function numbersOf(data: GoldenTensor['data']): Float64Array {
  return Float64Array.from(data, Number)
}

/** Compares with an output of a case at the float64 tolerance. */
export function expectOutput(golden: GoldenCase, name: string, got: ArrayLike<number>): void {
  const { rtol, atol } = toleranceOf(golden, 'float64')
  expectNumbers(got, numbersOf(golden.outputs[name]!.data), rtol, atol)
}

/** |got - expected| <= atol + rtol |expected| everywhere. */
export function expectNumbers(got: ArrayLike<number>, expected: ArrayLike<number>, rtol = 1e-10, atol = 1e-10): void {
  expect(got.length).toBe(expected.length)
  for (let i = 0; i < got.length; i++) {
    const fits = Math.abs(got[i]! - expected[i]!) <= atol + rtol * Math.abs(expected[i]!)
    if (!fits) expect.fail(`number ${i} is ${got[i]}, expected ${expected[i]}`)
  }
}
