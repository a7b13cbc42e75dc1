// Functions over one axis: reductions, running sums, softmax, standardisation of rows.

import { exp, log } from '../../portable-math.ts'
import type { CpuStorage, Storage, TypedArray } from '../../storage.ts'
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
import { make, view } from './arrays.ts'

const reducers: Record<ReduceOp, { readonly start: number; readonly combine: (so: number, x: number) => number }> = {
  sum: { start: 0, combine: (so, x) => so + x },
  max: { start: -Infinity, combine: Math.max }, // NaN if any element is NaN
  min: { start: Infinity, combine: Math.min },
}

const isBetter: Record<ArgReduceOp, (x: number, best: number) => boolean> = {
  argmax: (x, best) => x > best || (Number.isNaN(x) && !Number.isNaN(best)),
  argmin: (x, best) => x < best || (Number.isNaN(x) && !Number.isNaN(best)),
}

/** Calls `visit` with the offset of the first element along the axis, for each of the outer · inner lines. */
function forEachLine({ outer, size, inner }: AxisView, visit: (first: number, line: number) => void): void {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) visit(o * size * inner + i, o * inner + i)
  }
}

export const referenceReductions: Reductions = {
  reduce(op, x, axis) {
    const { start, combine } = reducers[op]
    return make(x.dtype, axis.outer * axis.inner, (out) => {
      const from = view(x)
      forEachLine(axis, (first, line) => {
        let soFar = start
        for (let s = 0; s < axis.size; s++) soFar = combine(soFar, from[first + s * axis.inner]!)
        out[line] = soFar
      })
    })
  },
}

export const referenceArgReductions: ArgReductions = {
  argReduce(op, x, axis) {
    const better = isBetter[op]
    return make('int32', axis.outer * axis.inner, (out) => {
      const from = view(x)
      forEachLine(axis, (first, line) => {
        let best = 0
        for (let s = 1; s < axis.size; s++) {
          if (better(from[first + s * axis.inner]!, from[first + best * axis.inner]!)) best = s
        }
        out[line] = best
      })
    })
  },
}

export const referenceRunningSums: RunningSums = {
  cumsum(x, axis, reverse) {
    const { size, inner } = axis
    return make(x.dtype, x.length, (out) => {
      const from = view(x)
      const step = reverse ? -inner : inner
      forEachLine(axis, (first) => {
        let sum = 0
        for (let s = 0, at = reverse ? first + (size - 1) * inner : first; s < size; s++, at += step) {
          sum += from[at]!
          out[at] = sum
        }
      })
    })
  },
}

export const referenceSoftmaxes: Softmaxes = {
  softmax: (x, rows, columns) =>
    byRow(rows, columns, x, x, (out, row) => {
      const shift = largest(row)
      for (let j = 0; j < columns; j++) out[j] = exp(row[j]! - shift)
      const sum = sumOf(columns, (j) => out[j]!)
      for (let j = 0; j < columns; j++) out[j] = out[j]! / sum
    }),
  logSoftmax: (x, rows, columns) =>
    byRow(rows, columns, x, x, (out, row) => {
      const shift = largest(row)
      const logSum = log(sumOf(columns, (j) => exp(row[j]! - shift)))
      for (let j = 0; j < columns; j++) out[j] = row[j]! - shift - logSum
    }),
  softmaxGrad: (dy, y, rows, columns) =>
    byRow(rows, columns, dy, y, (out, g, p) => {
      const dot = sumOf(columns, (j) => g[j]! * p[j]!)
      for (let j = 0; j < columns; j++) out[j] = p[j]! * (g[j]! - dot)
    }),
  logSoftmaxGrad: (dy, y, rows, columns) =>
    byRow(rows, columns, dy, y, (out, g, logP) => {
      const sum = sumOf(columns, (j) => g[j]!)
      for (let j = 0; j < columns; j++) out[j] = g[j]! - exp(logP[j]!) * sum
    }),
}

export const referenceStandardization: Standardization = {
  standardize: (x, rows, columns, epsilon) =>
    byRow(rows, columns, x, x, (out, row) => {
      const { mean, inverse } = moments(row, epsilon)
      for (let j = 0; j < columns; j++) out[j] = (row[j]! - mean) * inverse
    }),
  // dx = (dy - mean(dy) - x̂ mean(dy x̂)) / σ
  standardizeGrad: (dy, x, rows, columns, epsilon) =>
    byRow(rows, columns, dy, x, (out, g, row) => {
      const { mean, inverse } = moments(row, epsilon)
      const sum = sumOf(columns, (j) => g[j]!)
      const dot = sumOf(columns, (j) => g[j]! * (row[j]! - mean) * inverse)
      for (let j = 0; j < columns; j++) {
        const normal = (row[j]! - mean) * inverse
        out[j] = inverse * (g[j]! - sum / columns - (normal * dot) / columns)
      }
    }),
}

function byRow(
  rows: number,
  columns: number,
  a: Storage,
  b: Storage,
  write: (out: TypedArray, a: TypedArray, b: TypedArray) => void,
): CpuStorage {
  return make(a.dtype, rows * columns, (out) => {
    const [left, right] = [view(a), view(b)]
    for (let r = 0; r < rows; r++) {
      const row = (array: TypedArray) => array.subarray(r * columns, (r + 1) * columns)
      write(row(out), row(left), row(right))
    }
  })
}

function sumOf(columns: number, term: (j: number) => number): number {
  let sum = 0
  for (let j = 0; j < columns; j++) sum += term(j)
  return sum
}

// NaN if any element is NaN.
function largest(row: TypedArray): number {
  let best = -Infinity
  for (const x of row) best = Math.max(best, x)
  return best
}

function moments(row: TypedArray, epsilon: number): { mean: number; inverse: number } {
  const mean = sumOf(row.length, (j) => row[j]!) / row.length
  const squares = sumOf(row.length, (j) => (row[j]! - mean) * (row[j]! - mean))
  return { mean, inverse: 1 / Math.sqrt(squares / row.length + epsilon) }
}
