// Fused multiply-add, on request: the same numbers up to the last bits, and other bits than without it.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { getBackend, setBackend } from '../../../../src/tensor/dispatch/select.ts'
import { CpuStorage } from '../../../../src/tensor/storage.ts'
import { relaxedWasm as relaxed, wasm } from '../../../support/backends.ts'
import { forAll } from '../../../support/property.ts'
import { calls } from '../calls.ts'
import { drawFloats } from '../draws.ts'
import { expectParity, homes } from './homes.ts'

// The functions whose kernels multiply and add.
const affected = ['matmul', 'map', 'zip', 'softmax', 'logSoftmax', 'logSoftmaxGrad'] as const

describe.skipIf(relaxed === null)('relaxed SIMD', () => {
  for (const name of affected) {
    it(`${name} computes what the reference computes`, () => {
      forAll([calls[name], fc.array(homes, { minLength: 1, maxLength: 3 }), fc.boolean()], (call, homesOf, inScope) =>
        expectParity(relaxed!, call, homesOf, inScope),
      )
    })
  }

  it('is a backend of its own, and does not touch the default one', () => {
    const [a, b] = drawFloats({ seed: 1, odd: 0, whole: false }, 64 * 64, 64 * 64).map(CpuStorage.onHeap)
    const spec = { batch: 1, m: 64, k: 64, n: 64, transposeA: false, transposeB: false }
    const product = (backend: typeof relaxed) => (backend!.matmul(spec, a!, b!, null) as CpuStorage).view()
    expect(product(relaxed)).not.toEqual(product(wasm))
  })

  it('is chosen by setBackend', () => {
    setBackend('wasm', { relaxedSimd: true })
    expect(getBackend()).toBe('wasm with relaxed SIMD')
    setBackend('wasm')
    expect(getBackend()).toBe('wasm')
  })
})
