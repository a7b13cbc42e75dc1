import fc from 'fast-check'
import * as t from '../../../src/tensor/index.ts'
import type { Axes } from '../../../src/tensor/ops/reduce.ts'
import { awayFromZero, distinct, oneAxis, type ShapeLimits, shapes, someAxes, tensorOf } from '../arbitraries.ts'
import { type GradientCall, type GradientCases, gradientCase, type Kink, kink, shown } from '../gradient-case.ts'
import { plainAxes } from '../naive.ts'

type OverAxes = (x: t.Tensor, axes?: Axes, keepDims?: boolean) => t.Tensor
type Inputs = (shape: t.Shape) => fc.Arbitrary<t.Tensor>

const overAxes = (
  name: string,
  run: OverAxes,
  inputs: Inputs = tensorOf,
  limits: ShapeLimits = {},
  ...rest: unknown[]
) =>
  shapes(limits).chain((shape) =>
    fc.tuple(inputs(shape), someAxes(shape.length), fc.boolean()).map(
      ([x, axes, keepDims]): GradientCall => ({
        call: shown(name, [x], axes ?? 'all', keepDims, ...rest),
        run: (y) => run(y!, axes, keepDims),
        inputs: [x],
      }),
    ),
  )

const alongAxis = (name: string, run: (x: t.Tensor, axis: number, keepDims: boolean) => t.Tensor, inputs: Inputs) =>
  shapes({ minAxes: 1, minSize: 1 }).chain((shape) =>
    fc.tuple(inputs(shape), oneAxis(shape.length), fc.boolean()).map(
      ([x, axis, keepDims]): GradientCall => ({
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

/** The largest or smallest of all elements. */
const ofAll = (name: string, run: (x: t.Tensor) => t.Tensor) =>
  shapes({ minSize: 1 })
    .chain(distinct)
    .map((x): GradientCall => ({ call: shown(name, [x]), run: (y) => run(y!), inputs: [x] }))

const tie = (run: (x: t.Tensor) => t.Tensor, first: number[]): Kink[] => [kink(run, [[1, 1]], first, [0, 0])]

export const reduceCases: GradientCases = {
  sum: gradientCase('y = Σ x;  dx = dy, repeated', overAxes('sum', t.sum)),
  mean: gradientCase('y = Σ x / n;  dx = dy / n, repeated', overAxes('mean', t.mean)),
  amax: gradientCase(
    'y = max x;  dx = dy at the largest, else 0',
    overAxes('amax', t.amax, distinct, { minSize: 1 }),
    tie((x) => t.amax(x), [0.5, 0.5]),
  ),
  amin: gradientCase(
    'y = min x;  dx = dy at the smallest, else 0',
    overAxes('amin', t.amin, distinct, { minSize: 1 }),
    tie((x) => t.amin(x), [0.5, 0.5]),
  ),
  'max (axis)': gradientCase(
    'y = max x along an axis;  dx = dy at the largest, else 0',
    alongAxis('max', t.max, distinct),
    tie((x) => t.max(x, 0), [1, 0]),
  ),
  'min (axis)': gradientCase(
    'y = min x along an axis;  dx = dy at the smallest, else 0',
    alongAxis('min', t.min, distinct),
    tie((x) => t.min(x, 0), [1, 0]),
  ),
  'max (all)': gradientCase(
    'y = max x;  dx = dy at the largest, else 0',
    ofAll('max', (x) => t.max(x)),
    tie((x) => t.max(x), [0.5, 0.5]),
  ),
  'min (all)': gradientCase(
    'y = min x;  dx = dy at the smallest, else 0',
    ofAll('min', (x) => t.min(x)),
    tie((x) => t.min(x), [0.5, 0.5]),
  ),
  variance: gradientCase(
    'y = Σ (x − mean)² / (n − 1);  dx = 2 dy (x − mean) / (n − 1)',
    overAxes('variance', spreadOf(t.variance)),
  ),
  'variance (population)': gradientCase(
    'y = Σ (x − mean)² / n;  dx = 2 dy (x − mean) / n',
    overAxes('variance', (x, axes, keepDims) => t.variance(x, axes, keepDims, 0), tensorOf, {}, 0),
  ),
  std: gradientCase(
    'y = √(Σ (x − mean)² / (n − 1));  dx = dy (x − mean) / ((n − 1) y)',
    overAxes('std', spreadOf(t.std), distinct),
    tie((x) => t.std(x), [0, 0]),
  ),
  'std (population)': gradientCase(
    'y = √(Σ (x − mean)² / n);  dx = dy (x − mean) / (n y)',
    overAxes('std', (x, axes, keepDims) => t.std(x, axes, keepDims, 0), distinct, {}, 0),
    tie((x) => t.std(x, 0, false, 0), [0, 0]),
  ),
  norm: gradientCase(
    'y = √(Σ x²);  dx = dy x / y',
    overAxes('norm', t.norm, (shape) => awayFromZero(shape, 0.3)),
    [kink((x) => t.norm(x), [[0, 0]], [0, 0], [0, 0])],
  ),
  logsumexp: gradientCase('y = ln Σ e^x;  dx = dy softmax(x)', overAxes('logsumexp', t.logsumexp)),
  cumsum: gradientCase(
    'y[i] = Σ x[j] over j ≤ i;  dx[i] = Σ dy[j] over j ≥ i',
    alongAxis('cumsum', (x, axis) => t.cumsum(x, axis), tensorOf),
  ),
}

/** Numbers of which some are 0. */
const withZeros: Inputs = (shape) =>
  tensorOf(shape).map((x) => t.mul(x, t.greater(t.abs(x), t.tensor([0.5], [], { dtype: 'float64' }))))

/** Not part of `allCases`: these compute on the CPU only. */
export const orderCases: GradientCases = {
  cumprod: gradientCase(
    'y[i] = Π x[j] over j ≤ i;  dx[i] = Σ dy[j] Π x[k] over k ≤ j but i, j ≥ i',
    alongAxis('cumprod', (x, axis) => t.cumprod(x, axis), withZeros),
    [kink((x) => t.cumprod(x, 0), [[0, 0]], [1, 0], [1, 1])],
  ),
  sort: gradientCase(
    'y[i] = x[indices[i]];  dx[indices[i]] = dy[i]',
    alongAxis('sort', (x, axis, down) => t.sort(x, axis, down).values, distinct),
    tie((x) => t.mul(t.sort(x).values, t.tensor(Float64Array.of(2, 3))), [2, 3]),
  ),
  topk: gradientCase(
    'y = the k largest, largest first;  dx[indices[i]] = dy[i], else 0',
    alongAxis('topk', (x, axis) => t.topk(x, Math.ceil(x.shape.at(axis)! / 2), axis).values, distinct),
    tie((x) => t.topk(x, 1).values, [1, 0]),
  ),
}
