// Reductions over one axis.

import type { ArgReduceOp, AxisView, ReduceOp } from '../tensor/backends/backend.ts'
import type { Storage } from '../tensor/storage.ts'
import type { GpuStorage } from './gpu-storage.ts'
import * as kernels from './kernels/rows.ts'
import { type KernelSource, program } from './program.ts'
import type { Runner } from './runner.ts'

/** Numbers from which on a sum over everything is made in parts. */
const IN_PARTS_FROM = 1024

const reducers: Record<ReduceOp, { readonly kernel: KernelSource; readonly ofNothing: number }> = {
  sum: { kernel: kernels.sum, ofNothing: 0 },
  max: { kernel: kernels.max, ofNothing: -Infinity },
  min: { kernel: kernels.min, ofNothing: Infinity },
}

export function reduce(on: Runner, op: ReduceOp, x: Storage, view: AxisView): GpuStorage {
  const { outer, size, inner } = view
  if (size === 0) return on.fill(outer * inner, reducers[op].ofNothing)
  if (op === 'sum' && outer * inner === 1 && size >= IN_PARTS_FROM) return sumInParts(on, x)
  const { sizes, width, height } = along(view)
  return on.run(program(reducers[op].kernel, sizes, width, height), [x])
}

export function argReduce(on: Runner, op: ArgReduceOp, x: Storage, view: AxisView): Storage {
  const { sizes, width, height } = along(view)
  return on.run(program(kernels.argBest, { ...sizes, sign: op === 'argmax' ? 1 : -1 }, width, height), [x], [], 'int32')
}

export function cumsum(on: Runner, x: Storage, { outer, size, inner }: AxisView, reverse: boolean): Storage {
  return on.run(
    program(
      kernels.cumsum,
      { size, inner, first: reverse ? size - 1 : 0, step: reverse ? -1 : 1 },
      inner,
      outer * size,
    ),
    [x],
  )
}

// The last axis is walked by a list of threads, any other by a table of them.
function along({ outer, size, inner }: AxisView) {
  if (inner === 1) return { sizes: { size, x: size, y: 0, step: 1 }, width: outer, height: 1 }
  return { sizes: { size, x: 1, y: size * inner, step: inner }, width: inner, height: outer }
}

function sumInParts(on: Runner, x: Storage): GpuStorage {
  const parts = Math.ceil(Math.sqrt(x.length))
  const rounds = Math.ceil(x.length / parts)
  const sums = on.run(program(kernels.sumOfPart, { length: x.length, rounds, parts }, parts, 1), [x])
  const total = on.run(program(kernels.sum, { size: parts, x: parts, y: 0, step: 1 }, 1, 1), [sums])
  sums.release()
  return total
}
