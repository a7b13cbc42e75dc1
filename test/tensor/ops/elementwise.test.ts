import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as t from '../../../src/tensor/index.ts'
import { broadcastableShapes, shapes, tensorOf } from '../../support/arbitraries.ts'
import { gradientProperty } from '../../support/gradients.ts'
import { at, build } from '../../support/naive.ts'
import { expectNumbers, f64, gradOf, leaf, listOf } from '../../support/numbers.ts'
import { elementwiseCases } from '../../support/op-cases/elementwise.ts'
import { forAll, property } from '../../support/property.ts'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

it.each(Object.entries(elementwiseCases))('the gradient of each operation: %s', (_, { calls }) =>
  gradientProperty(calls),
)

describe('two operands', () => {
  it('a row and a column make a table', () => {
    const table = t.add(f64([1, 2, 3]), f64([[10], [20]]))
    expect(table.shape).toEqual([2, 3])
    expect(listOf(table)).toEqual([11, 12, 13, 21, 22, 23])
  })

  it('each operand gets the gradient of every place it was repeated to', () => {
    const row = leaf([1, 2, 3])
    const column = leaf([[10], [20]])
    t.mul(row, column).backward(f64([1, 2, 3, 4, 5, 6], [2, 3]))
    expect(gradOf(row)).toEqual([10 + 80, 20 + 100, 30 + 120])
    expect(gradOf(column)).toEqual([1 + 4 + 9, 4 + 10 + 18])
  })

  it('a number stands for itself in every place, on either side', () => {
    const x = t.tensor([1, 2, -4])
    expect(listOf(t.add(x, 1))).toEqual([2, 3, -3])
    expect(listOf(t.add(1, x))).toEqual([2, 3, -3])
    expect(listOf(t.sub(x, 1))).toEqual([0, 1, -5])
    expect(listOf(t.sub(1, x))).toEqual([0, -1, 5])
    expect(listOf(t.mul(x, 0.5))).toEqual([0.5, 1, -2])
    expect(listOf(t.mul(0.5, x))).toEqual([0.5, 1, -2])
    expect(listOf(t.div(x, 4))).toEqual([0.25, 0.5, -1])
    expect(listOf(t.div(4, x))).toEqual([4, 2, -1])
    const whole = t.tensor(Int32Array.of(1, 2))
    expect([t.add(whole, 2), t.sub(3, whole), t.mul(2, whole)].map(listOf)).toEqual([
      [3, 4],
      [2, 1],
      [2, 4],
    ])
  })

  it('a quotient by a number is rounded once, as JavaScript rounds it', () => {
    const x = t.tensor([1, 5, 7, 1e-40])
    expect(listOf(t.div(x, 3))).toEqual(listOf(x).map((value) => Math.fround(value / 3)))
  })

  type Binary = [(a: t.Tensor, b: t.Tensor) => t.Tensor, (a: number, b: number) => number | boolean]
  const plain: Record<string, Binary> = {
    ...{ add: [t.add, (a, b) => a + b], sub: [t.sub, (a, b) => a - b], mul: [t.mul, (a, b) => a * b] },
    ...{ div: [t.div, (a, b) => a / b], maximum: [t.maximum, Math.max], minimum: [t.minimum, Math.min] },
    ...{ equal: [t.equal, (a, b) => a === b], notEqual: [t.notEqual, (a, b) => a !== b] },
    ...{ greater: [t.greater, (a, b) => a > b], greaterEqual: [t.greaterEqual, (a, b) => a >= b] },
    ...{ less: [t.less, (a, b) => a < b], lessEqual: [t.lessEqual, (a, b) => a <= b] },
  }
  it.each(Object.entries(plain))('%s broadcasts as its loops do', (_, [op, loop]) => {
    forAll(
      [broadcastableShapes().chain(({ a, b, out }) => fc.tuple(tensorOf(a), tensorOf(b), fc.constant(out)))],
      { numRuns: 50 },
      ([a, b, out]) => {
        // Rounded, so that equal pairs come up.
        const [x, y] = [t.cast(t.cast(a, 'int32'), 'float64'), t.cast(t.cast(b, 'int32'), 'float64')]
        const z = op(x, y)
        expect(z.shape).toEqual(out)
        expect(listOf(z)).toEqual(build(out, (index) => Number(loop(at(x, index), at(y, index)))))
      },
    )
  })

  it('comparisons with NaN are false, except notEqual', () => {
    const [a, b] = [f64([nan, nan, 1]), f64([nan, 1, nan])]
    for (const op of [t.equal, t.greater, t.greaterEqual, t.less, t.lessEqual])
      expect(listOf(op(a, b))).toEqual([0, 0, 0])
    expect(listOf(t.notEqual(a, b))).toEqual([1, 1, 1])
  })

  it('comparisons carry no gradient', () => {
    const x = leaf([1, 2])
    for (const op of [t.equal, t.notEqual, t.greater, t.greaterEqual, t.less, t.lessEqual]) {
      expect(op(x, x).requiresGrad).toBe(false)
    }
  })

  it('maximum and minimum share the gradient of a tie in halves and keep NaN', () => {
    for (const op of [t.maximum, t.minimum]) {
      const [a, b] = [leaf([3, 5]), leaf([3, 5])]
      op(a, b).backward(f64([8, 2]))
      expect(gradOf(a)).toEqual([4, 1])
      expect(gradOf(b)).toEqual([4, 1])
      expect(listOf(op(f64([nan, 1]), f64([1, nan])))).toEqual([nan, nan])
    }
  })

  it('where broadcasts its condition and takes any number but 0 for true', () => {
    const condition = f64([[1], [0], [-2]])
    const y = t.where(condition, f64([1, 2]), f64(9))
    expect(y.shape).toEqual([3, 2])
    expect(listOf(y)).toEqual([1, 2, 9, 9, 1, 2])
  })

  it('where does not let the branch not taken spoil the gradient', () => {
    const x = leaf([0, 4])
    t.where(f64([0, 1]), t.log(x), t.mul(x, 0)).backward(f64([1, 1]))
    // The log of 0 has an infinite slope, which is multiplied by a gradient of 0: PyTorch gives NaN here as well.
    expect(gradOf(x)).toEqual([nan, 0.25])
    const [a, b] = [leaf([1, 2]), leaf([3, 4])]
    t.where(f64([1, 0]), a, b).backward(f64([inf, nan]))
    expect(gradOf(a)).toEqual([inf, 0])
    expect(gradOf(b)).toEqual([0, nan])
  })
})

describe('powers', () => {
  it('of whole numbers are exact, also of negative bases', () => {
    expect(listOf(t.pow(f64([-3, -2, 0, 2, 10]), 3))).toEqual([-27, -8, 0, 8, 1000])
    expect(listOf(t.pow(f64([-2, 2, 4]), -2))).toEqual([0.25, 0.25, 1 / 16])
  })

  it('gradients at 0 are those of PyTorch', () => {
    const slopes = (p: number) => {
      const x = leaf([0])
      t.pow(x, p).backward(f64([3]))
      return gradOf(x)
    }
    expect(slopes(0)).toEqual([0])
    expect(slopes(1)).toEqual([3])
    expect(slopes(2)).toEqual([0])
    expect(slopes(0.5)).toEqual([inf])
    expect(slopes(-1)).toEqual([-inf])
  })

  it('of a tensor by a tensor: at a base of 0 neither gradient is NaN, below 0 that of the exponent is', () => {
    const [a, b] = [leaf([0, 0, 0, -2, -2]), leaf([0, 1, 2, 2, 3])]
    t.pow(a, b).backward(f64([1, 1, 1, 1, 1]))
    expect(gradOf(a)).toEqual([0, 1, 0, -4, 12])
    expect(gradOf(b)).toEqual([0, 0, 0, nan, nan])
  })

  it('of a negative base by a fraction is NaN', () => {
    expect(listOf(t.pow(f64([-2]), 0.5))).toEqual([nan])
    expect(listOf(t.pow(f64([-2]), f64([1.5])))).toEqual([nan])
  })
})

describe('kinks, as PyTorch has them', () => {
  const slopeAt = (f: (x: t.Tensor) => t.Tensor, values: number[]) => {
    const x = leaf(values)
    f(x).backward(f64(values.map(() => 2)))
    return gradOf(x)
  }

  it('relu and abs have gradient 0 at 0; leakyRelu its slope; elu its alpha', () => {
    expect(slopeAt(t.relu, [-1, 0, 1])).toEqual([0, 0, 2])
    expect(slopeAt(t.abs, [-1, 0, 1])).toEqual([-2, 0, 2])
    expect(slopeAt((x) => t.leakyRelu(x, 0.25), [-1, 0, 1])).toEqual([0.5, 0.5, 2])
    expectNumbers(
      slopeAt((x) => t.elu(x, 0.5), [-1, 0, 1]),
      [Math.exp(-1), 1, 2],
    )
  })

  it('clamp passes the gradient at its bounds', () => {
    expect(slopeAt((x) => t.clamp(x, -1, 1), [-2, -1, 0, 1, 2])).toEqual([0, 2, 2, 2, 0])
    expect(listOf(t.clamp(f64([0, 3]), 1, 1))).toEqual([1, 1])
    expect(slopeAt((x) => t.clamp(x, 0), [-1, 5])).toEqual([0, 2])
    expect(slopeAt((x) => t.clamp(x, undefined, 0), [-1, 5])).toEqual([2, 0])
  })

  it('a NaN stays a NaN', () => {
    const unaries = [t.neg, t.abs, t.exp, t.log, t.sqrt, t.square, t.reciprocal, t.relu, t.leakyRelu, t.elu, t.gelu]
    const more = [
      t.tanh,
      t.sigmoid,
      t.softplus,
      t.silu,
      (x: t.Tensor) => t.clamp(x, -1, 1),
      (x: t.Tensor) => t.gelu(x, 'tanh'),
    ]
    for (const op of [...unaries.map((each) => (x: t.Tensor) => each(x)), ...more])
      expect(listOf(op(f64([nan])))).toEqual([nan])
  })
})

describe('values at the ends', () => {
  const at = [-inf, -1000, 0, 1000, inf]
  const ends: Record<string, [(x: t.Tensor) => t.Tensor, number[]]> = {
    exp: [t.exp, [0, 0, 1, inf, inf]],
    log: [t.log, [nan, nan, -inf, Math.log(1000), inf]],
    sqrt: [t.sqrt, [nan, nan, 0, Math.sqrt(1000), inf]],
    tanh: [t.tanh, [-1, -1, 0, 1, 1]],
    sigmoid: [t.sigmoid, [0, 0, 0.5, 1, 1]],
    softplus: [t.softplus, [0, 0, Math.log(2), 1000, inf]],
    relu: [t.relu, [0, 0, 0, 1000, inf]],
    elu: [t.elu, [-1, -1, 0, 1000, inf]],
    reciprocal: [t.reciprocal, [-0, -1e-3, inf, 1e-3, 0]],
    // -∞ · 0, as in PyTorch
    silu: [t.silu, [nan, -0, 0, 1000, inf]],
    gelu: [t.gelu, [nan, -0, 0, 1000, inf]],
  }
  it.each(Object.entries(ends))('%s', (_, [op, expected]) => {
    const y = listOf(op(f64(at)))
    expectNumbers(y, expected, 1e-14)
  })
})

describe('wrong calls', () => {
  it('a shape clash names the operation, both shapes and the axis', () => {
    expect(() => t.mul(t.zeros([2, 3]), t.zeros([4]))).toThrow(t.ShapeError)
    expect(() => t.mul(t.zeros([2, 3]), t.zeros([4]))).toThrow(/^mul: shapes \[2, 3\] and \[4\].*axis -1 has 3 and 4/)
    expect(() => t.pow(t.zeros([2]), t.zeros([3]))).toThrow(/^pow: /)
    expect(() => t.where(t.ones([2]), t.zeros([3]), t.zeros([1]))).toThrow(/^where: /)
    expect(() => t.less(t.ones([2]), t.zeros([3]))).toThrow(/^less: /)
  })

  it('mixed element types name both and the fix', () => {
    expect(() => t.add(t.zeros([2]), f64([1, 2]))).toThrow(t.DTypeError)
    expect(() => t.add(t.zeros([2]), f64([1, 2]))).toThrow(/^add: the operands are float32 and float64; .*cast/)
    expect(() => t.where(t.tensor(Int32Array.of(1)), f64([1]), f64([2]))).toThrow(/^where: .*int32.*float64/)
  })

  it('operations that leave the whole numbers refuse int32', () => {
    const whole = t.tensor(Int32Array.of(1, 2))
    for (const op of [
      t.exp,
      t.log,
      t.sqrt,
      t.sigmoid,
      t.tanh,
      t.gelu,
      t.softplus,
      t.silu,
      t.elu,
      t.leakyRelu,
      t.reciprocal,
    ]) {
      expect(() => op(whole)).toThrow(t.DTypeError)
    }
    expect(() => t.exp(whole)).toThrow(/^exp: .*int32\[2\].*cast/)
    expect(() => t.div(whole, whole)).toThrow(/^div: .*int32.*cast/)
    expect(() => t.mul(whole, 0.5)).toThrow(/^mul: /)
    expect(() => t.add(whole, 0.5)).toThrow(/^add: /)
    expect(() => t.sub(0.5, whole)).toThrow(/^sub: /)
    expect(() => t.div(whole, 2)).toThrow(/^div: /)
    expect(() => t.clamp(whole, 0.5, 2)).toThrow(/^clamp: /)
    expect(() => t.pow(whole, 0.5)).toThrow(/^pow: /)
    expect(() => t.pow(whole, whole)).toThrow(/^pow: /)
    expect(listOf(t.mul(t.add(whole, t.mul(whole, t.neg(whole))), 3))).toEqual([0, -6])
    expect(listOf(t.clamp(t.maximum(whole, t.abs(whole)), 2))).toEqual([2, 2])
  })

  it('bounds that are crossed or not numbers, an unknown form', () => {
    expect(() => t.clamp(t.zeros([1]), 2, 1)).toThrow(/^clamp: .*2.*1/)
    expect(() => t.clamp(t.zeros([1]), nan, 1)).toThrow(/^clamp: .*NaN/)
    expect(() => t.gelu(t.zeros([1]), 'tan' as 'tanh')).toThrow(/^gelu: .*"tan".*Did you mean "tanh"/)
  })
})

property('functions of one operand see each element alone', [shapes().chain(tensorOf)], (x) => {
  const y = t.silu(x)
  expect(y.shape).toEqual(x.shape)
  expectNumbers(
    listOf(y),
    listOf(x).map((v) => v / (1 + Math.exp(-v))),
  )
  expectNumbers(listOf(t.exp(x)), listOf(x).map(Math.exp))
  expectNumbers(listOf(t.tanh(x)), listOf(x).map(Math.tanh))
  expectNumbers(
    listOf(t.elu(x, 0.7)),
    listOf(x).map((v) => (v > 0 ? v : 0.7 * Math.expm1(v))),
  )
  expectNumbers(
    listOf(t.leakyRelu(x, 0.2)),
    listOf(x).map((v) => (v > 0 ? v : 0.2 * v)),
  )
  expectNumbers(
    listOf(t.square(x)),
    listOf(x).map((v) => v * v),
  )
})
