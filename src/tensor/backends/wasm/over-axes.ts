// The backend's functions over one axis: reductions, running sums, softmax and its kin.

import { allocate } from '../../arena.ts'
import type { Storage } from '../../storage.ts'
import type {
  ArgReduceOp,
  ArgReductions,
  AxisView,
  ReduceOp,
  Reductions,
  RunningSums,
  Softmaxes,
  Standardization,
} from '../backend.ts'
import { instantiate } from './module.ts'
import { argReduceKernels, cumsum as cumsumKernel, reduceKernels } from './reduce-kernels.ts'
import { softmaxKernels } from './softmax-kernels.ts'
import { address, allocateOutput, finish } from './staging.ts'
import { standardizeKernels } from './standardize-kernels.ts'

const SHORT = 12 // columns up to which four rows at a time are faster than one

export function compileReductions(relaxed: boolean): Reductions {
  const kernels = instantiate(reduceKernels(), relaxed)

  function reduce(op: ReduceOp, x: Storage, { outer, size, inner }: AxisView): Storage {
    const out = allocate('float32', outer * inner)
    const to = allocateOutput(out)
    const from = address(x)
    if (inner === 1) kernels[`${op}Rows`](from, to, outer, size)
    else kernels[`${op}Columns`](from, to, outer, size, inner)
    return finish(out, to)
  }

  return { reduce }
}

export function compileArgReductions(relaxed: boolean): ArgReductions {
  const kernels = instantiate(argReduceKernels(), relaxed)

  function argReduce(op: ArgReduceOp, x: Storage, { outer, size, inner }: AxisView): Storage {
    const out = allocate('int32', outer * inner)
    const to = allocateOutput(out)
    kernels[op](address(x), to, outer, size, inner)
    return finish(out, to)
  }

  return { argReduce }
}

export function compileRunningSums(relaxed: boolean): RunningSums {
  const kernels = instantiate({ cumsum: cumsumKernel }, relaxed)

  function cumsum(x: Storage, { outer, size, inner }: AxisView, reverse: boolean): Storage {
    const out = allocate('float32', x.length)
    const to = allocateOutput(out)
    const from = address(x)
    const last = reverse ? 4 * (size - 1) * inner : 0
    for (let o = 0; o < outer && x.length > 0; o++) {
      const skip = 4 * o * size * inner + last
      kernels.cumsum(from + skip, to + skip, inner, size, reverse ? -4 * inner : 4 * inner)
    }
    return finish(out, to)
  }

  return { cumsum }
}

export function compileSoftmaxes(relaxed: boolean): Softmaxes {
  const kernels = instantiate(softmaxKernels(), relaxed)

  function ofRows(op: 'softmax' | 'logSoftmax', x: Storage, rows: number, columns: number): Storage {
    const out = allocate('float32', x.length)
    const to = allocateOutput(out)
    kernels[columns <= SHORT ? (`${op}Short` as const) : op](address(x), to, rows, columns)
    return finish(out, to)
  }

  function gradOfRows(op: 'softmaxGrad' | 'logSoftmaxGrad', dy: Storage, y: Storage, rows: number, columns: number) {
    const out = allocate('float32', dy.length)
    const to = allocateOutput(out)
    kernels[columns <= SHORT ? (`${op}Short` as const) : op](address(dy), address(y), to, rows, columns)
    return finish(out, to)
  }

  return {
    softmax: (x, rows, columns) => ofRows('softmax', x, rows, columns),
    logSoftmax: (x, rows, columns) => ofRows('logSoftmax', x, rows, columns),
    softmaxGrad: (dy, y, rows, columns) => gradOfRows('softmaxGrad', dy, y, rows, columns),
    logSoftmaxGrad: (dy, y, rows, columns) => gradOfRows('logSoftmaxGrad', dy, y, rows, columns),
  }
}

export function compileStandardization(relaxed: boolean): Standardization {
  const kernels = instantiate(standardizeKernels, relaxed)

  function standardize(x: Storage, rows: number, columns: number, epsilon: number): Storage {
    const out = allocate('float32', x.length)
    const to = allocateOutput(out)
    kernels.standardize(address(x), to, rows, columns, epsilon)
    return finish(out, to)
  }

  function standardizeGrad(dy: Storage, x: Storage, rows: number, columns: number, epsilon: number): Storage {
    const out = allocate('float32', dy.length)
    const to = allocateOutput(out)
    kernels.standardizeGrad(address(dy), address(x), to, rows, columns, epsilon)
    return finish(out, to)
  }

  return { standardize, standardizeGrad }
}
