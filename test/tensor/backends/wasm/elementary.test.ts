// The error bounds that elementary.ts states, over a sample of all floats, and the values at the ends of the range.

import { describe, expect, it } from 'vitest'
import { CpuStorage } from '../../../../src/tensor/storage.ts'
import { wasm } from '../../../support/backends.ts'
import { type ElementaryName, largestErrors } from './largest-errors.ts'

const bounds: Record<ElementaryName, { ulps: number; error: number }> = {
  exp: { ulps: 0.98, error: 8.2e-8 },
  log: { ulps: 0.86, error: 8.3e-8 },
  tanh: { ulps: 6.2, error: 3.7e-7 },
  sigmoid: { ulps: 2.5, error: 9e-8 },
  softplus: { ulps: 2.7, error: 1.4e-7 },
  elu: { ulps: 0.95, error: 4.3e-8 },
  silu: { ulps: 200, error: 1.6e-7 },
  gelu: { ulps: 200, error: 1.6e-7 },
  geluTanh: { ulps: 200, error: 1.6e-7 },
}

describe('the largest error over a sample of all floats', () => {
  for (const [name, { ulps, error }] of Object.entries(bounds)) {
    it(`${name}: ${ulps} ulp, ${error}`, () => {
      const found = largestErrors(name as ElementaryName, 16411) // a prime, so that all low bits occur
      expect(found.ulps, `at ${found.ulpsAt}`).toBeLessThanOrEqual(ulps)
      expect(found.error, `at ${found.errorAt}`).toBeLessThanOrEqual(error)
    })
  }
})

describe('the ends of the range', () => {
  const at = (name: ElementaryName, ...x: number[]) => [
    ...(wasm.map(name, CpuStorage.onHeap(Float32Array.from(x)), 1, 0) as CpuStorage).view(),
  ]
  const smallest = 2 ** -149

  it('a NaN stays one', () => {
    for (const name of Object.keys(bounds)) expect(at(name as ElementaryName, Number.NaN), name).toEqual([Number.NaN])
  })

  it('exp reaches 0, the denormals and Infinity', () => {
    expect(at('exp', -Infinity, Infinity, 0, -0, smallest)).toEqual([0, Infinity, 1, 1, 1])
    expect(at('exp', -104, -103.97, 88.72, 88.73)).toEqual([
      0,
      smallest,
      Math.fround(Math.exp(Math.fround(88.72))),
      Infinity,
    ])
  })

  it('log is -Infinity at 0, nothing below, right in the denormals', () => {
    expect(at('log', 0, -0, Infinity, 1)).toEqual([-Infinity, -Infinity, Infinity, 0])
    expect(at('log', -1, -Infinity, -smallest)).toEqual([Number.NaN, Number.NaN, Number.NaN])
    expect(at('log', smallest)).toEqual([Math.fround(-149 * Math.LN2)])
  })

  it('tanh and sigmoid end exactly, and never pass their ends', () => {
    expect(at('tanh', Infinity, -Infinity, 9.1, -9.1, smallest)).toEqual([1, -1, 1, -1, smallest])
    expect(at('sigmoid', Infinity, -Infinity, 0, -200)).toEqual([1, 0, 0.5, 0])
    const nearOne = at('tanh', ...Array.from({ length: 4000 }, (_, i) => 5 + i / 1000))
    expect(Math.max(...nearOne)).toBeLessThanOrEqual(1)
  })

  it('the activations follow', () => {
    expect(at('softplus', -Infinity, Infinity, 100)).toEqual([0, Infinity, 100])
    expect(at('elu', -Infinity, Infinity, -smallest)).toEqual([-1, Infinity, -smallest])
    for (const name of ['silu', 'gelu', 'geluTanh'] as const) {
      expect(at(name, Infinity, -Infinity, 100), name).toEqual([Infinity, Number.NaN, 100]) // -∞ · 0
    }
  })
})
