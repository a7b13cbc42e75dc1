// Reads the figures in test/golden/torch and compares with them; the format is described in that folder's README.

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { type DType, type Tensor, tensor } from '../../src/tensor/index.ts'

export interface GoldenTensor {
  readonly shape: readonly number[]
  readonly data: readonly (number | string)[]
  readonly dtype?: 'int' | 'bool'
}

export interface Tolerance {
  readonly rtol: number
  readonly atol: number
}

export interface GoldenCase {
  readonly name: string
  readonly op: string
  readonly attrs?: Readonly<Record<string, unknown>>
  readonly inputs: Readonly<Record<string, GoldenTensor>>
  readonly outputs: Readonly<Record<string, GoldenTensor>>
  readonly grads?: Readonly<Record<string, GoldenTensor>>
  readonly W?: GoldenTensor
  readonly tol32?: Tolerance
  readonly tol64?: Tolerance
}

const GENERAL: Record<'float32' | 'float64', Tolerance> = {
  // PyTorch's line for a float32 engine that sums in a plain loop.
  float32: { rtol: 1e-5, atol: 4e-6 },
  float64: { rtol: 1e-10, atol: 1e-10 },
}

export function goldenCases<Case = GoldenCase>(file: string): readonly Case[] {
  const url = new URL(`../golden/torch/${file}`, import.meta.url)
  return (JSON.parse(readFileSync(url, 'utf8')) as { cases: Case[] }).cases
}

/** Floats become `dtype`, whole numbers int32; strings stand for what JSON cannot hold. */
export function fromGolden(golden: GoldenTensor, dtype: DType, requiresGrad = false): Tensor {
  const type = golden.dtype === 'int' ? 'int32' : dtype
  const data = golden.data.map(Number)
  return tensor(data, golden.shape, { dtype: type, requiresGrad: requiresGrad && type !== 'int32' })
}

/** The tolerance a case states for an element type, or the general one. */
export function toleranceOf(golden: { tol32?: Tolerance; tol64?: Tolerance }, dtype: 'float32' | 'float64'): Tolerance {
  const own = dtype === 'float32' ? golden.tol32 : golden.tol64
  const general = GENERAL[dtype]
  return own === undefined ? general : { rtol: Math.max(own.rtol, 0), atol: Math.max(own.atol, general.atol) }
}

/** |got - expected| <= atol + rtol |expected|, NaN for NaN, infinities with their sign, shapes equal. */
export function expectClose(got: Tensor, expected: GoldenTensor, { rtol, atol }: Tolerance, what: string): void {
  expect(got.shape, `${what}: shape`).toEqual(expected.shape)
  const values = got.toArray()
  expected.data.forEach((raw, i) => {
    const want = Number(raw)
    const have = values[i]!
    const fits =
      Number.isNaN(want) || !Number.isFinite(want)
        ? Object.is(have, want)
        : Math.abs(have - want) <= atol + rtol * Math.abs(want)
    if (!fits) expect.fail(`${what}: element ${i} is ${have}, expected ${want} (rtol ${rtol}, atol ${atol})`)
  })
}
