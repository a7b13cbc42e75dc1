// Short ways to say what a tensor holds.

import { expect } from 'vitest'
import { type Shape, type Tensor, tensor } from '../../src/tensor/index.ts'
import type { NestedNumbers } from '../../src/tensor/ops/create.ts'

/** float64 from nested lists. */
export function f64(data: NestedNumbers, shape?: Shape): Tensor {
  return tensor(data, shape, { dtype: 'float64' })
}

/** A float64 leaf that collects a gradient. */
export function leaf(data: NestedNumbers, shape?: Shape): Tensor {
  return tensor(data, shape, { dtype: 'float64', requiresGrad: true })
}

export function listOf(x: Tensor): number[] {
  return Array.from(x.toArray())
}

/** The gradient of a leaf after a backward pass. */
export function gradOf(x: Tensor): number[] {
  expect(x.grad, 'a gradient was collected').not.toBeNull()
  expect(x.grad!.shape).toEqual(x.shape)
  return listOf(x.grad!)
}

/** Equal within `tolerance`, relative to max(1, |expected|); NaN for NaN, infinities with their sign; lengths equal. */
export function expectNumbers(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-12): void {
  expect(got.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    const [have, want] = [got[i]!, expected[i]!]
    const fits = Number.isFinite(want)
      ? Math.abs(have - want) <= tolerance * Math.max(1, Math.abs(want))
      : Object.is(have, want)
    if (!fits) expect.fail(`element ${i} is ${have}, expected ${want}`)
  }
}
