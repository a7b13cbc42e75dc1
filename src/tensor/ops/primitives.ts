// The steps that operations and their gradient rules are made of: a backend call on the tensors' storages, the result as
// a tensor without history. Nothing here is recorded; the files beside this one do that.

import type { MapOp, ReduceOp, ZipOp } from '../backends/backend.ts'
import { backendOf, commonBackend } from '../backends/select.ts'
import { broadcastShapes, normalizeAxes, type Shape, sameShape, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'

export function map(op: MapOp, x: Tensor, p = 0, q = 0): Tensor {
  return new Tensor(x.shape, backendOf(x.storage).map(op, x.storage, p, q))
}

/** Two operands, broadcast. `name` is the operation as the user wrote it, for messages. */
export function zip(op: ZipOp, a: Tensor, b: Tensor, name: string = op, p = 0, q = 0): Tensor {
  const shape = broadcastShapes(name, a.shape, b.shape)
  const backend = commonBackend(name, a.storage, b.storage)
  return new Tensor(shape, backend.zip(op, a.storage, a.shape, b.storage, b.shape, shape, p, q))
}

/** The axes of `x` that `axes` names become one, in the middle; the others keep their order. */
export function reduceAxes(op: ReduceOp, x: Tensor, axes: readonly number[], keepDims: boolean): Tensor {
  if (axes.length === 0) return x
  const backend = backendOf(x.storage)
  const shape = reducedShape(x.shape, axes, keepDims)
  if (axes[axes.length - 1]! - axes[0]! === axes.length - 1) {
    const first = axes[0]!
    const view = {
      outer: sizeOf(x.shape.slice(0, first)),
      size: sizeOf(x.shape.slice(first, first + axes.length)),
      inner: sizeOf(x.shape.slice(first + axes.length)),
    }
    return new Tensor(shape, backend.reduce(op, x.storage, view))
  }
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
  const moved = backend.permute(x.storage, x.shape, [...kept, ...axes])
  const view = { outer: sizeOf(shape), size: sizeOf(axes.map((axis) => x.shape[axis]!)), inner: 1 }
  return new Tensor(shape, backend.reduce(op, moved, view))
}

export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  if (keepDims) return shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  return shape.filter((_, axis) => !axes.includes(axis))
}

/** The same numbers under another shape. */
export function view(x: Tensor, shape: Shape): Tensor {
  return new Tensor(shape, x.storage)
}

/** The gradient of a broadcast: `dy` summed over the axes along which `shape` was repeated. */
export function sumTo(dy: Tensor, shape: Shape): Tensor {
  if (sameShape(dy.shape, shape)) return dy
  const added = dy.shape.length - shape.length
  const axes: number[] = []
  for (let axis = 0; axis < dy.shape.length; axis++) {
    if (axis < added || (shape[axis - added] === 1 && dy.shape[axis] !== 1)) axes.push(axis)
  }
  return view(reduceAxes('sum', dy, axes, false), shape)
}

/** `x` repeated along new axes and axes of size 1. */
export function spread(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  return new Tensor(shape, backendOf(x.storage).broadcastTo(x.storage, x.shape, shape))
}

/** `spread` after a reduction that dropped `axes`. */
export function spreadBack(y: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  return spread(view(y, reducedShape(shape, axes, true)), shape)
}

export function permuted(x: Tensor, axes: readonly number[]): Tensor {
  const shape = axes.map((axis) => x.shape[axis]!)
  return new Tensor(shape, backendOf(x.storage).permute(x.storage, x.shape, axes))
}

/** A caller's axes, and whether they are all there are. */
export function axesOf(op: string, x: Tensor, axes: number | readonly number[] | undefined): number[] {
  return normalizeAxes(op, axes, x.shape.length)
}

/** condition ≠ 0 ? a : b; all of one shape. */
export function choose(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  commonBackend('where', condition.storage, a.storage)
  return new Tensor(
    a.shape,
    commonBackend('where', a.storage, b.storage).where(condition.storage, a.storage, b.storage),
  )
}

/** The value everywhere, in the shape, type and place of `like`. */
export function constant(like: Tensor, value: number): Tensor {
  return new Tensor(like.shape, backendOf(like.storage).fill(like.size, value, like.dtype))
}
