import { describe, expect, it } from 'vitest'
import * as t from '../../../src/tensor/index.ts'
import * as primitives from '../../../src/tensor/ops/primitives.ts'
import { f64, listOf } from '../../support/numbers.ts'

describe('int32', () => {
  const x = t.tensor(Int32Array.of(-2, 3))

  const whole: Record<string, [() => t.Tensor, number[]]> = {
    neg: [() => t.neg(x), [2, -3]],
    abs: [() => t.abs(x), [2, 3]],
    sign: [() => primitives.map('sign', x), [-1, 1]],
    square: [() => t.square(x), [4, 9]],
    relu: [() => t.relu(x), [0, 3]],
    'mul by a negative integer': [() => t.mul(x, -2), [4, -6]],
    'add a negative integer': [() => t.add(x, -3), [-5, 0]],
    'pow 0': [() => t.pow(x, 0), [1, 1]],
    'pow 3': [() => t.pow(x, 3), [-8, 27]],
    'clamp to integers': [() => t.clamp(x, -1, 2), [-1, 2]],
    'clamp on one side': [() => t.clamp(x, 0), [0, 3]],
    'clamp on the other side': [() => t.clamp(x, undefined, 0), [-2, 0]],
    'add of two': [() => t.add(x, x), [-4, 6]],
    maximum: [() => t.maximum(x, t.neg(x)), [2, 3]],
  }
  it.each(Object.entries(whole))('%s stays whole', (_, [run, expected]) => {
    expect([run().dtype, listOf(run())]).toEqual(['int32', expected])
  })

  const fractional: Record<string, () => t.Tensor> = {
    mul: () => t.mul(x, 0.5),
    add: () => t.add(x, 0.5),
    pow: () => t.pow(x, -1),
    'pow ': () => t.pow(x, 0.5),
    'pow  ': () => t.pow(x, x),
    clamp: () => t.clamp(x, -0.5, 1),
    'clamp ': () => t.clamp(x, 0, 0.5),
    exp: () => t.exp(x),
    leakyRelu: () => t.leakyRelu(x, 2),
    div: () => t.div(x, x),
    mean: () => t.mean(x),
  }
  it.each(Object.entries(fractional))('%s would leave fractions and throws', (name, run) => {
    expect(run).toThrow(t.DTypeError)
    const fix = "cannot hold fractions; expected float32 or float64: cast(x, 'float32') first"
    expect(run).toThrow(`${name.trim()}: int32[2] on cpu ${fix}`)
  })
})

describe('axes', () => {
  it('around some neighbours are an outer, a middle and an inner size', () => {
    expect(primitives.axisView([2, 3, 4, 5], 1)).toEqual({ outer: 2, size: 3, inner: 20 })
    expect(primitives.axisView([2, 3, 4, 5], 1, 2)).toEqual({ outer: 2, size: 12, inner: 5 })
    expect(primitives.axisView([2, 3], 0, 2)).toEqual({ outer: 1, size: 6, inner: 1 })
  })

  it('that are reduced go, or stay with size 1', () => {
    expect(primitives.reducedShape([2, 3, 4], [0, 2], false)).toEqual([3])
    expect(primitives.reducedShape([2, 3, 4], [0, 2], true)).toEqual([1, 3, 1])
    expect(primitives.reducedShape([2, 3], [], true)).toEqual([2, 3])
    expect(primitives.countOver(t.zeros([2, 3, 4]), [0, 2])).toBe(8)
    expect(primitives.countOver(t.zeros([2]), [])).toBe(1)
  })

  it('need not be neighbours, nor be there at all', () => {
    const x = t.reshape(t.arange(0, 24), [2, 3, 4])
    const sums = primitives.reduceAxes('sum', x, [0, 2], false)
    expect([sums.shape, listOf(sums)]).toEqual([[3], [60, 92, 124]])
    expect(primitives.reduceAxes('max', x, [0, 2], true).shape).toEqual([1, 3, 1])
    expect(listOf(primitives.reduceAxes('sum', x, [1, 2], false))).toEqual([66, 210])
    expect(primitives.reduceAxes('sum', x, [], false).storage).toBe(x.storage)
  })

  it('that a broadcast repeated are summed for its gradient, others are kept', () => {
    const dy = t.reshape(t.arange(0, 24), [2, 3, 4])
    const sums = primitives.summedTo(dy, [3, 1])
    expect([sums.shape, listOf(sums)]).toEqual([
      [3, 1],
      [60, 92, 124],
    ])
    expect(primitives.summedTo(dy, []).item()).toBe(276)
    expect(primitives.summedTo(t.ones([2, 1]), [1, 1]).toArray()).toEqual(Float32Array.of(2))
    expect(primitives.summedTo(dy, [2, 3, 4]).storage).toBe(dy.storage)
  })
})

it('choose takes numbers of the first where the condition is not 0', () => {
  const chosen = primitives.choose(f64([1, 0, -2, Number.NaN]), f64([1, 2, 3, 4]), f64([5, 6, 7, 8]))
  expect(listOf(chosen)).toEqual([1, 6, 3, 4])
})

it('constants have the element type of their model, and its shape unless given another', () => {
  const like = f64([[1, 2]])
  expect(primitives.constant(like, 7)).toMatchObject({ dims: [1, 2], dtype: 'float64' })
  expect(listOf(primitives.constant(like, 7, [3]))).toEqual([7, 7, 7])
  expect([primitives.scalarLike(like, 0.1).item(), primitives.scalarLike(like, 0.1).shape]).toEqual([0.1, []])
})
