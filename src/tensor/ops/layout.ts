// Operations that move elements without changing them. Their gradients move them back.

import { record } from '../autograd.ts'
import { backendOf, commonBackend } from '../backends/select.ts'
import { formatShape, ShapeError, ValueError } from '../errors.ts'
import { broadcastShapes, normalizeAxis, type Shape, sameShape, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { permuted, spread, sumTo, view } from './primitives.ts'

/** The same elements in another shape; one size may be -1 and is then worked out. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const wanted = resolveShape(x, shape)
  return record(view(x, wanted), [x], [(dy) => view(dy, x.shape)])
}

/** Swaps two axes; by default the last two. */
export function transpose(x: Tensor, axis0 = -2, axis1 = -1): Tensor {
  const rank = x.shape.length
  const first = normalizeAxis('transpose', axis0, rank)
  const second = normalizeAxis('transpose', axis1, rank)
  const axes = x.shape.map((_, axis) => (axis === first ? second : axis === second ? first : axis))
  return record(permuted(x, axes), [x], [(dy) => permuted(dy, axes)])
}

/** Axis i of the result is axis `axes[i]` of `x`. */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  const rank = x.shape.length
  const order = axes.map((axis) => normalizeAxis('permute', axis, rank))
  if (new Set(order).size !== rank || order.length !== rank) {
    throw new ShapeError(`permute: the axes [${axes.join(', ')}] must name each of the ${rank} axes once`)
  }
  const inverse = order.map((_, axis) => order.indexOf(axis))
  return record(permuted(x, order), [x], [(dy) => permuted(dy, inverse)])
}

/** Repeats along axes of size 1 and new axes in front, to `shape`; -1 keeps a size. */
export function expand(x: Tensor, shape: Shape): Tensor {
  const offset = shape.length - x.shape.length
  const wanted = shape.map((size, axis) => (size === -1 ? (x.shape[axis - offset] ?? -1) : size))
  if (offset < 0 || !sameShape(broadcastShapes('expand', x.shape, wanted), wanted)) {
    throw new ShapeError(`expand: ${formatShape(x.shape)} does not expand to ${formatShape(shape)}`)
  }
  return record(spread(x, wanted), [x], [(dy) => sumTo(dy, x.shape)])
}

/** Drops axes of size 1: the given one, or all. */
export function squeeze(x: Tensor, axis?: number): Tensor {
  if (axis === undefined)
    return reshape(
      x,
      x.shape.filter((size) => size !== 1),
    )
  const at = normalizeAxis('squeeze', axis, x.shape.length)
  return x.shape[at] === 1
    ? reshape(
        x,
        x.shape.filter((_, i) => i !== at),
      )
    : reshape(x, x.shape)
}

/** Adds an axis of size 1 at `axis` of the result. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  const at = normalizeAxis('unsqueeze', axis, x.shape.length + 1)
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)])
}

/** The `length` elements from `start` along an axis. */
export function narrow(x: Tensor, axis: number, start: number, length: number): Tensor {
  const at = normalizeAxis('narrow', axis, x.shape.length)
  const size = x.shape[at]!
  const first = start < 0 ? start + size : start
  if (!(Number.isInteger(first) && Number.isInteger(length) && first >= 0 && length >= 0 && first + length <= size)) {
    throw new ShapeError(
      `narrow: ${length} elements from ${start} leave axis ${axis} of ${formatShape(x.shape)} (size ${size})`,
    )
  }
  const ranges = x.shape.map((full, i): Range => (i === at ? [first, first + length] : [0, full]))
  return slice(x, ranges)
}

/** `[start, stop]` or `[start, stop, step]`: from start up to but without stop; negative ones count from the end. */
export type Range = readonly [start: number, stop: number, step?: number]

/** A range along each of the first axes; further axes are kept whole. Steps are positive. */
export function slice(x: Tensor, ranges: readonly Range[]): Tensor {
  if (ranges.length > x.shape.length) {
    throw new ShapeError(`slice: ${ranges.length} ranges for ${formatShape(x.shape)}, which has ${x.shape.length} axes`)
  }
  const starts = x.shape.map((size, axis) => bound(ranges[axis]?.[0] ?? 0, size))
  const steps = x.shape.map((_, axis) => ranges[axis]?.[2] ?? 1)
  const shape = x.shape.map((size, axis) => {
    const step = steps[axis]!
    if (!(Number.isInteger(step) && step >= 1))
      throw new ValueError(`slice: the step ${step} must be a whole number >= 1`)
    return Math.max(0, Math.ceil((bound(ranges[axis]?.[1] ?? size, size) - starts[axis]!) / step))
  })
  const y = new Tensor(shape, backendOf(x.storage).slice(x.storage, x.shape, starts, steps, shape))
  const dx = (dy: Tensor) =>
    new Tensor(x.shape, backendOf(dy.storage).sliceGrad(dy.storage, shape, starts, steps, x.shape))
  return record(y, [x], [dx])
}

/** Joins along an existing axis; the other sizes must agree. */
export function concat(parts: readonly Tensor[], axis = 0): Tensor {
  const [first, ...others] = parts
  if (first === undefined) throw new ShapeError('concat: an empty list of tensors')
  const at = normalizeAxis('concat', axis, first.shape.length)
  for (const part of others) {
    commonBackend('concat', first.storage, part.storage)
    if (part.shape.length !== first.shape.length || part.shape.some((size, i) => i !== at && size !== first.shape[i])) {
      throw new ShapeError(
        `concat: ${formatShape(part.shape)} and ${formatShape(first.shape)} differ beside axis ${axis}; they may differ there only`,
      )
    }
  }
  const sizes = parts.map((part) => part.shape[at]!)
  const shape = first.shape.map((size, i) => (i === at ? sizes.reduce((sum, s) => sum + s, 0) : size))
  const outer = sizeOf(first.shape.slice(0, at))
  const inner = sizeOf(first.shape.slice(at + 1))
  const y = new Tensor(
    shape,
    backendOf(first.storage).concat(
      parts.map((part) => part.storage),
      outer,
      sizes,
      inner,
    ),
  )
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, s) => sum + s, 0))
  return record(
    y,
    parts,
    parts.map((part, i) => (dy: Tensor) => {
      const from = shape.map((_, axis) => (axis === at ? starts[i]! : 0))
      const ones = shape.map(() => 1)
      return new Tensor(part.shape, backendOf(dy.storage).slice(dy.storage, shape, from, ones, part.shape))
    }),
  )
}

/** Joins tensors of one shape along a new axis. */
export function stack(parts: readonly Tensor[], axis = 0): Tensor {
  return concat(
    parts.map((part) => unsqueeze(part, axis)),
    axis,
  )
}

function resolveShape(x: Tensor, shape: Shape): Shape {
  const unknown = shape.indexOf(-1)
  const known = shape.reduce((product, size, axis) => (axis === unknown ? product : product * size), 1)
  const wanted = unknown === -1 ? shape.slice() : shape.map((size, axis) => (axis === unknown ? x.size / known : size))
  if (sizeOf(wanted) !== x.size || wanted.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new ShapeError(
      `reshape: ${formatShape(x.shape)} has ${x.size} elements, which do not fill ${formatShape(shape)}`,
    )
  }
  return wanted
}

function bound(index: number, size: number): number {
  return Math.max(0, Math.min(size, index < 0 ? index + size : index))
}
