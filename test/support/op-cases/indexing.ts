import fc from 'fast-check'
import * as t from '../../../src/tensor/index.ts'
import { sizeOf } from '../../../src/tensor/shape.ts'
import { oneAxis, shapes, tensorOf } from '../arbitraries.ts'
import { type GradientCall, type GradientCases, gradientCase, shown } from '../gradient-case.ts'

/** Indices, for messages. */
const written = (indices: t.Tensor) => ({ shape: indices.shape, indices: Array.from(indices.view()) })

/** Indices of a shape into an axis of `size` elements; repeats are frequent. */
export function indicesInto(size: number, shape: t.Shape): fc.Arbitrary<t.Tensor> {
  const length = sizeOf(shape)
  return fc
    .array(fc.integer({ min: 0, max: Math.max(0, size - 1) }), { minLength: length, maxLength: length, size: 'max' })
    .map((values) => t.tensor(Int32Array.from(values), shape))
}

export interface GatherCase {
  readonly x: t.Tensor
  readonly axis: number
  readonly index: t.Tensor
}

export const gathers: fc.Arbitrary<GatherCase> = shapes({ minAxes: 1, minSize: 1, maxElements: 24 }).chain((shape) =>
  fc
    .tuple(oneAxis(shape.length), fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 5, maxLength: 5 }))
    .chain(([axis, dice]) => {
      const at = axis < 0 ? axis + shape.length : axis
      // As long as it likes along the axis, at most as long as x along the others.
      const wanted = shape.map((size, i) => (i === at ? dice[i]! : Math.min(size, dice[i]! + 1)))
      return fc.record({ x: tensorOf(shape), axis: fc.constant(axis), index: indicesInto(shape[at]!, wanted) })
    }),
)

export interface SelectCase {
  readonly x: t.Tensor
  readonly axis: number
  readonly indices: t.Tensor
}

export const selects: fc.Arbitrary<SelectCase> = shapes({ minAxes: 1, minSize: 1, maxElements: 24 }).chain((shape) =>
  fc
    .tuple(oneAxis(shape.length), fc.integer({ min: 0, max: 5 }))
    .chain(([axis, count]) =>
      fc.record({ x: tensorOf(shape), axis: fc.constant(axis), indices: indicesInto(shape.at(axis)!, [count]) }),
    ),
)

const embeddings: fc.Arbitrary<GradientCall> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 }), shapes({ maxAxes: 3, maxElements: 8 }))
  .chain(([count, features, shape]) => fc.tuple(tensorOf([count, features]), indicesInto(count, shape)))
  .map(([weight, indices]) => ({
    call: shown('embedding', [weight], written(indices)),
    run: (w) => t.embedding(w!, indices),
    inputs: [weight],
  }))

export const indexingCases: GradientCases = {
  gather: gradientCase(
    'y[i, j] = x[index[i, j], j] along the axis;  dx[index[i, j], j] += dy[i, j]',
    gathers.map(({ x, axis, index }) => ({
      call: shown('gather', [x], axis, written(index)),
      run: (y) => t.gather(y!, axis, index),
      inputs: [x],
    })),
  ),
  indexSelect: gradientCase(
    'y[i] = x[indices[i]] along the axis;  dx[indices[i]] += dy[i]',
    selects.map(({ x, axis, indices }) => ({
      call: shown('indexSelect', [x], axis, written(indices)),
      run: (y) => t.indexSelect(y!, axis, indices),
      inputs: [x],
    })),
  ),
  flip: gradientCase(
    'y = x in reverse order along an axis;  dx = dy in reverse order',
    selects.map(({ x, axis }) => ({ call: shown('flip', [x], axis), run: (y) => t.flip(y!, axis), inputs: [x] })),
  ),
  embedding: gradientCase('y[i] = W[indices[i]];  dW[indices[i]] += dy[i]', embeddings),
}
