import { expect, it } from 'vitest'
import * as t from '../../../src/tensor/index.ts'
import { distinct, shapes } from '../../support/arbitraries.ts'
import { gradientProperty } from '../../support/gradients.ts'
import { expectNumbers, f64, gradOf, leaf, listOf } from '../../support/numbers.ts'
import { layerNormCases } from '../../support/op-cases/rows.ts'
import { forAll } from '../../support/property.ts'

it.each(Object.entries(layerNormCases))('the gradient in each argument: %s', (_, { calls }) => gradientProperty(calls))

it('brings each row to mean 0 and variance 1, then scales and shifts', () => {
  const x = f64([
    [1, 3],
    [10, 30],
  ])
  expectNumbers(listOf(t.layerNorm(x, undefined, undefined, 0)), [-1, 1, -1, 1])
  expectNumbers(listOf(t.layerNorm(x, f64([2, 3]), f64([10, 20]), 0)), [8, 23, 8, 23])
  expectNumbers(listOf(t.layerNorm(x, undefined, f64([10, 20]), 0)), [9, 21, 9, 21])
  // variance 1 + epsilon 3: divided by 2
  expectNumbers(listOf(t.layerNorm(f64([1, 3]), undefined, undefined, 3)), [-0.5, 0.5])
})

it('rows of any tensor end with mean 0 and variance close to 1', () => {
  forAll([shapes({ minAxes: 2, minSize: 2 }).chain(distinct)], (x) => {
    const y = t.layerNorm(x)
    expect(y.shape).toEqual(x.shape)
    for (const each of listOf(t.mean(y, -1))) expect(each).toBeCloseTo(0, 10)
    const spread = listOf(t.variance(x, -1, false, 0))
    expectNumbers(
      listOf(t.variance(y, -1, false, 0)),
      spread.map((v) => v / (v + 1e-5)),
      1e-10,
    )
  })
})

it('a row of equal numbers becomes zeros, and its gradient is finite', () => {
  const x = leaf([[4, 4]])
  const y = t.layerNorm(x)
  expect(listOf(y)).toEqual([0, 0])
  y.backward(f64([[1, 0]]))
  for (const each of gradOf(x)) expect(Number.isFinite(each)).toBe(true)
})

it('of no rows, or of rows of nothing, is empty', () => {
  expect(t.layerNorm(t.zeros([0, 3])).shape).toEqual([0, 3])
  expect(t.layerNorm(t.zeros([3, 0]), t.zeros([0]), t.zeros([0])).shape).toEqual([3, 0])
})

it('wrong calls name shapes and types', () => {
  expect(() => t.layerNorm(f64(1))).toThrow(/^layerNorm: a scalar/)
  expect(() => t.layerNorm(t.zeros([2, 3]), t.ones([2]))).toThrow(/^layerNorm: .*\[2\].*\[2, 3\].*\[3\]/)
  expect(() => t.layerNorm(t.zeros([2, 3]), undefined, t.ones([3, 1]))).toThrow(/^layerNorm: .*\[3, 1\]/)
  expect(() => t.layerNorm(f64([[1, 2]]), t.ones([2]))).toThrow(/^layerNorm: .*float64 and float32/)
  expect(() => t.layerNorm(t.tensor(Int32Array.of(1)))).toThrow(/^layerNorm: .*int32\[1\].*cast/)
})
