// Operations over one, several or all axes. Default axes: all. Negative axes count from the end. `keepDims` keeps reduced axes
// with size 1.

import { customOp } from '../autograd/autograd.ts'
import { Tensor } from '../autograd/tensor.ts'
import { argReductions } from '../dispatch/families.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { normalizeAxis } from '../shape.ts'
import { div, exp, mul, sub } from './elementwise.ts'
import {
  axesOf,
  axisView,
  backendFor,
  choose,
  constant,
  countOver,
  map,
  permuted,
  reduceAxes,
  reducedShape,
  requireFloat,
  view,
  zip,
} from './primitives.ts'
import { picked, reshaped, select, spreadBack } from './recorded.ts'

export type Axes = number | readonly number[]

/** y = Σ x.  dx = dy, repeated. */
export function sum(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  const over = axesOf('sum', x, axes)
  const { dims } = x
  return customOp(reduceAxes('sum', x, over, keepDims), [x], [(dy) => spreadBack(dy, dims, over)])
}

/** y = Σ x / n.  dx = dy / n, repeated. NaN for no elements. */
export function mean(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  requireFloat('mean', x)
  const over = axesOf('mean', x, axes)
  const share = 1 / countOver(x, over)
  return customOp(
    map('scale', reduceAxes('sum', x, over, keepDims), share),
    [x],
    [(dy) => spreadBack(mul(dy, share), x.dims, over)],
  )
}

/** The largest element; NaN if there is one. Ties share the gradient equally. Throws a ShapeError on an empty axis. */
export function amax(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  return extreme('amax', 'max', x, axes, keepDims)
}

/** The smallest element; NaN if there is one. Ties share the gradient equally. Throws a ShapeError on an empty axis. */
export function amin(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  return extreme('amin', 'min', x, axes, keepDims)
}

/** Without an axis, `amax`. With one, the largest along it; the gradient flows to the first of equals. */
export function max(x: Tensor, axis?: number, keepDims = false): Tensor {
  return axis === undefined ? amax(x) : atIndex('max', argExtreme('argmax', x, axis, true, 'max'), x, axis, keepDims)
}

/** Without an axis, `amin`. With one, the smallest along it; the gradient flows to the first of equals. */
export function min(x: Tensor, axis?: number, keepDims = false): Tensor {
  return axis === undefined ? amin(x) : atIndex('min', argExtreme('argmin', x, axis, true, 'min'), x, axis, keepDims)
}

/** The int32 index of the first largest element along an axis, or in the flattened tensor. NaN counts as largest. */
export function argmax(x: Tensor, axis?: number, keepDims = false): Tensor {
  return argExtreme('argmax', x, axis, keepDims)
}

/** The int32 index of the first smallest element along an axis, or in the flattened tensor. NaN counts as smallest. */
export function argmin(x: Tensor, axis?: number, keepDims = false): Tensor {
  return argExtreme('argmin', x, axis, keepDims)
}

/** Σ (x - mean)² / (n - correction). Correction 1 (default): unbiased sample variance; 0: population variance. */
export function variance(x: Tensor, axes?: Axes, keepDims = false, correction = 1): Tensor {
  requireFloat('variance', x)
  const over = axesOf('variance', x, axes)
  const divisor = 1 / Math.max(0, countOver(x, over) - correction)
  const centered = centeredOver(x, over)
  const y = map('scale', reduceAxes('sum', map('square', centered), over, keepDims), divisor)
  // The gradient through the mean is 0, because Σ (x - mean) = 0.
  return customOp(y, [x], [(dy) => mul(spreadBack(mul(dy, 2 * divisor), x.dims, over), centered)])
}

/** The square root of `variance`. The gradient is 0 where all elements are equal. */
export function std(x: Tensor, axes?: Axes, keepDims = false, correction = 1): Tensor {
  requireFloat('std', x)
  const over = axesOf('std', x, axes)
  const divisor = 1 / Math.max(0, countOver(x, over) - correction)
  const centered = centeredOver(x, over)
  const y = map('sqrt', map('scale', reduceAxes('sum', map('square', centered), over, keepDims), divisor))
  const dx = (dy: Tensor) => {
    // dx = dy (x - mean) / ((n - c) y), with y = ∞ in place of 0 to avoid 0 / 0
    const safe = select(y, y, constant(y, Infinity))
    return mul(spreadBack(mul(div(dy, safe), divisor), x.dims, over), centered)
  }
  return customOp(y, [x], [dx])
}

/** √(Σ x²), the Euclidean norm.  dx = dy x / y, 0 where y = 0. */
export function norm(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  requireFloat('norm', x)
  const over = axesOf('norm', x, axes)
  const y = map('sqrt', reduceAxes('sum', map('square', x), over, keepDims))
  const dx = (dy: Tensor) => {
    const safe = select(y, y, constant(y, Infinity))
    return mul(spreadBack(div(dy, safe), x.dims, over), x)
  }
  return customOp(y, [x], [dx])
}

/** ln Σ e^x, without overflow.  dx = dy softmax(x). */
export function logsumexp(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  requireFloat('logsumexp', x)
  const over = axesOf('logsumexp', x, axes)
  const largest = reduceAxes('max', x, over, true)
  // Shifts by 0 where the largest element is infinite, to avoid ∞ - ∞. Only ±∞ and NaN minus itself is not 0.
  const finite = zip('equal', zip('sub', largest, largest), constant(largest, 0))
  const pivot = choose(finite, largest, constant(largest, 0))
  const sumExp = reduceAxes('sum', map('exp', zip('sub', x, pivot)), over, true)
  const wide = zip('add', map('log', sumExp), pivot)
  const y = view(wide, reducedShape(x.dims, over, keepDims))
  const shares = () => exp(sub(x, reshaped(y, wide.dims)))
  return customOp(y, [x], [(dy) => mul(spreadBack(dy, x.dims, over), shares())])
}

// x - mean, recorded for the gradient of the rules that hold it.
function centeredOver(x: Tensor, over: readonly number[]): Tensor {
  return sub(x, mul(sum(x, over, true), 1 / countOver(x, over)))
}

/** [outer, size, inner] around an axis. */
export function viewAlong(op: string, x: Tensor, axis: number) {
  return axisView(x.dims, normalizeAxis(op, axis, x.dims.length))
}

function extreme(name: string, op: 'max' | 'min', x: Tensor, axes: Axes | undefined, keepDims: boolean): Tensor {
  const over = axesOf(name, x, axes)
  requireElements(name, x, countOver(x, over))
  const y = reduceAxes(op, x, over, keepDims)
  const dx = (dy: Tensor) => {
    const isExtreme = zip('equal', x, view(y, reducedShape(x.dims, over, true)))
    const ties = reduceAxes('sum', isExtreme, over, keepDims)
    return mul(isExtreme, spreadBack(div(dy, ties), x.dims, over))
  }
  return customOp(y, [x], [dx])
}

function atIndex(name: string, index: Tensor, x: Tensor, axis: number, keepDims: boolean): Tensor {
  const at = normalizeAxis(name, axis, x.dims.length)
  const along = viewAlong(name, x, axis)
  const shape = reducedShape(x.dims, [at], keepDims)
  return picked('gather', x, index, along, shape, 1, name)
}

function argExtreme(
  op: 'argmax' | 'argmin',
  x: Tensor,
  axis: number | undefined,
  keepDims: boolean,
  name: string = op,
): Tensor {
  const over = axesOf(name, x, axis)
  const along = axis === undefined ? { outer: 1, size: x.size, inner: 1 } : viewAlong(name, x, axis)
  requireElements(name, x, along.size)
  return new Tensor(
    reducedShape(x.dims, over, keepDims),
    backendFor(name, x, argReductions).argReduce(op, x.storage, along),
  )
}

function requireElements(op: string, x: Tensor, count: number): void {
  if (count === 0)
    throw new ShapeError(`${op}: no elements along the axis of a tensor ${formatShape(x.dims)}; expected at least one`)
}

/** Moves `axis` to the end, for operations on rows; `back` reverses it. */
export function withLast(x: Tensor, axis: number): { rows: Tensor; back: (y: Tensor) => Tensor } {
  const rank = x.dims.length
  if (axis === rank - 1) return { rows: x, back: (y) => y }
  const order = x.dims.map((_, i) => i).filter((i) => i !== axis)
  order.push(axis)
  const inverse = order.map((_, i) => order.indexOf(i))
  return { rows: permuted(x, order), back: (y) => permuted(y, inverse) }
}
