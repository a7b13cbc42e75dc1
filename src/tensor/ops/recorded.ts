// Building blocks of operations and gradient rules that are recorded themselves, so that a rule has a gradient too. All are
// linear in their tensor; masks and indices have no gradient.

import { customOp, linearOp } from '../autograd/autograd.ts'
import { requireLive, Tensor } from '../autograd/tensor.ts'
import type { AxisView } from '../backends/backend.ts'
import { indexing } from '../dispatch/families.ts'
import { type Shape, sameShape } from '../shape.ts'
import { backendFor, choose, constant, reducedShape, spread, summedTo, view } from './primitives.ts'

const viewed = (shape: Shape) => (x: Tensor) => view(x, shape)
const spreadOver = (shape: Shape, name?: string) => (x: Tensor) => spread(x, shape, name)
const summed = (shape: Shape) => (x: Tensor) => summedTo(x, shape)

/** The same elements in another shape of the same size. */
export function reshaped(x: Tensor, shape: Shape): Tensor {
  return linearOp(x, viewed(shape), viewed(x.dims))
}

/** `x` broadcast to `shape`. */
export function expanded(x: Tensor, shape: Shape, name?: string): Tensor {
  return linearOp(x, spreadOver(shape, name), summed(x.dims))
}

/** The gradient of a broadcast from `shape`: `dy` summed over the repeated axes. */
export function sumTo(dy: Tensor, shape: Shape): Tensor {
  return sameShape(dy.dims, shape) ? dy : linearOp(dy, summed(shape), spreadOver(dy.dims))
}

/** Broadcasts the result of a reduction over `axes` back to `shape`. */
export function spreadBack(y: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  return expanded(reshaped(y, reducedShape(shape, axes, true)), shape)
}

/** mask ≠ 0 ? a : b, for equal shapes. */
export function select(mask: Tensor, a: Tensor, b: Tensor): Tensor {
  const da = (dy: Tensor) => select(mask, dy, constant(dy, 0))
  const db = (dy: Tensor) => select(mask, constant(dy, 0), dy)
  return customOp(choose(mask, a, b), [a, b], [da, db])
}

/** The elements of `x` along an axis at `count` indices, in the given shape: see the backends' `gather` and `take`. */
export function picked(
  op: 'gather' | 'take',
  x: Tensor,
  index: Tensor,
  along: AxisView,
  shape: Shape,
  count: number,
  name: string = op,
): Tensor {
  const { dims } = x
  const pick = (part: 'gather' | 'take' | 'gatherGrad' | 'takeGrad', to: Shape) => (y: Tensor) => {
    requireLive(name, index)
    return new Tensor(to, backendFor(name, y, indexing)[part](y.storage, index.storage, along, count))
  }
  return linearOp(x, pick(op, shape), pick(`${op}Grad`, dims))
}
