import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Delta, DiagonalGaussian } from '../../../../src/rl/policies/distributions/diagonal-gaussian.ts'
import { ShapeError, sum, type Tensor, tensor } from '../../../../src/tensor/index.ts'
import { expectNumbers } from '../../../support/arrays.ts'
import { deltaCases } from '../../../support/distribution-cases.ts'
import { gradientProperty } from '../../../support/gradients.ts'
import { property } from '../../../support/property.ts'

const matrix = (values: number[], rows = 1) => tensor(values, [rows, values.length / rows], { dtype: 'float64' })

/** Two means of 1 to 3 rows and 1 to 3 dimensions. */
const pairs = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })).chain(([rows, size]) => {
  const numbers = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
    minLength: rows * size,
    maxLength: rows * size,
  })
  return fc.tuple(numbers, numbers).map((means) => means.map((each) => matrix(each, rows)) as [Tensor, Tensor])
})

it.each(Object.entries(deltaCases))('the gradient in each input: of %s', (_, { calls }) => gradientProperty(calls))

describe('the divergence of deterministic policies', () => {
  it('is ½ ‖μ - μ′‖² in each row', () => {
    // ½ (1² + 2²) and ½ (3² + 0²)
    expectNumbers(new Delta(matrix([1, 2, 3, 5], 2)).kl(new Delta(matrix([0, 0, 0, 5], 2))).view(), [2.5, 4.5])
  })

  property('is the KL of Gaussians of standard deviation 1, in either direction', [pairs], ([a, b]) => {
    const still = tensor(new Float64Array(a.size), a.shape)
    const [p, q] = [new DiagonalGaussian(a, still), new DiagonalGaussian(b, still)]
    const divergence = new Delta(a).kl(new Delta(b)).view()
    expectNumbers(divergence, p.kl(q).view())
    expectNumbers(divergence, q.kl(p).view())
  })

  property('has the gradient μ′ - μ', [pairs], { numRuns: 40 }, ([a, b]) => {
    const leaf = tensor(b.toArray(), b.shape, { requiresGrad: true })
    sum(new Delta(a).kl(new Delta(leaf))).backward()
    expectNumbers(
      leaf.grad!.view(),
      Array.from(b.view(), (each, i) => each - a.view()[i]!),
    )
  })

  it('throws on other shapes, which would be broadcast', () => {
    const pair = new Delta(matrix([1, 2]))
    for (const other of [new Delta(matrix([1, 2, 3, 4], 2)), new Delta(matrix([1])), new Delta(matrix([1, 2, 3]))]) {
      expect(() => pair.kl(other)).toThrow(ShapeError)
      expect(() => other.kl(pair)).toThrow(/Delta.kl: the prediction is \[1, 2\]/)
    }
  })
})

describe('Delta', () => {
  it('has its mean as mode', () => {
    const mean = matrix([1, 2])
    expect(new Delta(mean).mode()).toBe(mean)
  })

  it('throws on a mean that is not [batch, actionSize]', () => {
    expect(() => new Delta(tensor([1, 2]))).toThrow(ShapeError)
    expect(() => new Delta(tensor([1, 2]))).toThrow('Delta: the mean is [2]; expected [batch, actionSize]')
  })
})
