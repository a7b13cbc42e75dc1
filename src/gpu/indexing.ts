// Gather, take, and their gradients.

import type { AxisView } from '../tensor/backends/backend.ts'
import type { Storage } from '../tensor/storage.ts'
import * as kernels from './kernels/indexing.ts'
import { program } from './program.ts'
import type { Runner } from './runner.ts'

export function gather(on: Runner, x: Storage, index: Storage, view: AxisView, count: number): Storage {
  return pick(on, kernels.gather, x, index, view, count)
}

export function take(on: Runner, x: Storage, index: Storage, view: AxisView, count: number): Storage {
  return pick(on, kernels.take, x, index, view, count)
}

export function gatherGrad(on: Runner, dy: Storage, index: Storage, view: AxisView, count: number): Storage {
  return putBack(on, kernels.gatherGrad, dy, index, view, count)
}

export function takeGrad(on: Runner, dy: Storage, index: Storage, view: AxisView, count: number): Storage {
  return putBack(on, kernels.takeGrad, dy, index, view, count)
}

type Kernel = typeof kernels.gather

function pick(on: Runner, kernel: Kernel, x: Storage, index: Storage, view: AxisView, count: number): Storage {
  const { outer, size, inner } = view
  return on.run(program(kernel, { size, count, inner }, inner, outer * count), [x, on.indices(index)], [], x.dtype)
}

function putBack(on: Runner, kernel: Kernel, dy: Storage, index: Storage, view: AxisView, count: number): Storage {
  const { outer, size, inner } = view
  if (dy.length === 0) return on.fill(outer * size * inner, 0)
  return on.run(program(kernel, { size, count, inner }, inner, outer * size), [dy, on.indices(index)])
}
