import fc from 'fast-check'
import * as t from '../../../src/tensor/index.ts'
import type { Range } from '../../../src/tensor/ops/layout.ts'
import { oneAxis, operandShape, shapes, tensorOf } from '../arbitraries.ts'
import { type GradientCall, type GradientCases, gradientCase, shown } from '../gradient-case.ts'

const single = (name: string, x: t.Tensor, run: (x: t.Tensor) => t.Tensor, ...rest: unknown[]): GradientCall => ({
  call: shown(name, [x], ...rest),
  run: (y) => run(y!),
  inputs: [x],
})

/** The axes of a tensor in any order, from either end. */
export function orders(rank: number): fc.Arbitrary<number[]> {
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  return fc
    .tuple(
      fc.shuffledSubarray(axes, { minLength: rank, maxLength: rank }),
      fc.array(fc.boolean(), { minLength: rank, maxLength: rank }),
    )
    .map(([order, fromEnd]) => order.map((axis, i) => (fromEnd[i] ? axis - rank : axis)))
}

/** Ranges as Python's slices: any start and stop, also beyond the ends; steps from 1. */
export function ranges(shape: t.Shape): fc.Arbitrary<Range[]> {
  const each = shape.map((size) =>
    fc.tuple(
      fc.integer({ min: -size - 1, max: size + 1 }),
      fc.integer({ min: -size - 1, max: size + 1 }),
      fc.integer({ min: 1, max: 3 }),
    ),
  )
  return fc.tuple(...each).chain((all) => fc.integer({ min: 0, max: all.length }).map((count) => all.slice(0, count)))
}

/** Parts that agree beside one axis. */
export const partsToConcat: fc.Arbitrary<{ parts: t.Tensor[]; axis: number }> = shapes({ minAxes: 1, maxElements: 12 })
  .chain((shape) => fc.tuple(fc.constant(shape), oneAxis(shape.length)))
  .chain(([shape, axis]) => {
    const at = axis < 0 ? axis + shape.length : axis
    const part = fc
      .integer({ min: 0, max: 3 })
      .chain((size) => tensorOf(shape.map((other, i) => (i === at ? size : other))))
    return fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => ({ parts, axis }))
  })

const stacks = shapes({ maxAxes: 3, maxElements: 12 })
  .chain((shape) => fc.tuple(fc.array(tensorOf(shape), { minLength: 1, maxLength: 3 }), oneAxis(shape.length + 1)))
  .map(
    ([inputs, axis]): GradientCall => ({
      call: shown('stack', inputs, axis),
      run: (...parts) => t.stack(parts, axis),
      inputs,
    }),
  )

/** The given axes joined with their neighbours, or everything flat, or a size left to be worked out. */
const reshapes = shapes()
  .chain(tensorOf)
  .chain((x) => {
    const flat = [x.size]
    const grown = [1, ...x.shape, 1]
    const unknown = x.size === 0 ? flat : [-1]
    const joined = x.shape.length > 1 ? [x.shape[0]! * x.shape[1]!, ...x.shape.slice(2)] : flat
    return fc.constantFrom(flat, grown, unknown, joined).map((to) => single('reshape', x, (y) => t.reshape(y, to), to))
  })

// -1 where the size stays.
function keepingSizes(from: t.Shape, out: t.Shape): number[] {
  return out.map((size, axis) => (size === from[axis - out.length + from.length] ? -1 : size))
}

const expands = shapes({ maxElements: 24 })
  .chain((out) => fc.tuple(fc.constant(out), operandShape(out)))
  .chain(([out, from]) => fc.tuple(tensorOf(from), fc.constantFrom(out, keepingSizes(from, out))))
  .map(([x, to]) => single('expand', x, (y) => t.expand(y, to), to))

const slices = shapes()
  .chain((shape) => fc.tuple(tensorOf(shape), ranges(shape)))
  .map(([x, along]) => single('slice', x, (y) => t.slice(y, along), along))

const narrows = shapes({ minAxes: 1 })
  .chain((shape) => fc.tuple(tensorOf(shape), oneAxis(shape.length)))
  .chain(([x, axis]) => {
    const size = x.shape.at(axis)!
    return fc.integer({ min: 0, max: size }).chain((start) =>
      fc.tuple(fc.integer({ min: 0, max: size - start }), fc.boolean()).map(([length, fromEnd]) => {
        const from = fromEnd && start < size ? start - size : start
        return single('narrow', x, (y) => t.narrow(y, axis, from, length), axis, from, length)
      }),
    )
  })

export const layoutCases: GradientCases = {
  reshape: gradientCase('y holds the elements of x in another shape;  dx = dy in the shape of x', reshapes),
  transpose: gradientCase(
    'y = x with two axes swapped;  dx = dy with the same axes swapped',
    shapes({ minAxes: 2 })
      .chain((shape) => fc.tuple(tensorOf(shape), oneAxis(shape.length), oneAxis(shape.length)))
      .map(([x, a, b]) => single('transpose', x, (y) => t.transpose(y, a, b), a, b)),
  ),
  permute: gradientCase(
    'axis i of y is axis axes[i] of x;  dx = dy with the inverse order of axes',
    shapes()
      .chain((shape) => fc.tuple(tensorOf(shape), orders(shape.length)))
      .map(([x, order]) => single('permute', x, (y) => t.permute(y, order), order)),
  ),
  expand: gradientCase('y repeats x;  dx = dy summed over the repeated axes', expands),
  squeeze: gradientCase(
    'y = x without its axes of size 1;  dx = dy in the shape of x',
    shapes()
      .chain(tensorOf)
      .map((x) => single('squeeze', x, (y) => t.squeeze(y))),
  ),
  unsqueeze: gradientCase(
    'y = x with another axis of size 1;  dx = dy in the shape of x',
    shapes({ maxAxes: 4 })
      .chain((shape) => fc.tuple(tensorOf(shape), oneAxis(shape.length + 1)))
      .map(([x, axis]) => single('unsqueeze', x, (y) => t.unsqueeze(y, axis), axis)),
  ),
  narrow: gradientCase('y = x[start : start + length] along an axis;  dx = dy there, else 0', narrows),
  slice: gradientCase('y = x[start : stop : step] along the first axes;  dx = dy there, else 0', slices),
  concat: gradientCase(
    'y = the parts side by side along an axis;  the gradient of each part is its section of dy',
    partsToConcat.map(({ parts, axis }) => ({
      call: shown('concat', parts, axis),
      run: (...inputs) => t.concat(inputs, axis),
      inputs: parts,
    })),
  ),
  split: gradientCase(
    'part i of y is section i of x along an axis;  dx = dy there, else 0',
    shapes({ minAxes: 1, minSize: 1 })
      .chain((shape) => fc.tuple(tensorOf(shape), oneAxis(shape.length), fc.integer({ min: 1, max: 3 })))
      .map(([x, axis, size]) => single('split', x, (y) => t.split(y, size, axis).at(-1)!, size, axis)),
  ),
  stack: gradientCase('y[i] = part i along a new axis;  the gradient of part i is dy[i]', stacks),
}
