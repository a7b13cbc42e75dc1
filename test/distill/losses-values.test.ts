// Values learned as numbers and as distributions over bins.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as losses from '../../src/distill/losses.ts'
import { checkGradient, ShapeError, softmax, tensor, ValueError } from '../../src/tensor/index.ts'

const entries = (n: number, size = 3) =>
  fc.array(fc.double({ min: -size, max: size, noNaN: true }), { minLength: n, maxLength: n })
const float64 = { dtype: 'float64' } as const
const vector = (values: number[]) => tensor(values, [values.length], float64)
const matrix = (values: number[], rows: number) => tensor(values, [rows, values.length / rows], float64)
const gradientOf = (f: (z: ReturnType<typeof vector>) => ReturnType<typeof vector>, z: ReturnType<typeof vector>) => {
  const leaf = tensor(z.toArray(), z.shape, { requiresGrad: true })
  f(leaf).backward()
  return Array.from(leaf.grad!.view())
}

describe('huberError', () => {
  it('is a parabola near the label and a line beyond', () => {
    expect(losses.huberError(vector([0]), vector([0.5])).item()).toBeCloseTo(0.125, 12)
    expect(losses.huberError(vector([0]), vector([3])).item()).toBeCloseTo(2.5, 12)
    expect(losses.huberError(vector([0]), vector([3]), 2).item()).toBeCloseTo(4, 12)
  })

  it('has the gradient of the squared error, cut to ±δ', () => {
    const deltas = fc.double({ min: 0.2, max: 4, noNaN: true })
    fc.assert(
      fc.property(entries(4), entries(4), deltas, (y, z, delta) => {
        const got = gradientOf((x) => losses.huberError(vector(y), x, delta), vector(z))
        for (const [i, g] of got.entries()) {
          expect(g).toBeCloseTo(Math.min(delta, Math.max(-delta, z[i]! - y[i]!)) / 4, 12)
        }
      }),
    )
  })

  it('is the squared error where δ is wide', () => {
    fc.assert(
      fc.property(entries(4), entries(4), (y, z) => {
        const wide = losses.huberError(matrix(y, 2), matrix(z, 2), 1e3).item()
        expect(wide).toBeCloseTo(losses.squaredError(matrix(y, 2), matrix(z, 2)).item(), 12)
      }),
    )
  })

  it('refuses a δ that is not positive', () => {
    expect(() => losses.huberError(vector([1]), vector([1]), 0)).toThrow(ValueError)
  })
})

describe('binnedCrossEntropy', () => {
  const cases = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 4 }))
  const inputs = cases.chain(([batch, values, bins]) =>
    fc.record({
      shape: fc.constant({ batch, values, bins }),
      p: entries(batch * values * bins),
      z: entries(batch * values * bins),
      weights: fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: batch, maxLength: batch }),
    }),
  )
  const shares = (p: number[], bins: number) => Array.from(softmax(matrix(p, p.length / bins)).view()) // each value's bins sum to 1

  it('has the gradient (q - p) / batch in every bin of every value', () => {
    fc.assert(
      fc.property(inputs, ({ shape: { batch, bins }, p, z, weights }) => {
        const labels = matrix(shares(p, bins), batch)
        checkGradient((x) => losses.binnedCrossEntropy(labels, x, bins), matrix(z, batch), [1])
        checkGradient((x) => losses.binnedCrossEntropy(labels, x, bins, vector(weights)), matrix(z, batch), [-0.7])
        const got = gradientOf((x) => losses.binnedCrossEntropy(labels, x, bins), matrix(z, batch))
        const q = shares(z, bins)
        for (const [i, g] of got.entries()) expect(g).toBeCloseTo((q[i]! - labels.view()[i]!) / batch, 10)
      }),
      { numRuns: 50 },
    )
  })

  it('of one value is the cross-entropy itself', () => {
    const p = tensor([[0.2, 0.8]], undefined, float64)
    const z = tensor([[1, -1]], undefined, float64)
    expect(losses.binnedCrossEntropy(p, z, 2).item()).toBe(losses.softCrossEntropy(p, z).item())
  })

  it('refuses outputs that the bins do not divide', () => {
    expect(() => losses.binnedCrossEntropy(matrix([1, 2, 3], 1), matrix([1, 2, 3], 1), 2)).toThrow(ShapeError)
    expect(() => losses.binnedCrossEntropy(matrix([1, 2, 3], 1), matrix([1, 2, 3], 1), 2)).toThrow(/in bins of 2/)
  })
})
