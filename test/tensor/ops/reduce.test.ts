import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as t from '../../../src/tensor/index.ts'
import type { Axes } from '../../../src/tensor/ops/reduce.ts'
import { distinct, oneAxis, shapes, someAxes, tensorOf } from '../../support/arbitraries.ts'
import { gradientProperty } from '../../support/gradients.ts'
import { at, build, groups, plainAxes, reducedShape } from '../../support/naive.ts'
import { expectNumbers, f64, gradOf, leaf, listOf } from '../../support/numbers.ts'
import { reduceCases } from '../../support/op-cases/reduce.ts'
import { forAll } from '../../support/property.ts'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

it.each(Object.entries(reduceCases))('the gradient of each operation: %s', (_, { calls }) => gradientProperty(calls))

describe('axes', () => {
  const x = f64([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2])

  it('none means all, a number one, a list several; negative ones count from the end', () => {
    expect(t.sum(x).shape).toEqual([])
    expect(t.sum(x).item()).toBe(36)
    expect(listOf(t.sum(x, 1))).toEqual([4, 6, 12, 14])
    expect(listOf(t.sum(x, -1))).toEqual([3, 7, 11, 15])
    expect(listOf(t.sum(x, [0, -1]))).toEqual([14, 22])
    expect(listOf(t.sum(x, [-1, 0]))).toEqual([14, 22])
    expect(t.sum(x, [])).not.toBe(x)
    expect(listOf(t.sum(x, []))).toEqual(listOf(x))
  })

  it('keepDims leaves the reduced axes with size 1', () => {
    expect(t.sum(x, undefined, true).shape).toEqual([1, 1, 1])
    expect(t.amax(x, [0, 2], true).shape).toEqual([1, 2, 1])
    expect(t.max(x, -1, true).shape).toEqual([2, 2, 1])
    expect(t.argmax(x, 1, true).shape).toEqual([2, 1, 2])
    expect(t.argmax(x, undefined, true).shape).toEqual([1, 1, 1])
  })

  it('are dropped from the result unless told otherwise', () => {
    const ops = [t.sum, t.mean, t.amax, t.amin, t.variance, t.std, t.logsumexp, t.max, t.min, t.argmax, t.argmin]
    for (const op of ops) expect(op(x, 1).shape).toEqual([2, 2])
    expect(t.variance(f64([0, 2])).item()).toBe(2) // correction 1
    expect(t.std(f64([0, 2])).item()).toBe(Math.SQRT2)
  })

  it('outside the tensor, named twice, or fractional: an error that names the operation and what is allowed', () => {
    expect(() => t.sum(x, 3)).toThrow(t.ShapeError)
    expect(() => t.sum(x, 3)).toThrow(/^sum: axis 3 .*3 axes.*-3 to 2/)
    expect(() => t.mean(x, -4)).toThrow(/^mean: axis -4/)
    expect(() => t.amax(x, [0, -3])).toThrow(/^amax: axis 0 is repeated in \[0, -3\]/)
    expect(() => t.std(x, 0.5)).toThrow(/^std: axis 0.5/)
    expect(() => t.cumsum(x, 5)).toThrow(/^cumsum: axis 5/)
    expect(() => t.cumsum(f64(1), 0)).toThrow(/^cumsum: axis 0 of a scalar/)
    expect(() => t.argmin(x, Number.NaN)).toThrow(/^argmin: axis NaN/)
  })
})

it('a scalar: is its own sum, mean, maximum and minimum, with gradient 1', () => {
  for (const op of [t.sum, t.mean, t.amax, t.amin, t.logsumexp, t.max, t.min]) {
    const x = leaf(3)
    const y = op(x)
    expect(y).not.toBe(x)
    expectNumbers(listOf(y), [3])
    y.backward()
    expectNumbers(gradOf(x), [1])
    expect(x.step).toBeNull()
  }
})

// Each against loops over the groups that meet in one result.
const mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length
const variance = (v: number[], correction: number) => {
  const m = mean(v)
  return v.reduce((sum, x) => sum + (x - m) ** 2, 0) / Math.max(0, v.length - correction)
}
const plain: Record<string, [(x: t.Tensor, axes?: Axes, keepDims?: boolean) => t.Tensor, (v: number[]) => number]> = {
  sum: [t.sum, (v) => v.reduce((a, b) => a + b, 0)],
  mean: [t.mean, mean],
  'variance, correction 1': [t.variance, (v) => variance(v, 1)],
  'variance, correction 0': [(x, axes, keep) => t.variance(x, axes, keep, 0), (v) => variance(v, 0)],
  'std, correction 1': [t.std, (v) => Math.sqrt(variance(v, 1))],
  'std, correction 0': [(x, axes, keep) => t.std(x, axes, keep, 0), (v) => Math.sqrt(variance(v, 0))],
  logsumexp: [t.logsumexp, (v) => Math.log(v.reduce((sum, x) => sum + Math.exp(x), 0))],
}

describe('values', () => {
  it.each(Object.entries(plain))('%s is what loops give, over any axes, also empty ones', (_, [op, loops]) => {
    forAll(
      [shapes().chain((shape) => fc.tuple(tensorOf(shape), someAxes(shape.length), fc.boolean()))],
      ([x, axes, keepDims]) => {
        const over = plainAxes(axes, x.shape.length)
        const y = op(x, axes, keepDims)
        expect(y.shape).toEqual(reducedShape(x.shape, over, keepDims))
        expectNumbers(listOf(y), groups(x, over).map(loops), 1e-11)
      },
    )
  })

  const extremes = [
    ['amax', t.amax, Math.max],
    ['amin', t.amin, Math.min],
  ] as const
  it.each(extremes)('%s is what loops give', (_, op, best) => {
    forAll(
      [shapes({ minSize: 1 }).chain((shape) => fc.tuple(tensorOf(shape), someAxes(shape.length), fc.boolean()))],
      ([x, axes, keepDims]) => {
        const over = plainAxes(axes, x.shape.length)
        const y = op(x, axes, keepDims)
        expect(y.shape).toEqual(reducedShape(x.shape, over, keepDims))
        expect(listOf(y)).toEqual(groups(x, over).map((v) => best(...v)))
      },
    )
  })

  it.each([
    ['max', t.max, t.argmax],
    ['min', t.min, t.argmin],
  ] as const)('%s along an axis, and the place it is found at', (name, op, arg) => {
    fc.assert(
      fc.property(
        shapes({ minAxes: 1, minSize: 1 }).chain((shape) =>
          fc.tuple(distinct(shape), oneAxis(shape.length), fc.boolean()),
        ),
        ([x, axis, keepDims]) => {
          const over = plainAxes(axis, x.shape.length)
          const best = groups(x, over).map((v) => Math[name](...v))
          const y = op(x, axis, keepDims)
          const places = arg(x, axis, keepDims)
          expect(listOf(y)).toEqual(best)
          expect(y.shape).toEqual(reducedShape(x.shape, over, keepDims))
          expect(places.shape).toEqual(y.shape)
          expect(places.dtype).toBe('int32')
          expect(listOf(places)).toEqual(groups(x, over).map((v) => v.indexOf(Math[name](...v))))
          expect(arg(x).item()).toBe(listOf(x).indexOf(Math[name](...listOf(x))))
        },
      ),
    )
  })

  it('cumsum: the differences give the numbers back', () => {
    forAll([shapes({ minAxes: 1 }).chain((shape) => fc.tuple(tensorOf(shape), oneAxis(shape.length)))], ([x, axis]) => {
      const y = t.cumsum(x, axis)
      const on = axis < 0 ? axis + x.shape.length : axis
      const difference = build(x.shape, (index) => {
        const before = index.map((i, d) => (d === on ? i - 1 : i))
        return at(y, index) - (index[on] === 0 ? 0 : at(y, before))
      })
      expectNumbers(difference, listOf(x), 1e-12)
    })
  })

  it('logsumexp moves with a shift and does not overflow', () => {
    forAll([tensorOf([2, 3]), fc.double({ min: -1e4, max: 1e4, noNaN: true })], (x, c) => {
      expectNumbers(
        listOf(t.logsumexp(t.add(x, c), 1)),
        listOf(t.logsumexp(x, 1)).map((y) => y + c),
        1e-11,
      )
    })
    expect(t.logsumexp(f64([1e4, 1e4])).item()).toBeCloseTo(1e4 + Math.log(2), 10)
    expect(t.logsumexp(f64([1e300, -1e300])).item()).toBe(1e300)
    expect(t.logsumexp(f64([-1e300])).item()).toBe(-1e300)
  })

  it('variance is never negative and does not move with a shift', () => {
    forAll([tensorOf([3, 4]), fc.double({ min: -100, max: 100, noNaN: true })], (x, c) => {
      const y = listOf(t.variance(x, 1))
      for (const each of y) expect(each).toBeGreaterThanOrEqual(0)
      expectNumbers(listOf(t.variance(t.add(x, c), 1)), y, 1e-10)
    })
  })
})

describe('nothing to reduce, and infinities', () => {
  const nothing = t.zeros([2, 0], { dtype: 'float64' })

  it('the sum of nothing is 0, its mean and variance NaN, its logsumexp -Infinity', () => {
    expect(listOf(t.sum(nothing, 1))).toEqual([0, 0])
    expect(listOf(t.sum(nothing, 0))).toEqual([])
    expect(listOf(t.mean(nothing, 1))).toEqual([nan, nan])
    expect(t.variance(nothing).item()).toBeNaN()
    expect(listOf(t.logsumexp(nothing, 1))).toEqual([-inf, -inf])
  })

  it('a largest of nothing is an error that names the shape', () => {
    const wants = [t.amax, t.amin, t.max, t.min, t.argmax, t.argmin]
    for (const op of wants) {
      expect(() => op(nothing, 1)).toThrow(t.ShapeError)
      expect(() => op(nothing)).toThrow(new RegExp(`^${op.name}|^a${op.name}: no elements.*\\[2, 0\\]`))
      expect(op(nothing, 0).shape).toEqual([0])
    }
  })

  it('one element has no sample spread: variance and std are NaN, and so is the gradient', () => {
    for (const op of [t.variance, t.std]) {
      const x = leaf([[1], [2]])
      const y = op(x, 1)
      expect(listOf(y)).toEqual([nan, nan])
      y.backward(f64([1, 1]))
      expect(gradOf(x)).toEqual([nan, nan])
      expect(listOf(op(x, 1, false, 0))).toEqual([0, 0])
    }
  })

  it('std has gradient 0 where all elements are equal', () => {
    const x = leaf([
      [2, 2],
      [1, 3],
    ])
    t.std(x, 1).backward(f64([5, 5]))
    expectNumbers(gradOf(x), [0, 0, -5 / Math.SQRT2, 5 / Math.SQRT2])
  })

  it('logsumexp of infinities', () => {
    expect(
      listOf(
        t.logsumexp(
          f64([
            [-inf, -inf],
            [-inf, 1],
            [inf, 1],
            [inf, -inf],
            [nan, 1],
          ]),
          1,
        ),
      ),
    ).toEqual([-inf, 1, inf, inf, nan])
    const x = leaf([-inf, 0, 0])
    t.logsumexp(x).backward()
    expectNumbers(gradOf(x), [0, 0.5, 0.5])
  })

  it('a NaN is the largest and the smallest, and is where argmax and argmin point', () => {
    const x = f64([1, nan, 3, nan])
    for (const op of [t.amax, t.amin, t.max, t.min]) expect(op(x).item()).toBeNaN()
    expect(t.max(x, 0).item()).toBeNaN()
    expect(t.argmax(x).item()).toBe(1)
    expect(t.argmin(x).item()).toBe(1)
    expect(t.amax(f64([-inf, -inf])).item()).toBe(-inf)
    expect(t.argmax(f64([-inf, -inf])).item()).toBe(0)
  })
})

describe('ties', () => {
  it('amax, amin, and max and min of everything share the gradient equally', () => {
    for (const [op, x] of [
      [t.amax, leaf([1, 7, 7, 0])],
      [t.max, leaf([1, 7, 7, 0])],
      [t.amin, leaf([9, 7, 7, 8])],
      [t.min, leaf([9, 7, 7, 8])],
    ] as const) {
      op(x).backward(f64(6))
      expect(gradOf(x)).toEqual([0, 3, 3, 0])
    }
  })

  it('max and min along an axis give it all to the first', () => {
    for (const op of [t.max, t.min]) {
      const x = leaf([
        [7, 7],
        [7, 7],
      ])
      op(x, 1).backward(f64([5, 6]))
      expect(gradOf(x)).toEqual([5, 0, 6, 0])
    }
    expect(
      listOf(
        t.argmax(
          f64([
            [3, 3, 1],
            [1, 2, 2],
          ]),
          1,
        ),
      ),
    ).toEqual([0, 1])
    expect(
      listOf(
        t.argmin(
          f64([
            [3, 1, 1],
            [2, 2, 5],
          ]),
          1,
        ),
      ),
    ).toEqual([1, 0])
  })
})

it('whole numbers have sums and extremes but no means', () => {
  const x = t.tensor(Int32Array.of(1, 2, 4))
  expect(t.sum(x).item()).toBe(7)
  expect(t.amax(x).dtype).toBe('int32')
  expect(listOf(t.cumsum(x, 0))).toEqual([1, 3, 7])
  for (const [name, op] of Object.entries({ mean: t.mean, variance: t.variance, std: t.std, logsumexp: t.logsumexp })) {
    expect(() => op(x)).toThrow(t.DTypeError)
    expect(() => op(x)).toThrow(new RegExp(`^${name}: .*int32\\[3\\].*cast`))
  }
})
