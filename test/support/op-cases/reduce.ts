import fc from 'fast-check'
import * as t from '../../../src/tensor/index.ts'
import type { Axes } from '../../../src/tensor/ops/reduce.ts'
import { distinct, oneAxis, type ShapeLimits, shapes, someAxes, tensorOf } from '../arbitraries.ts'
import { plainAxes } from '../naive.ts'
import { type OpCase, type OpCases, shown } from './op-case.ts'

type OverAxes = (x: t.Tensor, axes?: Axes, keepDims?: boolean) => t.Tensor
type Inputs = (shape: t.Shape) => fc.Arbitrary<t.Tensor>

const overAxes = (name: string, run: OverAxes, inputs: Inputs = tensorOf, limits: ShapeLimits = {}) =>
  shapes(limits).chain((shape) =>
    fc.tuple(inputs(shape), someAxes(shape.length), fc.boolean()).map(
      ([x, axes, keepDims]): OpCase => ({
        call: shown(name, [x], axes ?? 'all', keepDims),
        run: (y) => run(y!, axes, keepDims),
        inputs: [x],
      }),
    ),
  )

const alongAxis = (name: string, run: (x: t.Tensor, axis: number, keepDims: boolean) => t.Tensor, inputs: Inputs) =>
  shapes({ minAxes: 1, minSize: 1 }).chain((shape) =>
    fc.tuple(inputs(shape), oneAxis(shape.length), fc.boolean()).map(
      ([x, axis, keepDims]): OpCase => ({
        call: shown(name, [x], axis, keepDims),
        run: (y) => run(y!, axis, keepDims),
        inputs: [x],
      }),
    ),
  )

/** How many elements meet in one result. */
export function countOver(x: t.Tensor, axes: Axes | undefined): number {
  return plainAxes(axes, x.shape.length).reduce((count, axis) => count * x.shape[axis]!, 1)
}

// Correction 1 leaves nothing to divide by when one element meets itself.
const spreadOf =
  (run: typeof t.variance): OverAxes =>
  (x, axes, keepDims) =>
    run(x, axes, keepDims, countOver(x, axes) > 1 ? 1 : 0)

export const reduceCases: OpCases = {
  sum: overAxes('sum', t.sum),
  mean: overAxes('mean', t.mean),
  amax: overAxes('amax', t.amax, distinct, { minSize: 1 }),
  amin: overAxes('amin', t.amin, distinct, { minSize: 1 }),
  'max (axis)': alongAxis('max', t.max, distinct),
  'min (axis)': alongAxis('min', t.min, distinct),
  'max (all)': shapes({ minSize: 1 })
    .chain(distinct)
    .map((x) => ({ call: shown('max', [x]), run: (y) => t.max(y!), inputs: [x] })),
  'min (all)': shapes({ minSize: 1 })
    .chain(distinct)
    .map((x) => ({ call: shown('min', [x]), run: (y) => t.min(y!), inputs: [x] })),
  variance: overAxes('variance', spreadOf(t.variance)),
  'variance (population)': overAxes('variance 0', (x, axes, keepDims) => t.variance(x, axes, keepDims, 0)),
  std: overAxes('std', spreadOf(t.std), distinct),
  'std (population)': overAxes('std 0', (x, axes, keepDims) => t.std(x, axes, keepDims, 0), distinct),
  logsumexp: overAxes('logsumexp', t.logsumexp),
  cumsum: alongAxis('cumsum', (x, axis) => t.cumsum(x, axis), tensorOf),
}
