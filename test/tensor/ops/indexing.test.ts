import { describe, expect, it } from 'vitest'
import * as t from '../../../src/tensor/index.ts'
import { shapes } from '../../support/arbitraries.ts'
import { gradientProperty } from '../../support/gradients.ts'
import { at, build } from '../../support/naive.ts'
import { f64, gradOf, leaf, listOf } from '../../support/numbers.ts'
import { gathers, indexingCases, indicesInto, selects } from '../../support/op-cases/indexing.ts'
import { forAll, property } from '../../support/property.ts'

const ints = (values: number[], shape?: t.Shape) => t.tensor(Int32Array.from(values), shape)

it.each(Object.entries(indexingCases))('the gradient of each operation: %s', (_, { calls }) => gradientProperty(calls))

describe('gather', () => {
  const table = () =>
    leaf([
      [1, 2, 3],
      [4, 5, 6],
    ])

  it('takes the value of each row’s action, and gives the gradient back to it', () => {
    const x = table()
    const y = t.gather(x, 1, ints([2, 0], [2, 1]))
    expect(listOf(y)).toEqual([3, 4])
    y.backward(f64([10, 20], [2, 1]))
    expect(gradOf(x)).toEqual([0, 0, 10, 20, 0, 0])
  })

  it('adds up what one place was picked for several times', () => {
    const x = table()
    t.gather(x, 1, ints([1, 1, 1, 0, 0, 2], [2, 3])).backward(f64([1, 2, 3, 4, 5, 6], [2, 3]))
    expect(gradOf(x)).toEqual([0, 6, 0, 9, 0, 6])
  })

  it('may be shorter along the other axes', () => {
    const x = table()
    const y = t.gather(x, 1, ints([2], [1, 1]))
    expect(listOf(y)).toEqual([3])
    y.backward(f64([[7]]))
    expect(gradOf(x)).toEqual([0, 0, 7, 0, 0, 0])
  })

  property('is what loops give', [gathers], { numRuns: 200 }, ({ x, axis, index }) => {
    const on = axis < 0 ? axis + x.shape.length : axis
    const y = t.gather(x, axis, index)
    expect(y.shape).toEqual(index.shape)
    const plain = build(index.shape, (place) =>
      at(
        // at() reads an axis of size 1 at any index, as broadcasting does; here every index is in range.
        x,
        place.map((i, d) => (d === on ? at(index, place) : i)),
      ),
    )
    expect(listOf(y)).toEqual(plain)
  })

  it('wrong calls: an index outside, fractional, of another rank, or longer beside its axis', () => {
    const x = table()
    expect(() => t.gather(x, 1, ints([0, 3], [2, 1]))).toThrow(t.ValueError)
    expect(() => t.gather(x, 1, ints([0, 3], [2, 1]))).toThrow(/^gather: index 3 at position 1; allowed are 0 to 2/)
    expect(() => t.gather(x, 1, ints([-1, 0], [2, 1]))).toThrow(/^gather: index -1 at position 0/)
    expect(() => t.gather(x, 1, t.zeros([2, 1]))).toThrow(t.DTypeError)
    expect(() => t.gather(x, 1, t.zeros([2, 1]))).toThrow(/^gather: the index is float32.*int32/)
    expect(() => t.gather(x, 1, ints([0]))).toThrow(t.ShapeError)
    expect(() => t.gather(x, 1, ints([0]))).toThrow(/^gather: the index \[1\] does not fit \[2, 3\] along axis 1/)
    expect(() => t.gather(x, 1, ints([0, 0, 0], [3, 1]))).toThrow(/^gather: the index \[3, 1\]/)
    expect(() => t.gather(x, 2, ints([0], [1, 1]))).toThrow(/^gather: axis 2/)
    expect(() => t.gather(t.zeros([2, 0]), 1, ints([0], [1, 1]))).toThrow(/^gather: index 0 .*empty/)
    expect(t.gather(t.zeros([2, 0]), 1, ints([], [2, 0])).shape).toEqual([2, 0])
  })
})

describe('indexSelect', () => {
  it('takes whole slices, as often as they are named', () => {
    const x = leaf([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    const y = t.indexSelect(x, 0, [2, 0, 2])
    expect(listOf(y)).toEqual([5, 6, 1, 2, 5, 6])
    y.backward(f64([1, 2, 3, 4, 5, 6], [3, 2]))
    expect(gradOf(x)).toEqual([3, 4, 0, 0, 6, 8])
    expect(listOf(t.indexSelect(x, -1, Int32Array.of(1)))).toEqual([2, 4, 6])
    expect(t.indexSelect(x, 1, []).shape).toEqual([3, 0])
  })

  property('is what loops give', [selects], ({ x, axis, indices }) => {
    const on = axis < 0 ? axis + x.shape.length : axis
    const y = t.indexSelect(x, axis, indices)
    const shape = x.shape.map((size, d) => (d === on ? indices.size : size))
    expect(y.shape).toEqual(shape)
    const plain = build(shape, (place) =>
      at(
        x,
        place.map((i, d) => (d === on ? indices.view()[i]! : i)),
      ),
    )
    expect(listOf(y)).toEqual(plain)
  })

  it('wrong calls', () => {
    const x = f64([[1, 2]])
    expect(() => t.indexSelect(x, 1, [2])).toThrow(/^indexSelect: index 2 at position 0; allowed are 0 to 1/)
    expect(() => t.indexSelect(x, 1, [0, 0.5])).toThrow(/^indexSelect: index 0.5 at position 1/)
    expect(() => t.indexSelect(x, 1, [Number.NaN])).toThrow(/^indexSelect: index NaN/)
    expect(() => t.indexSelect(x, 1, [2 ** 32])).toThrow(/^indexSelect: index 4294967296/)
    expect(() => t.indexSelect(x, 1, f64([0]))).toThrow(/^indexSelect: the index is float64/)
    expect(() => t.indexSelect(x, 1, ints([0, 0], [1, 2]))).toThrow(/^indexSelect: .*\[1, 2\].*one axis/)
    expect(() => t.indexSelect(f64(1), 0, [0])).toThrow(/^indexSelect: .*scalar/)
  })
})

describe('embedding', () => {
  it('looks rows up for indices of any shape', () => {
    const weight = leaf([
      [1, 2],
      [3, 4],
    ])
    const y = t.embedding(weight, ints([1, 1, 0, 1], [2, 2]))
    expect(y.shape).toEqual([2, 2, 2])
    expect(listOf(y)).toEqual([3, 4, 3, 4, 1, 2, 3, 4])
    y.backward(t.ones([2, 2, 2], { dtype: 'float64' }))
    expect(gradOf(weight)).toEqual([1, 1, 3, 3])
    expect(t.embedding(weight, ints([1], [])).shape).toEqual([2])
  })

  it('wrong calls', () => {
    expect(() => t.embedding(t.zeros([3]), ints([0]))).toThrow(
      /^embedding: the table has shape \[3\]; expected \[count, features\]/,
    )
    expect(() => t.embedding(t.zeros([3, 2]), ints([3]))).toThrow(
      /^embedding: index 3 at position 0; allowed are 0 to 2/,
    )
    expect(() => t.embedding(t.zeros([3, 2]), t.zeros([1]))).toThrow(/^embedding: the index is float32/)
  })
})

describe('oneHot', () => {
  it('is 1 at each index', () => {
    const y = t.oneHot(ints([2, 0]), 3)
    expect(y.shape).toEqual([2, 3])
    expect(y.dtype).toBe('float32')
    expect(listOf(y)).toEqual([0, 0, 1, 1, 0, 0])
    expect(t.oneHot(f64([1]), 2, 'float64').dtype).toBe('float64')
    expect(t.oneHot(ints([]), 0).shape).toEqual([0, 0])
  })

  it('argmax finds the indices again', () => {
    forAll([shapes({ maxAxes: 3, maxElements: 12 }).chain((shape) => indicesInto(4, shape))], (indices) => {
      const y = t.oneHot(indices, 4)
      expect(listOf(t.argmax(y, -1))).toEqual(listOf(indices))
      expect(listOf(t.sum(y, -1)).every((sum) => sum === 1)).toBe(true)
    })
  })

  it('wrong calls', () => {
    expect(() => t.oneHot(ints([3]), 3)).toThrow(/^oneHot: index 3 at position 0; allowed are 0 to 2/)
    expect(() => t.oneHot(ints([1, -1]), 3)).toThrow(/^oneHot: index -1 at position 1; allowed are 0 to 2/)
    expect(() => t.oneHot(f64([0.5]), 3)).toThrow(/^oneHot: index 0.5/)
    for (const classes of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => t.oneHot(ints([0]), classes)).toThrow(t.ValueError)
      expect(() => t.oneHot(ints([0]), classes)).toThrow(/^oneHot: .*classes/)
    }
  })
})
