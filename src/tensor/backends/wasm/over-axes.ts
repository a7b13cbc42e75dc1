// The backend's functions over one axis: reductions, running sums, softmax, standardisation of rows.

import { allocate } from '../../arena.ts'
import type { Storage } from '../../storage.ts'
import type { ArgReductions, Reductions, RunningSums, Softmaxes, Standardization } from '../backend.ts'
import { instantiate } from './module.ts'
import { argReduceKernels, cumsum, reduceKernels } from './reduce-kernels.ts'
import { softmaxKernels } from './softmax-kernels.ts'
import { address, allocateOutput, finish, produce } from './staging.ts'
import { standardizeKernels } from './standardize-kernels.ts'

const SHORT = 12 // columns up to which four rows at a time are faster than one

export function compileReductions(relaxed: boolean): Reductions {
  const kernels = instantiate(reduceKernels(), relaxed)
  return {
    reduce(op, x, { outer, size, inner }) {
      const out = allocate('float32', outer * inner) // `produce` would cost a twelfth of a small reduction
      const to = allocateOutput(out)
      if (inner === 1) kernels[`${op}Rows`](address(x), to, outer, size)
      else kernels[`${op}Columns`](address(x), to, outer, size, inner)
      return finish(out, to)
    },
  }
}

export function compileArgReductions(relaxed: boolean): ArgReductions {
  const kernels = instantiate(argReduceKernels(), relaxed)
  return {
    argReduce: (op, x, { outer, size, inner }) =>
      produce('int32', outer * inner, (to) => kernels[op](address(x), to, outer, size, inner)),
  }
}

export function compileRunningSums(relaxed: boolean): RunningSums {
  const kernels = instantiate({ cumsum }, relaxed)
  return {
    cumsum: (x, { outer, size, inner }, reverse) =>
      produce('float32', x.length, (to) => {
        const from = address(x)
        const last = reverse ? 4 * (size - 1) * inner : 0
        for (let o = 0; o < outer && x.length > 0; o++) {
          const skip = 4 * o * size * inner + last
          kernels.cumsum(from + skip, to + skip, inner, size, reverse ? -4 * inner : 4 * inner)
        }
      }),
  }
}

export function compileSoftmaxes(relaxed: boolean): Softmaxes {
  const kernels = instantiate(softmaxKernels(), relaxed)

  const ofRows = (op: 'softmax' | 'logSoftmax') => (x: Storage, rows: number, columns: number) =>
    produce('float32', x.length, (to) => {
      kernels[columns <= SHORT ? (`${op}Short` as const) : op](address(x), to, rows, columns)
    })

  const gradOfRows =
    (op: 'softmaxGrad' | 'logSoftmaxGrad') => (dy: Storage, y: Storage, rows: number, columns: number) =>
      produce('float32', dy.length, (to) => {
        kernels[columns <= SHORT ? (`${op}Short` as const) : op](address(dy), address(y), to, rows, columns)
      })

  return {
    softmax: ofRows('softmax'),
    logSoftmax: ofRows('logSoftmax'),
    softmaxGrad: gradOfRows('softmaxGrad'),
    logSoftmaxGrad: gradOfRows('logSoftmaxGrad'),
  }
}

export function compileStandardization(relaxed: boolean): Standardization {
  const kernels = instantiate(standardizeKernels, relaxed)
  return {
    standardize: (x, rows, columns, epsilon) =>
      produce('float32', x.length, (to) => kernels.standardize(address(x), to, rows, columns, epsilon)),
    standardizeGrad: (dy, x, rows, columns, epsilon) =>
      produce('float32', dy.length, (to) => {
        kernels.standardizeGrad(address(dy), address(x), to, rows, columns, epsilon)
      }),
  }
}
