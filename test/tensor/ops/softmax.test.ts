import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as t from '../../../src/tensor/index.ts'
import { oneAxis, shapes, tensorOf } from '../../support/arbitraries.ts'
import { gradientProperty } from '../../support/gradients.ts'
import { expectNumbers, f64, gradOf, leaf, listOf } from '../../support/numbers.ts'
import { softmaxCases } from '../../support/op-cases/rows.ts'
import { forAll, property } from '../../support/property.ts'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

it.each(Object.entries(softmaxCases))('the gradient of each operation: %s', (_, { calls }) => gradientProperty(calls))

it('turns odds into chances', () => {
  const x = f64([
    [0, Math.log(2), Math.log(5)],
    [7, 7, 7],
  ])
  expectNumbers(listOf(t.softmax(x)), [1 / 8, 2 / 8, 5 / 8, 1 / 3, 1 / 3, 1 / 3])
  expectNumbers(listOf(t.softmax(x, 0)).slice(0, 1), [1 / (1 + Math.exp(7))])
  expectNumbers(listOf(t.logSoftmax(x)), [1 / 8, 2 / 8, 5 / 8, 1 / 3, 1 / 3, 1 / 3].map(Math.log))
})

const rows = shapes({ minAxes: 1, minSize: 1 }).chain((shape) =>
  fc.tuple(tensorOf(shape, -30, 30), oneAxis(shape.length)),
)

property('sums to 1 along its axis, is positive, and logSoftmax is its logarithm', [rows], ([x, axis]) => {
  const y = t.softmax(x, axis)
  expect(y.shape).toEqual(x.shape)
  for (const each of listOf(t.sum(y, axis))) expect(each).toBeCloseTo(1, 12)
  for (const each of listOf(y)) expect(each).toBeGreaterThan(0)
  expectNumbers(listOf(t.logSoftmax(x, axis)), listOf(t.sub(x, t.logsumexp(x, axis, true))), 1e-12)
  expectNumbers(listOf(t.exp(t.logSoftmax(x, axis))), listOf(y), 1e-12)
})

it('does not move with a shift, and the gradient sums to 0 along its axis', () => {
  forAll([rows, fc.double({ min: -500, max: 500, noNaN: true })], ([x, axis], c) => {
    expectNumbers(listOf(t.softmax(t.add(x, c), axis)), listOf(t.softmax(x, axis)), 1e-11)
    const moved = leaf(listOf(x), x.shape)
    t.softmax(moved, axis).backward(t.tensor(listOf(x), x.shape, { dtype: 'float64' }))
    for (const each of listOf(t.sum(moved.grad!, axis))) expect(Math.abs(each)).toBeLessThan(1e-10)
  })
})

it('forbidden actions, -Infinity, get chance 0 and gradient 0; a row of nothing else is NaN', () => {
  const x = leaf([
    [0, -inf, 0],
    [-inf, -inf, -inf],
  ])
  const y = t.softmax(x)
  expect(listOf(y)).toEqual([0.5, 0, 0.5, nan, nan, nan])
  expectNumbers(listOf(t.logSoftmax(x)), [Math.log(0.5), -inf, Math.log(0.5), nan, nan, nan])
  y.backward(f64([1, 2, 3, 0, 0, 0], [2, 3]))
  expect(gradOf(x).slice(0, 3)).toEqual([-0.5, 0, 0.5])
})

it('does not overflow, and a NaN spreads over its row only', () => {
  expect(listOf(t.softmax(f64([1e300, 0])))).toEqual([1, 0])
  expect(listOf(t.logSoftmax(f64([1000, 0])))).toEqual([0, -1000])
  expect(
    listOf(
      t.softmax(
        f64([
          [nan, 1],
          [0, 0],
        ]),
      ),
    ),
  ).toEqual([nan, nan, 0.5, 0.5])
})

it('of empty rows is empty', () => {
  expect(t.softmax(t.zeros([0, 3])).shape).toEqual([0, 3])
  expect(t.logSoftmax(t.zeros([3, 0])).shape).toEqual([3, 0])
  expect(t.softmax(t.zeros([3, 0, 2]), 1).shape).toEqual([3, 0, 2])
})

it('wrong calls name the operation', () => {
  expect(() => t.softmax(f64(1))).toThrow(/^softmax: axis -1 of a scalar/)
  expect(() => t.logSoftmax(t.zeros([2, 3]), 2)).toThrow(/^logSoftmax: axis 2 .*-2 to 1/)
  expect(() => t.softmax(t.tensor(Int32Array.of(1)))).toThrow(/^softmax: .*int32\[1\].*cast/)
})
