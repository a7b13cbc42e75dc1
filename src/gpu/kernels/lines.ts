// Functions along one axis of [outer, size, inner], as rules from which both ways to a GPU make their kernels: reductions, softmax
// and standardisation. Read next: ../gpujs/over-axes.ts (gpu.js) or ../wgsl/kernels.ts.

import type { ArgReductions, AxisView, Softmaxes, Standardization } from '../../tensor/backends/backend.ts'
import type { Storage } from '../../tensor/storage.ts'
import type { GpuStorage } from '../devices/gpu-storage.ts'

export type Combine = 'sum' | 'maximum' | 'minimum'

/**
 * Texts in the language of functions.ts. `a` and `b` are element j of a line in each array, `n` is the line's length; a text may use
 * the stages before it by name.
 */
export interface LineRule {
  readonly arrays: readonly ('a' | 'b')[]
  /** Numbers of a line: the name, how the terms of all elements are combined, and the term. */
  readonly stages: readonly (readonly [name: string, combine: Combine, term: string])[]
  /** The result for each element; with `perLine`, for the line. */
  readonly result: string
  readonly perLine?: true
}

const reduction = (combine: Combine): LineRule => {
  return { arrays: ['a'], stages: [['total', combine, 'a']], result: 'total', perLine: true }
}
const argReduction = (combine: Combine): LineRule => {
  const place = 'placeOf(a, best, j, n)'
  return { arrays: ['a'], stages: [['best', combine, 'a'], ['place', 'minimum', place]], result: 'place', perLine: true } // biome-ignore format: stages
}
const exponentials = [['top', 'maximum', 'a'], ['total', 'sum', 'expOf(a - top)']] as const // biome-ignore format: stages
const moments = (x: string) =>
  [['total', 'sum', x], ['squares', 'sum', `(${x} - total / n) * (${x} - total / n)`]] as const // biome-ignore format: stages

export const lineRules = {
  sum: reduction('sum'),
  max: reduction('maximum'),
  min: reduction('minimum'),
  argmax: argReduction('maximum'),
  argmin: argReduction('minimum'),
  softmax: { arrays: ['a'], stages: exponentials, result: 'expOf(a - top) / total' },
  logSoftmax: { arrays: ['a'], stages: exponentials, result: 'a - top - logOf(total)' },
  softmaxGrad: { arrays: ['a', 'b'], stages: [['dot', 'sum', 'a * b']], result: 'b * (a - dot)' },
  logSoftmaxGrad: { arrays: ['a', 'b'], stages: [['total', 'sum', 'a']], result: 'a - expOf(b) * total' },
  standardize: { arrays: ['a'], stages: moments('a'), result: '(a - total / n) / sqrt(squares / n + epsilon)' },
  standardizeGrad: {
    arrays: ['a', 'b'],
    stages: [...moments('b'), ['slope', 'sum', 'a'], ['dot', 'sum', 'a * (b - total / n)']],
    result: '(a - slope / n - (b - total / n) * dot / n / (squares / n + epsilon)) / sqrt(squares / n + epsilon)',
  },
} satisfies Record<string, LineRule>

/** Applies a rule to each line along the middle axis; `settings` is the epsilon of standardisation. */
export type AlongLines = (
  name: keyof typeof lineRules,
  inputs: readonly Storage[],
  view: AxisView,
  ...settings: number[]
) => GpuStorage

export function lineFunctions(along: AlongLines): ArgReductions & Softmaxes & Standardization {
  const rows = (outer: number, size: number): AxisView => ({ outer, size, inner: 1 })
  return {
    argReduce: (op, x, view) => along(op, [x], view),
    softmax: (x, m, n) => along('softmax', [x], rows(m, n)),
    logSoftmax: (x, m, n) => along('logSoftmax', [x], rows(m, n)),
    softmaxGrad: (dy, y, m, n) => along('softmaxGrad', [dy, y], rows(m, n)),
    logSoftmaxGrad: (dy, y, m, n) => along('logSoftmaxGrad', [dy, y], rows(m, n)),
    standardize: (x, m, n, epsilon) => along('standardize', [x], rows(m, n), epsilon),
    standardizeGrad: (dy, x, m, n, epsilon) => along('standardizeGrad', [dy, x], rows(m, n), epsilon),
  }
}
