// Every operation in float32, forwards and backwards, on each CPU backend, against its float64 reference.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withBackend } from '../../src/tensor/backends/select.ts'
import * as t from '../../src/tensor/index.ts'
import type { TypedArray } from '../../src/tensor/storage.ts'
import { cotangentOf, seeds } from '../support/arbitraries.ts'
import type { GradientCall } from '../support/gradient-case.ts'
import { allCases } from '../support/op-cases/all.ts'

const ROUNDED = (x: ArrayLike<number>) => Float32Array.from(x)

interface Pass {
  readonly out: t.Tensor
  readonly grads: readonly TypedArray[]
}

// Inputs and cotangent are the same float32 numbers in both types, so that only the arithmetic differs.
function pass({ run, inputs }: GradientCall, seed: number, dtype: 'float32' | 'float64'): Pass {
  const leaves = inputs.map((x) => t.tensor(ROUNDED(x.toArray()), x.shape, { dtype, requiresGrad: true }))
  const out = run(...leaves)
  out.backward(t.tensor(ROUNDED(cotangentOf(seed, out.size)), out.shape, { dtype }))
  return { out, grads: leaves.map((x) => x.grad!.toArray()) }
}

// The terms of a sum may cancel: errors are measured against the largest number around, never below 1.
function expectNear(got: TypedArray, wanted: TypedArray, what: string): void {
  expect(got.length, what).toBe(wanted.length)
  let size = 1
  for (const x of wanted) if (Number.isFinite(x)) size = Math.max(size, Math.abs(x))
  for (let i = 0; i < wanted.length; i++) {
    const [have, want] = [got[i]!, wanted[i]!]
    const near = Number.isFinite(want) ? Math.abs(have - want) <= 2e-5 * size : Object.is(have, want)
    if (!near) expect.fail(`${what}: element ${i} is ${have}, expected ${want}`)
  }
}

const backends = (['reference', 'wasm'] as const).filter((name) => {
  try {
    return withBackend(name, () => t.getBackend()) === name
  } catch {
    return false // a machine without SIMD
  }
})

describe.each(backends)('float32 on %s', (backend) => {
  it.each(Object.entries(allCases))('%s', (_, { calls }) => {
    fc.assert(
      fc.property(calls, seeds(), fc.boolean(), (each, seed, scoped) => {
        const wanted = pass(each, seed, 'float64')
        const run = () => withBackend(backend, () => pass(each, seed, 'float32'))
        const got = scoped ? t.scope(run) : run()
        expect(got.out.dtype).toBe('float32')
        expect(got.out.shape).toEqual(wanted.out.shape)
        expectNear(got.out.toArray(), wanted.out.toArray(), each.call)
        for (const [i, grad] of got.grads.entries()) expectNear(grad, wanted.grads[i]!, `gradient ${i} of ${each.call}`)
      }),
      { numRuns: 25 },
    )
  })
})
