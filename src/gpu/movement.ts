// Permutations, repetitions, slices, joins: numbers that move.

import { formatShape, ShapeError } from '../tensor/errors.ts'
import { broadcastStrides, type Shape, sizeOf, stridesOf } from '../tensor/shape.ts'
import type { Storage } from '../tensor/storage.ts'
import * as kernels from './kernels/movement.ts'
import { program } from './program.ts'
import type { Runner } from './runner.ts'

const AXES = 6

export function permute(on: Runner, x: Storage, shape: Shape, axes: readonly number[]): Storage {
  const strides = stridesOf(shape)
  const pick = (list: readonly number[]) => axes.map((axis) => list[axis]!)
  return strided(on, x, pick(shape), pick(strides), 0)
}

export function broadcastTo(on: Runner, x: Storage, shape: Shape, out: Shape): Storage {
  return strided(on, x, out, broadcastStrides(shape, out), 0)
}

export function slice(
  on: Runner,
  x: Storage,
  shape: Shape,
  starts: readonly number[],
  steps: readonly number[],
  out: Shape,
): Storage {
  const strides = stridesOf(shape)
  const first = starts.reduce((sum, start, axis) => sum + start * strides[axis]!, 0)
  const jumps = strides.map((stride, axis) => stride * steps[axis]!)
  return strided(on, x, out, jumps, first)
}

/** One axis after the other is spread out to its size. */
export function sliceGrad(
  on: Runner,
  dy: Storage,
  dyShape: Shape,
  starts: readonly number[],
  steps: readonly number[],
  shape: Shape,
): Storage {
  const current = dyShape.slice()
  let x = dy
  shape.forEach((size, axis) => {
    const count = current[axis]!
    if (count === size && steps[axis] === 1) return
    const inner = sizeOf(current.slice(axis + 1))
    const outer = sizeOf(current.slice(0, axis))
    const sizes = { size, count, inner, start: starts[axis]!, step: steps[axis]! }
    x =
      count === 0
        ? on.fill(outer * size * inner, 0)
        : on.run(program(kernels.spreadOut, sizes, inner, outer * size), [x])
    current[axis] = size
  })
  return x === dy ? on.copy(dy) : x
}

export function concat(
  on: Runner,
  parts: readonly Storage[],
  outer: number,
  sizes: readonly number[],
  inner: number,
): Storage {
  let joined: Storage | null = null
  let width = 0
  parts.forEach((part, i) => {
    const right = sizes[i]! * inner
    if (right === 0) return
    joined =
      joined === null
        ? part
        : on.run(program(kernels.join, { left: width, right }, width + right, outer), [joined, part], [], part.dtype)
    width += right
  })
  const [first] = parts
  if (joined === null) return on.fill(0, 0, first!.dtype)
  return parts.includes(joined) ? on.copy(joined) : joined
}

function strided(on: Runner, x: Storage, out: Shape, strides: readonly number[], first: number): Storage {
  const { shape, steps } = merged(out, strides)
  if (shape.length > AXES) {
    throw new ShapeError(
      `gpu: a rearrangement to ${formatShape(out)} has ${shape.length} axes that do not lie together; at most ${AXES} are possible`,
    )
  }
  const missing = new Array<number>(AXES - shape.length)
  const [, n1, n2, n3, n4, n5] = [...missing.fill(1), ...shape]
  const [s0, s1, s2, s3, s4, s5] = [...missing.fill(0), ...steps]
  const sizes = { first, n1: n1!, n2: n2!, n3: n3!, n4: n4!, s0: s0!, s1: s1!, s2: s2!, s3: s3!, s4: s4!, s5: s5! }
  const length = sizeOf(out)
  return on.run(program(kernels.strided, sizes, n5!, length === 0 ? 0 : length / n5!), [x], [], x.dtype)
}

// Axes that lie together, one step of the outer being all of the inner, are one axis; axes of size 1 are none.
function merged(out: Shape, strides: readonly number[]): { shape: number[]; steps: number[] } {
  const shape: number[] = []
  const steps: number[] = []
  out.forEach((size, axis) => {
    if (size === 1) return
    const last = shape.length - 1
    if (last >= 0 && steps[last] === strides[axis]! * size) {
      shape[last] = shape[last]! * size
      steps[last] = strides[axis]!
    } else {
      shape.push(size)
      steps.push(strides[axis]!)
    }
  })
  return { shape, steps }
}
