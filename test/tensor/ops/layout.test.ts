import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as t from '../../../src/tensor/index.ts'
import { oneAxis, operandShape, shapes, tensorOf } from '../../support/arbitraries.ts'
import { gradientProperty } from '../../support/gradients.ts'
import { at, build } from '../../support/naive.ts'
import { f64, gradOf, leaf, listOf } from '../../support/numbers.ts'
import { layoutCases, orders, partsToConcat, ranges } from '../../support/op-cases/layout.ts'
import { forAll, property } from '../../support/property.ts'

const x = f64([1, 2, 3, 4, 5, 6], [2, 3])

it.each(Object.entries(layoutCases))('the gradient of each operation: %s', (_, { calls }) => gradientProperty(calls))

describe('reshape, squeeze, unsqueeze', () => {
  it('keep the order of the elements', () => {
    expect(t.reshape(x, [3, 2]).shape).toEqual([3, 2])
    expect(listOf(t.reshape(x, [3, 2]))).toEqual([1, 2, 3, 4, 5, 6])
    expect(t.reshape(x, [-1]).shape).toEqual([6])
    expect(t.reshape(x, [3, -1, 1]).shape).toEqual([3, 2, 1])
    expect(t.reshape(f64(7), [1, 1]).shape).toEqual([1, 1])
    expect(t.unsqueeze(x, 0).shape).toEqual([1, 2, 3])
    expect(t.unsqueeze(x, -1).shape).toEqual([2, 3, 1])
    expect(t.unsqueeze(f64(7), 0).shape).toEqual([1])
    expect(t.squeeze(t.zeros([1, 2, 1])).shape).toEqual([2])
    expect(t.squeeze(t.zeros([1, 2, 1]), -1).shape).toEqual([1, 2])
    expect(t.squeeze(t.zeros([1, 2, 1]), 1).shape).toEqual([1, 2, 1])
  })

  it('wrong calls name the shapes', () => {
    expect(() => t.reshape(x, [4, 2])).toThrow(t.ShapeError)
    expect(() => t.reshape(x, [4, 2])).toThrow(/^reshape: \[2, 3\] has 6 elements.*\[4, 2\]/)
    expect(() => t.reshape(x, [4, -1])).toThrow(/^reshape: .*\[4, -1\]/)
    expect(() => t.reshape(x, [-1, -1])).toThrow(/^reshape: .*several sizes of -1/)
    expect(() => t.reshape(x, [-2, -3])).toThrow(/^reshape: /)
    expect(() => t.reshape(x, [1.5, 4])).toThrow(/^reshape: /)
    expect(() => t.reshape(t.zeros([0]), [0, -1])).toThrow(/^reshape: .*\[0, -1\]/)
    expect(() => t.squeeze(x, 2)).toThrow(/^squeeze: axis 2/)
    expect(() => t.unsqueeze(x, 3)).toThrow(/^unsqueeze: axis 3/)
  })
})

describe('transpose and permute', () => {
  it('move axes', () => {
    expect(listOf(t.transpose(x))).toEqual([1, 4, 2, 5, 3, 6])
    expect(t.transpose(t.zeros([2, 3, 4])).shape).toEqual([2, 4, 3])
    expect(t.transpose(t.zeros([2, 3, 4]), 0, -1).shape).toEqual([4, 3, 2])
    expect(t.permute(t.zeros([2, 3, 4]), [2, 0, 1]).shape).toEqual([4, 2, 3])
    expect(t.permute(f64(7), []).item()).toBe(7)
  })

  it('element by element, and back again', () => {
    forAll([shapes().chain((shape) => fc.tuple(tensorOf(shape), orders(shape.length)))], ([from, order]) => {
      const plain = order.map((axis) => (axis < 0 ? axis + order.length : axis))
      const moved = t.permute(from, order)
      expect(moved.shape).toEqual(plain.map((axis) => from.shape[axis]))
      const inverse = plain.map((_, axis) => plain.indexOf(axis))
      expect(listOf(moved)).toEqual(
        build(moved.shape, (index) =>
          at(
            from,
            inverse.map((place) => index[place]!),
          ),
        ),
      )
      expect(listOf(t.permute(moved, inverse))).toEqual(listOf(from))
    })
  })

  it('wrong calls name the axes', () => {
    expect(() => t.permute(x, [0, 0])).toThrow(/^permute: the axes \[0, 0\]; expected each of the 2 axes once/)
    expect(() => t.permute(x, [0])).toThrow(/^permute: /)
    expect(() => t.permute(x, [0, 1, -1])).toThrow(/^permute: /)
    expect(() => t.permute(x, [0, 2])).toThrow(/^permute: axis 2/)
    expect(() => t.transpose(f64([1, 2]))).toThrow(/^transpose: axis -2 of a tensor with 1 axis;/)
    expect(() => t.transpose(f64(1))).toThrow(/^transpose: .*scalar/)
  })
})

describe('expand', () => {
  it('repeats along axes of size 1 and new axes; -1 keeps a size', () => {
    expect(listOf(t.expand(f64([[1], [2]]), [2, 3]))).toEqual([1, 1, 1, 2, 2, 2])
    expect(listOf(t.expand(f64([1, 2]), [2, -1]))).toEqual([1, 2, 1, 2])
    expect(t.expand(f64(7), [2, 2]).shape).toEqual([2, 2])
    expect(t.expand(t.zeros([1, 3]), [0, 3]).shape).toEqual([0, 3])
  })

  it('to its own shape is a tensor of its own, with a gradient of its own', () => {
    const from = leaf([1, 2])
    const same = t.expand(from, [2])
    expect(same).not.toBe(from)
    same.backward(f64([3, 4]))
    expect(gradOf(from)).toEqual([3, 4])
  })

  it('element by element', () => {
    fc.assert(
      fc.property(
        shapes({ maxElements: 24 })
          .chain((out) => fc.tuple(fc.constant(out), operandShape(out)))
          .chain(([out, from]) => fc.tuple(fc.constant(out), tensorOf(from))),
        ([out, from]) => {
          expect(listOf(t.expand(from, out))).toEqual(build(out, (index) => at(from, index)))
        },
      ),
    )
  })

  it('wrong calls name both shapes', () => {
    for (const shape of [[3], [2], [1, 3], [2, 4], [-1, 2, 3], [-2, 3], [2, 3.5], [2, Number.NaN]]) {
      expect(() => t.expand(x, shape)).toThrow(t.ShapeError)
      expect(() => t.expand(x, shape)).toThrow(/^expand: .*\[2, 3\]/)
    }
    expect(() => t.expand(f64([1]), [-2])).toThrow(t.ShapeError)
  })
})

describe('slice and narrow', () => {
  it('take from start up to but without stop, from either end, in steps', () => {
    const line = f64([0, 1, 2, 3, 4, 5])
    expect(listOf(t.slice(line, [[1, 3]]))).toEqual([1, 2])
    expect(listOf(t.slice(line, [[-2, 6]]))).toEqual([4, 5])
    expect(listOf(t.slice(line, [[0, -1, 2]]))).toEqual([0, 2, 4])
    expect(listOf(t.slice(line, [[-100, 100]]))).toEqual([0, 1, 2, 3, 4, 5])
    expect(listOf(t.slice(line, [[4, 2]]))).toEqual([])
    expect(listOf(t.slice(line, [[4, Infinity]]))).toEqual([4, 5])
    expect(listOf(t.slice(line, [[-Infinity, 2]]))).toEqual([0, 1])
    expect(t.slice(x, [[1, 2]]).shape).toEqual([1, 3])
    expect(listOf(t.narrow(x, -1, 1, 2))).toEqual([2, 3, 5, 6])
    expect(listOf(t.narrow(x, 1, -2, 1))).toEqual([2, 5])
    expect(t.narrow(x, 0, 2, 0).shape).toEqual([0, 3])
  })

  it('the gradient of a slice from a negative start lands where the elements came from', () => {
    const from = leaf([
      [1, 2, 3],
      [4, 5, 6],
    ])
    t.slice(from, [
      [0, 2],
      [-2, 3],
    ]).backward(
      f64([
        [1, 2],
        [3, 4],
      ]),
    )
    expect(gradOf(from)).toEqual([0, 1, 2, 0, 3, 4])
  })

  it('element by element, as JavaScript slices a list', () => {
    forAll([shapes().chain((shape) => fc.tuple(tensorOf(shape), ranges(shape)))], { numRuns: 200 }, ([from, along]) => {
      const places = from.shape.map((size, axis) => {
        const all = Array.from({ length: size }, (_, i) => i)
        const [start, stop, step] = along[axis] ?? [0, size, 1]
        return all.slice(start, stop).filter((_, i) => i % (step ?? 1) === 0)
      })
      const part = t.slice(from, along)
      expect(part.shape).toEqual(places.map((list) => list.length))
      expect(listOf(part)).toEqual(
        build(part.shape, (index) =>
          at(
            from,
            index.map((i, axis) => places[axis]![i]!),
          ),
        ),
      )
    })
  })

  it('wrong calls say what does not fit', () => {
    expect(() =>
      t.slice(x, [
        [0, 1],
        [0, 1],
        [0, 1],
      ]),
    ).toThrow(/^slice: 3 ranges for \[2, 3\], which has 2 axes/)
    expect(() => t.slice(x, [[0, 2, 0]])).toThrow(/^slice: the step 0/)
    expect(() => t.slice(x, [[0, 2, -1]])).toThrow(/^slice: the step -1/)
    expect(() => t.slice(x, [[0.5, 2]])).toThrow(/^slice: .*0\.5/)
    expect(() => t.slice(x, [[0, Number.NaN]])).toThrow(/^slice: .*NaN/)
    expect(() => t.narrow(x, 1, 2, 2)).toThrow(/^narrow: 2 elements from 2 .*axis 1 of \[2, 3\]/)
    expect(() => t.narrow(x, 1, -4, 1)).toThrow(/^narrow: /)
    expect(() => t.narrow(x, 1, 0, -1)).toThrow(/^narrow: /)
    expect(() => t.narrow(x, 1, 0.5, 1)).toThrow(/^narrow: /)
  })
})

describe('concat and stack', () => {
  it('join along an axis that is there, or a new one', () => {
    const [a, b] = [
      f64([[1], [2]]),
      f64([
        [3, 4],
        [5, 6],
      ]),
    ]
    expect(listOf(t.concat([a, b], 1))).toEqual([1, 3, 4, 2, 5, 6])
    expect(t.stack([f64([1, 2]), f64([3, 4])]).shape).toEqual([2, 2])
    expect(listOf(t.stack([f64([1, 2]), f64([3, 4])], -1))).toEqual([1, 3, 2, 4])
    expect(t.stack([f64(1), f64(2)]).shape).toEqual([2])
  })

  property('slices of the whole are the parts again', [partsToConcat], ({ parts, axis }) => {
    const whole = t.concat(parts, axis)
    let start = 0
    for (const part of parts) {
      const size = part.shape.at(axis)!
      const back = t.narrow(whole, axis, start, size)
      expect(back.shape).toEqual(part.shape)
      expect(listOf(back)).toEqual(listOf(part))
      start += size
    }
    expect(whole.shape.at(axis)).toBe(start)
  })

  it('a stack holds each part along its new axis', () => {
    fc.assert(
      fc.property(
        shapes({ maxAxes: 3, maxElements: 12 }).chain((shape) =>
          fc.tuple(fc.array(tensorOf(shape), { minLength: 1, maxLength: 3 }), oneAxis(shape.length + 1)),
        ),
        ([parts, axis]) => {
          const whole = t.stack(parts, axis)
          expect(whole.shape.length).toBe(parts[0]!.shape.length + 1)
          for (const [i, part] of parts.entries())
            expect(listOf(t.squeeze(t.narrow(whole, axis, i, 1), axis))).toEqual(listOf(part))
        },
      ),
    )
  })

  it('the same part twice collects both gradients', () => {
    const part = leaf([1, 2])
    t.concat([part, part]).backward(f64([1, 2, 30, 40]))
    expect(gradOf(part)).toEqual([31, 42])
  })

  it('wrong calls name the operation and the shapes', () => {
    expect(() => t.concat([])).toThrow(/^concat: an empty list/)
    expect(() => t.stack([])).toThrow(/^stack: an empty list/)
    expect(() => t.concat([t.zeros([2, 3]), t.zeros([3, 3])], 1)).toThrow(/^concat: \[3, 3\] and \[2, 3\].*axis 1/)
    expect(() => t.concat([t.zeros([2]), t.zeros([2, 1])])).toThrow(t.ShapeError)
    expect(() => t.concat([t.zeros([2, 1]), t.zeros([2])])).toThrow(/^concat: \[2\] and \[2, 1\] differ beside axis 0/)
    expect(() => t.stack([t.zeros([2]), t.zeros([3])])).toThrow(/^stack: \[3\] and \[2\]/)
    expect(() => t.stack([t.zeros([2])], 2)).toThrow(/^stack: axis 2/)
    expect(() => t.concat([t.zeros([2])], 1)).toThrow(/^concat: axis 1/)
    expect(() => t.concat([f64(1)])).toThrow(/^concat: .*scalar/)
    expect(() => t.concat([t.zeros([2]), f64([1])])).toThrow(/^concat: .*float32 and float64/)
    expect(() => t.stack([t.zeros([1]), f64([1])])).toThrow(/^stack: .*float32 and float64/)
  })
})
