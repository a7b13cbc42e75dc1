// Policies over vectors: closed forms of the divergences of Gaussians.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as losses from '../../src/distill/losses.ts'
import { checkGradient, ShapeError, type Tensor, tensor, ValueError } from '../../src/tensor/index.ts'

const matrix = (values: number[], rows = 1) => tensor(values, [rows, values.length / rows], { dtype: 'float64' })
const numbers = (n: number, min: number, max: number) =>
  fc.array(fc.double({ min, max, noNaN: true }), { minLength: n, maxLength: n })

/** A batch of 1 to 3 states, 1 to 3 dimensions: two Gaussians. */
const pairs = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })).chain(([rows, size]) =>
  fc.record({
    rows: fc.constant(rows),
    means: fc.tuple(numbers(rows * size, -2, 2), numbers(rows * size, -2, 2)),
    logStds: fc.tuple(numbers(rows * size, -1, 1), numbers(rows * size, -1, 1)),
    weights: numbers(rows, 0.1, 2),
  }),
)

describe.each([
  ['gaussianForwardKL', losses.gaussianForwardKL],
  ['gaussianReverseKL', losses.gaussianReverseKL],
] as const)('%s', (_, divergence) => {
  it('has the gradient its central difference shows, in mean and deviation', () => {
    fc.assert(
      fc.property(pairs, ({ rows, means, logStds, weights }) => {
        const teacher = { mean: matrix(means[0], rows), logStd: matrix(logStds[0], rows) }
        const mean = matrix(means[1], rows)
        const logStd = matrix(logStds[1], rows)
        const w = tensor(weights, [rows], { dtype: 'float64' })
        checkGradient((x) => divergence(teacher, { mean: x, logStd }), mean, [1])
        checkGradient((x) => divergence(teacher, { mean, logStd: x }, w), logStd, [-0.6])
      }),
      { numRuns: 40 },
    )
  })

  it('is zero between equals and positive otherwise', () => {
    fc.assert(
      fc.property(pairs, ({ rows, means, logStds }) => {
        const teacher = { mean: matrix(means[0], rows), logStd: matrix(logStds[0], rows) }
        const student = { mean: matrix(means[1], rows), logStd: matrix(logStds[1], rows) }
        expect(divergence(teacher, teacher).item()).toBeCloseTo(0, 12)
        expect(divergence(teacher, student).item()).toBeGreaterThanOrEqual(-1e-12)
      }),
    )
  })

  it('sends no gradient to the teacher', () => {
    const leaf = (values: number[]) => tensor([values], undefined, { dtype: 'float64', requiresGrad: true })
    const teacher = { mean: leaf([1, 2]), logStd: leaf([0, 0.1]) }
    const student = { mean: leaf([0, 1]), logStd: leaf([0.2, 0]) }
    divergence(teacher, student).backward()
    expect([teacher.mean.grad, teacher.logStd.grad]).toEqual([null, null])
    expect(student.mean.grad).not.toBeNull()
    expect(student.logStd.grad).not.toBeNull()
  })
})

describe('directions', () => {
  const unit = { mean: matrix([0]), logStd: matrix([0]) }
  const wide = { mean: matrix([1]), logStd: matrix([Math.LN2]) }

  it('forward is KL(teacher ‖ student), reverse KL(student ‖ teacher)', () => {
    // KL(N(0, 1) ‖ N(1, 2²)) = ln 2 + (1 + 1)/8 - 1/2
    expect(losses.gaussianForwardKL(unit, wide).item()).toBeCloseTo(Math.LN2 - 0.25, 12)
    expect(losses.gaussianReverseKL(wide, unit).item()).toBeCloseTo(Math.LN2 - 0.25, 12)
  })

  it('reverse refuses a teacher of almost no deviation, and says what to use', () => {
    const sure = { mean: matrix([0]), logStd: matrix([-9]) }
    expect(() => losses.gaussianReverseKL(sure, unit)).toThrow(ValueError)
    expect(() => losses.gaussianReverseKL(sure, unit)).toThrow(/logStd is -9.*unitVarianceKL/)
    expect(losses.gaussianForwardKL(sure, unit).item()).toBeGreaterThan(0)
  })
})

describe('unitVarianceKL', () => {
  it('is the KL of two Gaussians of deviation 1, in either direction, and its gradient is μ - a', () => {
    fc.assert(
      fc.property(pairs, ({ rows, means }) => {
        const [a, mu] = means.map((each) => matrix(each, rows)) as [Tensor, Tensor]
        const still = matrix(new Array(a.size).fill(0), rows)
        const got = losses.unitVarianceKL(a, mu).item()
        const [teacher, student] = [
          { mean: a, logStd: still },
          { mean: mu, logStd: still },
        ]
        expect(got).toBeCloseTo(losses.gaussianForwardKL(teacher, student).item(), 10)
        expect(got).toBeCloseTo(losses.gaussianReverseKL(teacher, student).item(), 10)
        checkGradient((x) => losses.unitVarianceKL(a, x), mu, [1])
      }),
      { numRuns: 40 },
    )
    expect(losses.unitVarianceKL(matrix([1, 2]), matrix([0, 0])).item()).toBe(2.5)
  })

  it('takes vectors of actions only', () => {
    expect(() => losses.unitVarianceKL(tensor([1, 2]), tensor([1, 2]))).toThrow(ShapeError)
  })
})
