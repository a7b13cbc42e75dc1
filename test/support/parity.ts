// A call in float32 on one backend beside the same call in float64, forwards and backwards.

import { type Tensor, tensor, zeros } from '../../src/tensor/index.ts'
import type { TypedArray } from '../../src/tensor/storage.ts'
import { cotangentOf } from './arbitraries.ts'
import type { GradientCall } from './gradient-case.ts'

/** The value of a call and the gradient in each of its inputs. */
export interface Pass {
  readonly out: Tensor
  readonly grads: readonly Tensor[]
}

/**
 * Inputs and cotangent are rounded to float32 in float64 tensors, which `place` converts or moves: two passes of one call and seed
 * differ in their arithmetic only.
 */
export function passOf({ run, inputs }: GradientCall, seed: number, place: (x: Tensor) => Tensor = (x) => x): Pass {
  const rounded = (values: ArrayLike<number>, like: Tensor, requiresGrad: boolean) =>
    place(tensor(Float32Array.from(values), like.shape, { dtype: 'float64', requiresGrad }))
  const leaves = inputs.map((x) => rounded(x.toArray(), x, true))
  const out = run(...leaves)
  if (out.requiresGrad) out.backward(rounded(cotangentOf(seed, out.size), out, false))
  return { out, grads: leaves.map((leaf) => leaf.grad ?? zeros(leaf.shape)) }
}

/** The same values as float32 on the CPU. */
export function toFloat32(x: Tensor): Tensor {
  return tensor(Float32Array.from(x.toArray()), x.shape, { requiresGrad: x.requiresGrad })
}

/** One number that is too far from the reference. */
export interface Mismatch {
  /** 0: the value; i: the gradient in input i - 1. */
  readonly place: number
  readonly element: number
  readonly got: number
  readonly wanted: number
}

/**
 * The first number that differs by more than `tolerance`, relative to the largest number of its tensor and at least 1: the terms of
 * a sum may cancel. Both lists begin with the value, then the gradients.
 */
export function findMismatch(
  got: readonly TypedArray[],
  wanted: readonly TypedArray[],
  tolerance: number,
): Mismatch | null {
  for (const [place, expected] of wanted.entries()) {
    let size = 1
    for (const x of expected) if (Number.isFinite(x)) size = Math.max(size, Math.abs(x))
    for (let element = 0; element < Math.max(expected.length, got[place]!.length); element++) {
      const [have, want] = [got[place]![element] ?? Number.NaN, expected[element] ?? Number.NaN]
      const near = Number.isFinite(want) ? Math.abs(have - want) <= tolerance * size : Object.is(have, want)
      if (!near) return { place, element, got: have, wanted: want }
    }
  }
  return null
}

/** `gradient 0 of matmul([2, 3], [3]): element 4 is 1, expected 2`. */
export function describeMismatch({ place, element, got, wanted }: Mismatch, call: string): string {
  const what = place === 0 ? call : `gradient ${place - 1} of ${call}`
  return `${what}: element ${element} is ${got}, expected ${wanted}`
}
