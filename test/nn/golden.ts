// Reads the reference figures in test/golden/torch (their README's layout), and compares within a tolerance.

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { type DType, type Tensor, tensor } from '../../src/tensor/index.ts'

/** JSON has no non-finite numbers, so they are written as words. */
export type GoldenNumber = number | 'NaN' | 'Infinity' | '-Infinity'

export interface GoldenTensor {
  readonly shape: readonly number[]
  readonly data: readonly GoldenNumber[]
  readonly dtype?: 'int' | 'bool'
}

export interface Tolerance {
  readonly rtol: number
  readonly atol: number
}

export function readGolden<Case>(file: string): Case[] {
  const path = new URL(`../golden/torch/${file}`, import.meta.url)
  return (JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] }).cases
}

export function readGoldenBytes(file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../golden/torch/${file}`, import.meta.url)))
}

/** Labels become int32, figures the given element type. */
export function fromGolden(golden: GoldenTensor, dtype: DType, requiresGrad = false): Tensor {
  const values = golden.data.map(Number)
  const type = golden.dtype === 'int' ? 'int32' : dtype
  return tensor(values, golden.shape, { dtype: type, requiresGrad: requiresGrad && type !== 'int32' })
}

/** |got - expected| <= atol + rtol |expected|, element by element; NaN matches NaN, infinities their sign. */
export function expectClose(
  got: ArrayLike<number>,
  expected: ArrayLike<GoldenNumber>,
  tolerance: Tolerance,
  what: string,
): void {
  expect(got.length, `${what}: length`).toBe(expected.length)
  for (let i = 0; i < got.length; i++) {
    const e = Number(expected[i])
    const g = got[i]!
    const close = Object.is(g, e) || g === e || Math.abs(g - e) <= tolerance.atol + tolerance.rtol * Math.abs(e)
    if (!close)
      expect.fail(`${what}[${i}]: got ${g}, expected ${e} within ${tolerance.atol} + ${tolerance.rtol} |expected|`)
  }
}
