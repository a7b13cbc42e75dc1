import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as t from '../../../src/tensor/index.ts'
import { oneAxis, shapes, tensorOf } from '../../support/arbitraries.ts'
import { gradientProperty } from '../../support/gradients.ts'
import { expectNumbers, f64, gradOf, leaf, listOf } from '../../support/numbers.ts'
import { orderCases } from '../../support/op-cases/reduce.ts'
import { forAll, property } from '../../support/property.ts'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

it.each(Object.entries(orderCases))('the gradient of each operation: %s', (_, { calls }) => gradientProperty(calls))

/** Tensors of few different numbers, with an axis from either end. */
const withAxis = shapes({ minAxes: 1, minSize: 1, maxElements: 24 }).chain((shape) =>
  fc.tuple(
    tensorOf(shape).map((x) =>
      f64(
        listOf(x).map((v) => Math.round(v) + 0),
        shape,
      ),
    ),
    oneAxis(shape.length),
  ),
)

/** The numbers along an axis, line by line. */
function lines(x: t.Tensor, axis: number): number[][] {
  const rows = x.shape.at(axis)!
  const moved = t.transpose(x, axis, -1)
  const flat = listOf(moved)
  return Array.from({ length: flat.length / rows }, (_, i) => flat.slice(i * rows, (i + 1) * rows))
}

describe('sort and topk', () => {
  it('give the values in order and where they were; equals keep their order, NaN is largest', () => {
    const x = t.tensor([3, nan, 1, 3, -inf, inf])
    const up = t.sort(x)
    expect(listOf(up.values)).toEqual([-inf, 1, 3, 3, inf, nan])
    expect(listOf(up.indices)).toEqual([4, 2, 0, 3, 5, 1])
    expect(listOf(t.sort(x, 0, true).indices)).toEqual([1, 5, 0, 3, 2, 4])
    expect(listOf(t.topk(x, 3).values)).toEqual([nan, inf, 3])
    expect(listOf(t.sort(t.tensor(Int32Array.of(2, 1))).values)).toEqual([1, 2])
    expect(t.sort(t.zeros([2, 0, 3]), 1).values.shape).toEqual([2, 0, 3])
  })

  it('pass the gradient to the elements chosen', () => {
    const x = leaf([1, 5, 3])
    t.topk(x, 2).values.backward(f64([10, 20]))
    expect(gradOf(x)).toEqual([0, 10, 20])
  })

  property('sort every line as Array.sort does, and topk is its beginning', [withAxis, fc.nat()], ([x, axis], draw) => {
    const sorted = lines(x, axis).map((line) => [...line].sort((a, b) => a - b))
    expect(lines(t.sort(x, axis).values, axis)).toEqual(sorted)
    const k = 1 + (draw % x.shape.at(axis)!)
    expect(lines(t.topk(x, k, axis).values, axis)).toEqual(sorted.map((line) => line.reverse().slice(0, k)))
  })

  it('refuse more elements than there are', () => {
    expect(() => t.topk(t.zeros([2, 3]), 4)).toThrow(/^topk: 4 elements along axis -1 of \[2, 3\]; expected 1 to 3/)
    expect(() => t.topk(t.zeros([2, 3]), 0)).toThrow(t.ShapeError)
    expect(() => t.sort(t.zeros([2]), 1)).toThrow(/^sort: axis 1/)
  })
})

describe('cumprod', () => {
  it('multiplies along an axis, and its gradient is exact at zeros', () => {
    const x = leaf([2, 0, 3, 0])
    const y = t.cumprod(x, 0)
    expect(listOf(y)).toEqual([2, 0, 0, 0])
    y.backward(f64([1, 1, 1, 1]))
    // dx[1] = x[0] (dy[1] + x[2] dy[2] + x[2] x[3] dy[3]); a second zero leaves nothing for the others behind it
    expect(gradOf(x)).toEqual([1, 8, 0, 0])
  })

  property('is the running product of every line', [withAxis], ([x, axis]) => {
    const products = lines(x, axis).map((line) => line.map((_, i) => line.slice(0, i + 1).reduce((a, b) => a * b, 1)))
    expectNumbers(lines(t.cumprod(x, axis), axis).flat(), products.flat())
  })
})

describe('split and flip', () => {
  it('split takes one size for all parts, or a list', () => {
    const x = f64([1, 2, 3, 4, 5])
    expect(t.split(x, 2).map(listOf)).toEqual([[1, 2], [3, 4], [5]])
    expect(t.split(x, [1, 0, 4]).map(listOf)).toEqual([[1], [], [2, 3, 4, 5]])
    expect(() => t.split(x, 0)).toThrow(/^split: sizes 0 for an axis of 5; expected a size >= 1, or sizes of that sum/)
    expect(() => t.split(x, [2, 2])).toThrow(/^split: sizes \[2,2\] for an axis of 5/)
  })

  it('concat undoes split, and flip undoes itself', () => {
    forAll([withAxis, fc.integer({ min: 1, max: 4 })], ([x, axis], size) => {
      expect(listOf(t.concat(t.split(x, size, axis), axis))).toEqual(listOf(x))
      expect(lines(t.flip(x, axis), axis)).toEqual(lines(x, axis).map((line) => line.reverse()))
      expect(listOf(t.flip(t.flip(x, axis), axis))).toEqual(listOf(x))
    })
  })
})

describe('log1p, logaddexp, sin, cos, norm, zerosLike', () => {
  it('log1p is accurate near 0, logaddexp at both ends', () => {
    expectNumbers(listOf(t.log1p(f64([1e-12, 0, 1, inf]))), [Math.log1p(1e-12), 0, Math.LN2, inf])
    expect(listOf(t.log1p(f64([-1, -2])))).toEqual([-inf, nan])
    const [a, b] = [f64([1000, -inf, inf, 0]), f64([1000, -inf, inf, -inf])]
    expectNumbers(listOf(t.logaddexp(a, b)), [1000 + Math.LN2, -inf, inf, 0])
  })

  property('agree with Math, in float64 and float32', [fc.double({ min: -20, max: 20, noNaN: true })], (x) => {
    for (const dtype of ['float64', 'float32'] as const) {
      const value = dtype === 'float32' ? Math.fround(x) : x
      const one = t.tensor([value], { dtype })
      const want = [Math.sin(value), Math.cos(value), Math.log1p(Math.abs(value))]
      const got = [t.sin(one), t.cos(one), t.log1p(t.abs(one))].map((each) => each.item())
      got.forEach((each, i) => void expect(Math.abs(each - want[i]!)).toBeLessThan(dtype === 'float32' ? 3e-7 : 1e-14))
    }
  })

  it('the norm of zeros is 0 with gradient 0', () => {
    const x = leaf([0, 0])
    t.norm(x).backward()
    expect(gradOf(x)).toEqual([0, 0])
    expect(listOf(t.norm(f64([[3, 4], [5, 12]]), 1, true))).toEqual([5, 13]) // biome-ignore format: a matrix
    expect(String(t.zerosLike(t.tensor(Int32Array.of(1, 2))))).toBe('int32[2] on cpu')
  })
})
