// Building blocks of operations and gradient rules that are recorded themselves, so that a rule has a gradient too. All are
// linear in their tensor; masks and indices have no gradient.

import { customOp, linearOp } from '../autograd.ts'
import type { AxisView } from '../backends/backend.ts'
import { indexing } from '../backends/families.ts'
import { type Shape, sameShape } from '../shape.ts'
import { requireLive, Tensor } from '../tensor.ts'
import { backendFor, choose, constant, reduceAxes, reducedShape, spread, summedTo, view } from './primitives.ts'

/** The same elements in another shape of the same size. */
export function reshaped(x: Tensor, shape: Shape): Tensor {
  const { dims } = x
  return linearOp(
    x,
    (y) => view(y, shape),
    (dy) => view(dy, dims),
  )
}

/** `x` broadcast to `shape`. */
export function expanded(x: Tensor, shape: Shape, name?: string): Tensor {
  const { dims } = x
  return linearOp(
    x,
    (y) => spread(y, shape, name),
    (dy) => summedTo(dy, dims),
  )
}

/** The gradient of a broadcast from `shape`: `dy` summed over the repeated axes. */
export function sumTo(dy: Tensor, shape: Shape): Tensor {
  const { dims } = dy
  if (sameShape(dims, shape)) return dy
  return linearOp(
    dy,
    (y) => summedTo(y, shape),
    (g) => spread(g, dims),
  )
}

/** Broadcasts the result of a reduction over `axes` back to `shape`. */
export function spreadBack(y: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  const { dims } = y
  return linearOp(
    y,
    (x) => spread(view(x, reducedShape(shape, axes, true)), shape),
    (dy) => view(reduceAxes('sum', dy, axes, false), dims),
  )
}

/** mask ≠ 0 ? a : b, for equal shapes. */
export function select(mask: Tensor, a: Tensor, b: Tensor): Tensor {
  const da = (dy: Tensor) => select(mask, dy, constant(dy, 0))
  const db = (dy: Tensor) => select(mask, constant(dy, 0), dy)
  return customOp(choose(mask, a, b), [a, b], [da, db])
}

/** x[o, index[o, c, i], i] for the `count` indices c along an axis, in the given shape. */
export function gathered(name: string, x: Tensor, index: Tensor, along: AxisView, count: number, shape: Shape): Tensor {
  const { dims } = x
  return linearOp(
    x,
    (y) => new Tensor(shape, backendFor(name, y, indexing).gather(y.storage, index.storage, along, count)),
    (dy) => {
      requireLive(name, index)
      return new Tensor(dims, backendFor(name, dy, indexing).gatherGrad(dy.storage, index.storage, along, count))
    },
  )
}
