// Where a formula that is right on paper loses all its digits, or overflows, on each CPU backend.

import { describe, expect, it } from 'vitest'
import { elu, gelu, layerNorm, sum, type Tensor, tensor } from '../../../src/tensor/index.ts'
import { withBackend } from '../../support/with-backend.ts'

describe.each(['reference', 'wasm'] as const)('%s', (name) => {
  const on = (body: () => void) => withBackend(name, body)

  it('elu is as accurate near 0 as elsewhere, which e^x - 1 is not', () => {
    on(() => {
      const x = Float32Array.of(-1e-6, -1e-4, -0.01, -1)
      const y = elu(tensor(x)).toArray()
      for (const [i, value] of x.entries()) expect(Math.abs(y[i]! / Math.expm1(value) - 1)).toBeLessThan(1e-6)
    })
  })

  it('layerNorm keeps its digits where the mean is large beside the spread', () => {
    on(() => {
      const x = Float32Array.of(10000, 10000.001, 10000.003, 10000.002, 10000.004, 10000.003, 10000.004)
      const mean = x.reduce((total, value) => total + value, 0) / x.length
      const deviation = Math.sqrt(x.reduce((total, value) => total + (value - mean) ** 2, 0) / x.length)
      for (const [i, value] of layerNorm(tensor(x, [1, x.length]), undefined, undefined, 0)
        .toArray()
        .entries())
        expect(value).toBeCloseTo((x[i]! - mean) / deviation, 4)
    })
  })

  it('the tanh form of gelu has slope 1 far right and 0 far left, where x² overflows', () => {
    on(() => {
      const x: Tensor = tensor([3e19, -3e19, 1e38, -1e38], undefined, { requiresGrad: true })
      sum(gelu(x, 'tanh')).backward()
      expect([...x.grad!.view()].map((slope) => slope + 0)).toEqual([1, 0, 1, 0])
    })
  })
})
