// Shapes: element counts, axes, broadcasting. A shape lists the sizes of the axes; storage is row-major.

import { formatShape, requireMethods, ShapeError } from './errors.ts'

export type Shape = readonly number[]

/** The largest element count: indices have 32 bits. */
export const MAX_ELEMENTS = 2 ** 31 - 1

export function sizeOf(shape: Shape): number {
  return sizeBetween(shape, 0, shape.length)
}

/** The product of the sizes of axes `first` to `end - 1`. */
export function sizeBetween(shape: Shape, first: number, end: number): number {
  let size = 1
  for (let i = first; i < end; i++) size *= shape[i]!
  return size
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis]!
  }
  return strides
}

/** The axis as a number from 0; negative axes count from the end. Throws a ShapeError outside -rank … rank - 1. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank) {
    const allowed =
      rank === 0
        ? 'a scalar, which has no axes'
        : `a tensor with ${rank} ${rank === 1 ? 'axis' : 'axes'}; allowed are ${-rank} to ${rank - 1}`
    throw new ShapeError(`${op}: axis ${axis} of ${allowed}`)
  }
  return normal
}

/** Sorted, normalised axes; undefined means all. Throws a ShapeError for a repeated axis. */
export function normalizeAxes(op: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (typeof axes === 'number') return [normalizeAxis(op, axes, rank)]
  if (axes === undefined) {
    const all: number[] = []
    for (let axis = 0; axis < rank; axis++) all.push(axis)
    return all
  }
  requireMethods(`${op}: the axis`, axes, ['map'], 'a number or a list of numbers')
  const normal = axes.map((axis) => normalizeAxis(op, axis, rank)).sort((a, b) => a - b)
  for (let i = 1; i < normal.length; i++) {
    if (normal[i] === normal[i - 1])
      throw new ShapeError(`${op}: axis ${normal[i]} is repeated in [${axes.join(', ')}]`)
  }
  return normal
}

/** The broadcast shape of two operands: from the right, sizes must be equal or one of them 1. */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a
  const rank = Math.max(a.length, b.length)
  const out = new Array<number>(rank)
  for (let i = 1; i <= rank; i++) {
    const sizeA = a[a.length - i] ?? 1
    const sizeB = b[b.length - i] ?? 1
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new ShapeError(
        `${op}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: ` +
          `axis ${-i} has ${sizeA} and ${sizeB}, which differ and neither is 1. Reshape one of them?`,
      )
    }
    out[rank - i] = sizeA === 1 ? sizeB : sizeA
  }
  return out
}

/** Strides that read an operand in the broadcast shape: 0 along each repeated axis. */
export function broadcastStrides(shape: Shape, out: Shape): number[] {
  const own = stridesOf(shape)
  const offset = out.length - shape.length
  return out.map((_, axis) => (axis < offset || shape[axis - offset] === 1 ? 0 : own[axis - offset]!))
}
