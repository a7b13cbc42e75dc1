// Building blocks of operations and their gradient rules: each calls a backend and returns a tensor without history. They
// reject tensors whose scope has ended and unsupported element types; `name` is the public operation in the message.

import { requireLive, Tensor } from '../autograd/tensor.ts'
import type { AxisView, Backend, MapOp, ReduceOp, ZipOp } from '../backends/backend.ts'
import { arrangement, elementwise, type Family, reductions, transfers } from '../dispatch/families.ts'
import { backendOf, requireSameKind } from '../dispatch/select.ts'
import { DTypeError } from '../errors.ts'
import { broadcastShapes, normalizeAxes, type Shape, sameShape, sizeBetween, sizeOf } from '../shape.ts'

export function backendFor<F extends Partial<Backend>>(name: string, x: Tensor, family: Family<F>): F {
  requireLive(name, x)
  return backendOf(x.storage, family)
}

/** A family of functions of the operands' backend. Throws unless they agree in device and element type. */
export function backendForBoth<F extends Partial<Backend>>(name: string, a: Tensor, b: Tensor, family: Family<F>): F {
  requireBoth(name, a, b)
  return backendOf(a.storage, family)
}

/** Throws unless both operands are live and agree in device and element type. */
export function requireBoth(name: string, a: Tensor, b: Tensor): void {
  requireLive(name, a)
  requireLive(name, b)
  requireSameKind(name, a.storage, b.storage)
}

export function map(op: MapOp, x: Tensor, p = 0, q = 0, name: string = op): Tensor {
  const backend = backendFor(name, x, elementwise)
  if (x.dtype === 'int32' && !staysWhole(op, p, q)) throw leavesWholeNumbers(name, x)
  return new Tensor(x.dims, backend.map(op, x.storage, p, q))
}

/** An operation on two operands, broadcast. */
export function zip(op: ZipOp, a: Tensor, b: Tensor, name: string = op, p = 0, q = 0): Tensor {
  const backend = backendForBoth(name, a, b, elementwise)
  const shape = broadcastShapes(name, a.dims, b.dims)
  if (a.dtype === 'int32' && (op === 'div' || op === 'power')) throw leavesWholeNumbers(name, a)
  return new Tensor(shape, backend.zip(op, a.storage, a.dims, b.storage, b.dims, shape, p, q))
}

export function requireFloat(name: string, x: Tensor): void {
  requireLive(name, x)
  if (x.dtype === 'int32') throw leavesWholeNumbers(name, x)
}

function leavesWholeNumbers(name: string, x: Tensor): DTypeError {
  return new DTypeError(`${name}: ${x} cannot hold fractions; expected float32 or float64: cast(x, 'float32') first`)
}

function staysWhole(op: MapOp, p: number, q: number): boolean {
  switch (op) {
    case 'neg':
    case 'abs':
    case 'sign':
    case 'square':
    case 'relu':
      return true
    case 'scale':
    case 'shift':
      return Number.isInteger(p)
    case 'power':
      return Number.isInteger(p) && p >= 0
    case 'clamp':
      return [p, q].every((bound) => Number.isInteger(bound) || Math.abs(bound) === Infinity)
    default:
      return false
  }
}

/** Reduces over sorted `axes`. Axes that are not neighbours are permuted to the end first. */
export function reduceAxes(op: ReduceOp, x: Tensor, axes: readonly number[], keepDims: boolean): Tensor {
  if (axes.length === 0) return view(x, x.dims)
  const shape = reducedShape(x.dims, axes, keepDims)
  if (axes[axes.length - 1]! - axes[0]! === axes.length - 1) {
    const view = axisView(x.dims, axes[0]!, axes.length)
    return new Tensor(shape, backendFor(op, x, reductions).reduce(op, x.storage, view))
  }
  const backend = backendFor(op, x, reductions)
  const kept = x.dims.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
  const moved = backendOf(x.storage, arrangement).permute(x.storage, x.dims, [...kept, ...axes])
  const last = { outer: sizeOf(shape), size: countOver(x, axes), inner: 1 }
  return new Tensor(shape, backend.reduce(op, moved, last))
}

/** The number of elements that are reduced to one. */
export function countOver(x: Tensor, axes: readonly number[]): number {
  let count = 1
  for (const axis of axes) count *= x.dims[axis]!
  return count
}

/** [outer, size, inner] around `count` neighbouring axes. */
export function axisView(shape: Shape, axis: number, count = 1): AxisView {
  const end = axis + count
  return {
    outer: sizeBetween(shape, 0, axis),
    size: sizeBetween(shape, axis, end),
    inner: sizeBetween(shape, end, shape.length),
  }
}

export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  const kept: number[] = []
  for (let axis = 0; axis < shape.length; axis++) {
    if (!axes.includes(axis)) kept.push(shape[axis]!)
    else if (keepDims) kept.push(1)
  }
  return kept
}

/** A tensor of another shape that shares the storage. */
export function view(x: Tensor, shape: Shape): Tensor {
  return new Tensor(shape, x.storage)
}

/** The gradient of a broadcast from `shape`: `dy` summed over the repeated axes. */
export function summedTo(dy: Tensor, shape: Shape): Tensor {
  const added = dy.dims.length - shape.length
  const axes: number[] = []
  for (let axis = 0; axis < dy.dims.length; axis++) {
    if (axis < added || (shape[axis - added] === 1 && dy.dims[axis] !== 1)) axes.push(axis)
  }
  return view(reduceAxes('sum', dy, axes, false), shape)
}

export function spread(x: Tensor, shape: Shape, name = 'expand'): Tensor {
  const backend = backendFor(name, x, arrangement)
  if (sameShape(x.dims, shape)) return view(x, shape)
  return new Tensor(shape, backend.broadcastTo(x.storage, x.dims, shape))
}

export function permuted(x: Tensor, axes: readonly number[], name = 'permute'): Tensor {
  const shape = axes.map((axis) => x.dims[axis]!)
  return new Tensor(shape, backendFor(name, x, arrangement).permute(x.storage, x.dims, axes))
}

/** Normalised axes; undefined means all. */
export function axesOf(name: string, x: Tensor, axes: number | readonly number[] | undefined): number[] {
  requireLive(name, x)
  return normalizeAxes(name, axes, x.dims.length)
}

/** condition ≠ 0 ? a : b, for equal shapes. */
export function choose(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  requireBoth('where', condition, a)
  return new Tensor(a.dims, backendForBoth('where', a, b, elementwise).where(condition.storage, a.storage, b.storage))
}

/** A scalar with the element type and device of `like`. */
export function scalarLike(like: Tensor, value: number): Tensor {
  return new Tensor([], backendFor('scalar', like, transfers).fill(1, value, like.dtype))
}

/** A constant tensor with the shape, element type and device of `like`. */
export function constant(like: Tensor, value: number, shape = like.dims): Tensor {
  return new Tensor(shape, backendOf(like.storage, transfers).fill(sizeOf(shape), value, like.dtype))
}
