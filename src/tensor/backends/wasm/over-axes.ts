// The backend's functions over one axis: reductions, softmax, standardisation of rows.

import { allocate } from '../../arena.ts'
import type { Storage } from '../../storage.ts'
import type { ArgReductions, Reductions, Softmaxes, Standardization } from '../backend.ts'
import { instantiate } from './module.ts'
import { HEAVY, inParts, LIGHT, LINE } from './parts.ts'
import { argReduceKernels, reduceKernels } from './reduce-kernels.ts'
import { softmaxKernels, standardizeKernels } from './row-kernels.ts'
import { address, allocateOutput, finish, produce } from './staging.ts'

const SHORT = 12 // columns up to which four rows at a time are faster than one

// Joining strings in each call would take as long as a small reduction.
const ROWS = { sum: 'sumRows', max: 'maxRows', min: 'minRows' } as const
const COLUMNS = { sum: 'sumColumns', max: 'maxColumns', min: 'minColumns' } as const

export function compileReductions(relaxed: boolean): Reductions {
  const kernels = instantiate(reduceKernels(), relaxed)
  return {
    reduce(op, x, { outer, size, inner }) {
      const out = allocate('float32', outer * inner) // `produce` would cost a twelfth of a small reduction
      const to = allocateOutput(out)
      const at = address(x)
      const row = 4 * inner
      const byColumns = outer === 1 && inner > 1
      inParts(kernels, LIGHT * x.length, byColumns ? inner : outer, byColumns ? LINE : 1, (on, i, end) => {
        const count = end - i
        if (inner === 1) on[ROWS[op]](at + 4 * i * size, to + 4 * i, count, size)
        else if (byColumns) on[COLUMNS[op]](at + 4 * i, to + 4 * i, 1, size, count, row)
        else on[COLUMNS[op]](at + row * i * size, to + row * i, count, size, inner, row)
      })
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

export function compileSoftmaxes(relaxed: boolean): Softmaxes {
  const kernels = instantiate(softmaxKernels(), relaxed)

  const ofRows = (op: 'softmax' | 'logSoftmax') => (x: Storage, rows: number, columns: number) =>
    produce('float32', x.length, (to) => {
      const [at, kind] = [address(x), columns <= SHORT ? (`${op}Short` as const) : op]
      inParts(kernels, HEAVY * x.length, rows, 4, (on, i, end) =>
        on[kind](at + 4 * i * columns, to + 4 * i * columns, end - i, columns),
      )
    })

  const gradOfRows =
    (op: 'softmaxGrad' | 'logSoftmaxGrad') => (dy: Storage, y: Storage, rows: number, columns: number) =>
      produce('float32', dy.length, (to) => {
        const [at, yAt, kind] = [address(dy), address(y), columns <= SHORT ? (`${op}Short` as const) : op]
        inParts(kernels, HEAVY * y.length, rows, 4, (on, i, end) =>
          on[kind](at + 4 * i * columns, yAt + 4 * i * columns, to + 4 * i * columns, end - i, columns),
        )
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
      produce('float32', x.length, (to) => {
        const at = address(x)
        inParts(kernels, HEAVY * x.length, rows, 1, (on, i, end) =>
          on.standardize(at + 4 * i * columns, to + 4 * i * columns, end - i, columns, epsilon),
        )
      }),
    standardizeGrad: (dy, x, rows, columns, epsilon) =>
      produce('float32', dy.length, (to) => {
        const [at, xAt] = [address(dy), address(x)]
        inParts(kernels, HEAVY * x.length, rows, 1, (on, i, end) => {
          const skip = 4 * i * columns
          on.standardizeGrad(at + skip, xAt + skip, to + skip, end - i, columns, epsilon)
        })
      }),
  }
}
