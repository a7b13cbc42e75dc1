// Operations that rearrange elements.

import { customOp, linearOp } from '../autograd/autograd.ts'
import { requireLive, Tensor } from '../autograd/tensor.ts'
import { arrangement } from '../dispatch/families.ts'
import { formatShape, requireMethods, ShapeError, ValueError } from '../errors.ts'
import { MAX_ELEMENTS, normalizeAxis, type Shape, sameShape, sizeBetween, sizeOf } from '../shape.ts'
import { backendFor, permuted, requireBoth } from './primitives.ts'
import { expanded, reshaped } from './recorded.ts'

/** The same elements in another shape. One size may be -1 and is inferred. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return reshaped(x, resolveShape(x, shape))
}

/** Swaps two axes. Default: the last two. */
export function transpose(x: Tensor, axis0 = -2, axis1 = -1): Tensor {
  const rank = x.dims.length
  const first = normalizeAxis('transpose', axis0, rank)
  const second = normalizeAxis('transpose', axis1, rank)
  const axes = x.dims.map((_, axis) => (axis === first ? second : axis === second ? first : axis))
  return reordered('transpose', x, axes)
}

/** Axis i of the result is axis `axes[i]` of `x`. */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  const rank = x.dims.length
  const order = axes.map((axis) => normalizeAxis('permute', axis, rank))
  if (new Set(order).size !== rank || order.length !== rank) {
    throw new ShapeError(`permute: the axes [${axes.join(', ')}]; expected each of the ${rank} axes once`)
  }
  return reordered('permute', x, order)
}

function reordered(name: string, x: Tensor, order: readonly number[]): Tensor {
  const inverse = order.map((_, axis) => order.indexOf(axis))
  const by = (axes: readonly number[]) => (y: Tensor) => permuted(y, axes, name)
  return linearOp(x, by(order), by(inverse))
}

/** Broadcasts to `shape`: repeats along axes of size 1 and new leading axes. -1 keeps a size. */
export function expand(x: Tensor, shape: Shape): Tensor {
  const offset = shape.length - x.dims.length
  const wanted = shape.map((size, axis) => (size === -1 ? (x.dims[axis - offset] ?? -1) : size))
  const fits = (size: number, axis: number) =>
    size === x.dims[axis - offset] || (isSize(size) && (x.dims[axis - offset] ?? 1) === 1)
  if (offset < 0 || !wanted.every(fits) || sizeOf(wanted) > MAX_ELEMENTS) {
    throw new ShapeError(
      `expand: ${formatShape(x.dims)} does not expand to ${formatShape(shape)}; only axes of size 1 and new leading axes ` +
        'can be repeated',
    )
  }
  return expanded(x, wanted)
}

/** Removes an axis if its size is 1; by default all axes of size 1. */
export function squeeze(x: Tensor, axis?: number): Tensor {
  const at = axis === undefined ? undefined : normalizeAxis('squeeze', axis, x.dims.length)
  const shape = x.dims.filter((size, i) => size !== 1 || (at !== undefined && i !== at))
  return reshape(x, shape)
}

/** Inserts an axis of size 1 as `axis` of the result. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  const at = normalizeAxis('unsqueeze', axis, x.dims.length + 1)
  return reshape(x, [...x.dims.slice(0, at), 1, ...x.dims.slice(at)])
}

/** The `length` elements from `start` along an axis. */
export function narrow(x: Tensor, axis: number, start: number, length: number): Tensor {
  requireLive('narrow', x)
  const at = normalizeAxis('narrow', axis, x.dims.length)
  const size = x.dims[at]!
  const first = start < 0 ? start + size : start
  if (!(Number.isInteger(first) && Number.isInteger(length) && first >= 0 && length >= 0 && first + length <= size)) {
    throw new ShapeError(
      `narrow: ${length} elements from ${start} exceed axis ${axis} of ${formatShape(x.dims)} (size ${size})`,
    )
  }
  const ranges = x.dims.map((full, i): Range => (i === at ? [first, first + length] : [0, full]))
  return slice(x, ranges)
}

/** `[start, stop]` or `[start, stop, step]`: from start to stop, exclusive. Negative numbers count from the end. */
export type Range = readonly [start: number, stop: number, step?: number]

/** A range along each of the leading axes; further axes are kept. Steps are positive. */
export function slice(x: Tensor, ranges: readonly Range[]): Tensor {
  if (ranges.length > x.dims.length) {
    throw new ShapeError(`slice: ${ranges.length} ranges for ${formatShape(x.dims)}, which has ${x.dims.length} axes`)
  }
  for (const range of ranges) requireWhole(range)
  const starts = x.dims.map((size, axis) => bound(ranges[axis]?.[0] ?? 0, size))
  const steps = x.dims.map((_, axis) => ranges[axis]?.[2] ?? 1)
  const shape = x.dims.map((size, axis) => {
    const stop = bound(ranges[axis]?.[1] ?? size, size)
    return Math.max(0, Math.ceil((stop - starts[axis]!) / steps[axis]!))
  })
  const backend = (y: Tensor) => backendFor('slice', y, arrangement)
  const { dims } = x
  return linearOp(
    x,
    (y) => new Tensor(shape, backend(y).slice(y.storage, dims, starts, steps, shape)),
    (dy) => new Tensor(dims, backend(dy).sliceGrad(dy.storage, shape, starts, steps, dims)),
  )
}

/** Parts along an axis: of the given size, the last one perhaps smaller, or of the sizes listed, which must add up to the axis. */
export function split(x: Tensor, sizes: number | readonly number[], axis = 0): Tensor[] {
  const total = x.dims[normalizeAxis('split', axis, x.dims.length)]!
  const isOne = typeof sizes === 'number'
  const fits = isOne ? isSize(sizes) && sizes >= 1 : sizes.every(isSize) && sizes.reduce((a, b) => a + b, 0) === total
  if (!fits) {
    throw new ShapeError(
      `split: sizes ${JSON.stringify(sizes)} for an axis of ${total}; expected a size >= 1, or sizes of that sum`,
    )
  }
  const count = isOne ? Math.ceil(total / sizes) : sizes.length
  let end = 0
  return Array.from({ length: count }, (_, i) => {
    const start = end
    end += isOne ? Math.min(sizes, total - start) : sizes[i]!
    return narrow(x, axis, start, end - start)
  })
}

/** Joins along an existing axis. The other sizes must agree. */
export function concat(parts: readonly Tensor[], axis = 0): Tensor {
  const first = requireFirst('concat', parts)
  const at = normalizeAxis('concat', axis, first.dims.length)
  for (const part of parts) {
    if (part.dims.length !== first.dims.length || part.dims.some((size, i) => i !== at && size !== first.dims[i])) {
      throw new ShapeError(
        `concat: ${formatShape(part.dims)} and ${formatShape(first.dims)} differ beside axis ${axis}; expected equal sizes there`,
      )
    }
  }
  const sizes = parts.map((part) => part.dims[at]!)
  const shape = first.dims.map((size, i) => (i === at ? sizes.reduce((sum, s) => sum + s, 0) : size))
  const outer = sizeBetween(first.dims, 0, at)
  const inner = sizeBetween(first.dims, at + 1, first.dims.length)
  const storages = parts.map((part) => part.storage)
  const y = new Tensor(shape, backendFor('concat', first, arrangement).concat(storages, outer, sizes, inner))
  const rules = sizes.map((size, i) => {
    const start = sizes.slice(0, i).reduce((sum, s) => sum + s, 0)
    return (dy: Tensor) => narrow(dy, at, start, size)
  })
  return customOp(y, parts, rules)
}

/** Joins tensors of one shape along a new axis. */
export function stack(parts: readonly Tensor[], axis = 0): Tensor {
  const first = requireFirst('stack', parts)
  normalizeAxis('stack', axis, first.dims.length + 1)
  for (const part of parts) {
    if (!sameShape(part.dims, first.dims)) {
      throw new ShapeError(`stack: ${formatShape(part.dims)} and ${formatShape(first.dims)} differ; expected one shape`)
    }
  }
  const widened = parts.map((part) => unsqueeze(part, axis))
  return concat(widened, axis)
}

// The first tensor. Throws unless all agree in device and element type.
function requireFirst(op: string, parts: readonly Tensor[]): Tensor {
  const [first] = parts
  if (first === undefined) throw new ShapeError(`${op}: an empty list; expected at least one tensor`)
  for (const part of parts) requireBoth(op, first, part)
  return first
}

function resolveShape(x: Tensor, shape: Shape): Shape {
  requireMethods('reshape: the shape', shape, ['indexOf'], 'a list of sizes, such as [3]')
  const unknown = shape.indexOf(-1)
  if (unknown !== shape.lastIndexOf(-1)) {
    throw new ShapeError(`reshape: ${formatShape(shape)} has several sizes of -1; expected at most one`)
  }
  const known = shape.reduce((product, size, axis) => (axis === unknown ? product : product * size), 1)
  const wanted = unknown === -1 ? shape.slice() : shape.map((size, axis) => (axis === unknown ? x.size / known : size))
  if (sizeOf(wanted) !== x.size || !wanted.every(isSize)) {
    throw new ShapeError(
      `reshape: ${formatShape(x.dims)} has ${x.size} elements, which do not fit ${formatShape(shape)}`,
    )
  }
  return wanted
}

function isSize(size: number): boolean {
  return Number.isInteger(size) && size >= 0
}

function requireWhole([start, stop, step = 1]: Range): void {
  for (const end of [start, stop]) {
    if (Number.isInteger(end) || Math.abs(end) === Infinity) continue
    throw new ValueError(`slice: the range from ${start} to ${stop}; expected integers`)
  }
  if (!(Number.isInteger(step) && step >= 1)) throw new ValueError(`slice: the step ${step}; expected an integer >= 1`)
}

function bound(index: number, size: number): number {
  return Math.max(0, Math.min(size, index < 0 ? index + size : index))
}
