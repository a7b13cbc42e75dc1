import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Delta } from '../../../src/rl/distributions/delta.ts'
import { DiagonalGaussian } from '../../../src/rl/distributions/diagonal-gaussian.ts'
import { checkGradient, ShapeError, tensor } from '../../../src/tensor/index.ts'

const matrix = (values: readonly number[], rows = 1) => tensor(Float64Array.from(values), [rows, values.length / rows])
const numbers = (n: number) => fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: n, maxLength: n })

/** A batch of 1 to 3 states, 1 to 3 dimensions: two actions per state. */
const pairs = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
  .chain(([rows, size]) => fc.record({ rows: fc.constant(rows), a: numbers(rows * size), b: numbers(rows * size) }))

describe('a deterministic policy', () => {
  it('is its action', () => {
    const mean = matrix([1, 2])
    expect(new Delta(mean).mode()).toBe(mean)
  })

  it('diverges by half the squared distance: ½ ‖(1, 2) - (0, 0)‖² = 2.5', () => {
    expect(new Delta(matrix([1, 2])).kl(new Delta(matrix([0, 0]))).item()).toBe(2.5)
    const rows = new Delta(matrix([1, 2, 0, 0], 2)).kl(new Delta(matrix([0, 0, 0, 3], 2)))
    expect(Array.from(rows.view())).toEqual([2.5, 4.5]) // one number per state
  })

  it('diverges as Gaussians of variance 1 do, in either direction', () => {
    fc.assert(
      fc.property(pairs, ({ rows, a, b }) => {
        const [x, y] = [matrix(a, rows), matrix(b, rows)]
        const still = matrix(new Array(a.length).fill(0), rows)
        const [p, q] = [new DiagonalGaussian(x, still), new DiagonalGaussian(y, still)]
        const expected = p.kl(q).view()
        for (const divergence of [new Delta(x).kl(new Delta(y)), new Delta(y).kl(new Delta(x)), q.kl(p)]) {
          for (const [i, each] of divergence.view().entries()) expect(each).toBeCloseTo(expected[i]!, 10)
        }
      }),
    )
  })

  it('has the gradient μ - a', () => {
    fc.assert(
      fc.property(pairs, ({ rows, a, b }) => {
        const cotangent = new Float64Array(rows).map((_, i) => 0.5 + i)
        checkGradient((mu) => new Delta(matrix(a, rows)).kl(new Delta(mu)), matrix(b, rows), cotangent)
        const mu = tensor(Float64Array.from(b), [rows, b.length / rows], { requiresGrad: true })
        new Delta(matrix(a, rows)).kl(new Delta(mu)).backward(tensor(new Float64Array(rows).fill(1)))
        for (const [i, each] of mu.grad!.view().entries()) expect(each).toBeCloseTo(b[i]! - a[i]!, 12)
      }),
      { numRuns: 40 },
    )
  })

  it('takes rows of actions only', () => {
    expect(() => new Delta(tensor([1, 2]))).toThrow(ShapeError)
    expect(() => new Delta(tensor([1, 2]))).toThrow(/the mean is \[2\]; expected \[batch, actionSize\]/)
  })
})
