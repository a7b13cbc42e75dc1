import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ShapeError } from '../../src/tensor/errors.ts'
import * as shape from '../../src/tensor/shape.ts'
import { broadcastableShapes, operandShape, shapes, someAxes } from '../support/arbitraries.ts'
import { indicesOf } from '../support/naive.ts'
import { property } from '../support/property.ts'

describe('sizes and strides', () => {
  it('a scalar has one element, an axis of size 0 leaves none', () => {
    expect([[], [5], [2, 3], [2, 0, 3]].map(shape.sizeOf)).toEqual([1, 5, 6, 0])
    expect(shape.stridesOf([2, 3, 4])).toEqual([12, 4, 1])
    expect(shape.stridesOf([])).toEqual([])
  })

  property('strides lead to each element in row-major order', [shapes()], (each) => {
    const strides = shape.stridesOf(each)
    const places = Array.from(indicesOf(each), (index) => index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0))
    expect(places).toEqual(Array.from({ length: shape.sizeOf(each) }, (_, i) => i))
  })

  it('sameShape compares sizes, not lists', () => {
    expect(shape.sameShape([2, 3], [2, 3])).toBe(true)
    const own = [2, 3]
    expect(shape.sameShape(own, own)).toBe(true)
    expect(shape.sameShape([2, 3], [3, 2])).toBe(false)
    expect(shape.sameShape([2], [2, 1])).toBe(false)
    expect(shape.sameShape([], [])).toBe(true)
  })
})

describe('axes', () => {
  it('are sorted, each once, from 0', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 }).chain((rank) => fc.tuple(fc.constant(rank), someAxes(rank))),
        ([rank, axes]) => {
          const normal = shape.normalizeAxes('op', axes, rank)
          const list = axes === undefined ? [...Array(rank).keys()] : typeof axes === 'number' ? [axes] : axes
          expect(new Set(normal)).toEqual(new Set(list.map((axis) => (axis + rank) % rank)))
          expect(normal).toEqual([...new Set(normal)].sort((a, b) => a - b))
        },
      ),
    )
  })

  it('outside are refused with the name of the operation', () => {
    for (const axis of [2, -3, 0.5, Number.NaN]) {
      expect(() => shape.normalizeAxis('mean', axis, 2)).toThrow(ShapeError)
      expect(() => shape.normalizeAxis('mean', axis, 2)).toThrow(
        `mean: axis ${axis} of a tensor with 2 axes; allowed are -2 to 1`,
      )
    }
    expect(() => shape.normalizeAxis('mean', 1, 1)).toThrow('a tensor with 1 axis; allowed are -1 to 0')
    expect(() => shape.normalizeAxis('mean', 0, 0)).toThrow('a scalar, which has no axes')
    expect(() => shape.normalizeAxes('mean', [1, -1], 2)).toThrow('mean: axis 1 is repeated in [1, -1]')
  })
})

describe('broadcasting', () => {
  it('is what PyTorch does', () => {
    expect(shape.broadcastShapes('add', [2, 3], [3])).toEqual([2, 3])
    expect(shape.broadcastShapes('add', [2, 1], [3])).toEqual([2, 3])
    expect(shape.broadcastShapes('add', [], [2, 2])).toEqual([2, 2])
    expect(shape.broadcastShapes('add', [0], [1])).toEqual([0])
    expect(shape.broadcastShapes('add', [4, 1, 0], [3, 1])).toEqual([4, 3, 0])
    expect(() => shape.broadcastShapes('add', [0], [3])).toThrow(ShapeError)
    expect(() => shape.broadcastShapes('add', [2, 4, 3], [2, 3, 3])).toThrow(
      /^add: shapes \[2, 4, 3\] and \[2, 3, 3\] do not broadcast: axis -2 has 4 and 3, .*Reshape/,
    )
  })

  property('is symmetric, and the result broadcasts with both', [broadcastableShapes()], ({ a, b, out }) => {
    expect(shape.broadcastShapes('op', a, b)).toEqual(out)
    expect(shape.broadcastShapes('op', b, a)).toEqual(out)
    expect(shape.broadcastShapes('op', a, out)).toEqual(out)
  })

  const operands = shapes().chain((out) => fc.record({ out: fc.constant(out), own: operandShape(out) }))

  property('strides read the operand as if it had the common shape', [operands], ({ out, own }) => {
    const strides = shape.broadcastStrides(own, out)
    const skipped = out.length - own.length
    for (const index of indicesOf(out)) {
      const place = index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0)
      const plain = own.reduce((sum, size, axis) => sum * size + (size === 1 ? 0 : index[axis + skipped]!), 0)
      expect(place).toBe(plain)
    }
  })
})
