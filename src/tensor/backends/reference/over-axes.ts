// Over one axis: reductions, running sums, softmax and its kin, standardisation of rows.

import { exp, log } from '../../portable-math.ts'
import type { CpuStorage, Storage, TypedArray } from '../../storage.ts'
import type {
  ArgReduceOp,
  ArgReductions,
  ReduceOp,
  Reductions,
  RunningSums,
  Softmaxes,
  Standardization,
} from '../backend.ts'
import { make, view } from './arrays.ts'

// NaN is greater than everything, so that it is never lost.
const reducers: Record<ReduceOp, { readonly start: number; readonly combine: (so: number, x: number) => number }> = {
  sum: { start: 0, combine: (so, x) => so + x },
  max: { start: -Infinity, combine: Math.max },
  min: { start: Infinity, combine: Math.min },
}

const isBetter: Record<ArgReduceOp, (x: number, best: number) => boolean> = {
  argmax: (x, best) => x > best || (Number.isNaN(x) && !Number.isNaN(best)),
  argmin: (x, best) => x < best || (Number.isNaN(x) && !Number.isNaN(best)),
}

export const referenceReductions: Reductions = {
  reduce(op, x, { outer, size, inner }) {
    const { start, combine } = reducers[op]
    return make(x.dtype, outer * inner, (out) => {
      const from = view(x)
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++) {
          let soFar = start
          for (let s = 0; s < size; s++) soFar = combine(soFar, from[(o * size + s) * inner + i]!)
          out[o * inner + i] = soFar
        }
      }
    })
  },
}

export const referenceArgReductions: ArgReductions = {
  argReduce(op, x, { outer, size, inner }) {
    const better = isBetter[op]
    return make('int32', outer * inner, (out) => {
      const from = view(x)
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++) {
          let best = 0
          for (let s = 1; s < size; s++) {
            if (better(from[(o * size + s) * inner + i]!, from[(o * size + best) * inner + i]!)) best = s
          }
          out[o * inner + i] = best
        }
      }
    })
  },
}

export const referenceRunningSums: RunningSums = {
  cumsum(x, { outer, size, inner }, reverse) {
    return make(x.dtype, x.length, (out) => {
      const from = view(x)
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++) {
          let sum = 0
          for (let s = 0; s < size; s++) {
            const at = (o * size + (reverse ? size - 1 - s : s)) * inner + i
            sum += from[at]!
            out[at] = sum
          }
        }
      }
    })
  },
}

export const referenceSoftmaxes: Softmaxes = {
  softmax(x, rows, columns) {
    return byRow(rows, columns, [x], (out, from) => {
      const shift = largest(from[0]!)
      let sum = 0
      for (let j = 0; j < columns; j++) {
        out[j] = exp(from[0]![j]! - shift)
        sum += out[j]!
      }
      for (let j = 0; j < columns; j++) out[j] = out[j]! / sum
    })
  },
  logSoftmax(x, rows, columns) {
    return byRow(rows, columns, [x], (out, from) => {
      const shift = largest(from[0]!)
      let sum = 0
      for (let j = 0; j < columns; j++) sum += exp(from[0]![j]! - shift)
      const logSum = log(sum)
      for (let j = 0; j < columns; j++) out[j] = from[0]![j]! - shift - logSum
    })
  },
  softmaxGrad(dy, y, rows, columns) {
    return byRow(rows, columns, [dy, y], (out, [g, p]) => {
      let dot = 0
      for (let j = 0; j < columns; j++) dot += g![j]! * p![j]!
      for (let j = 0; j < columns; j++) out[j] = p![j]! * (g![j]! - dot)
    })
  },
  logSoftmaxGrad(dy, y, rows, columns) {
    return byRow(rows, columns, [dy, y], (out, [g, logP]) => {
      let sum = 0
      for (let j = 0; j < columns; j++) sum += g![j]!
      for (let j = 0; j < columns; j++) out[j] = g![j]! - exp(logP![j]!) * sum
    })
  },
}

export const referenceStandardization: Standardization = {
  standardize(x, rows, columns, epsilon) {
    return byRow(rows, columns, [x], (out, [from]) => {
      const { mean, inverse } = moments(from!, epsilon)
      for (let j = 0; j < columns; j++) out[j] = (from![j]! - mean) * inverse
    })
  },
  standardizeGrad(dy, x, rows, columns, epsilon) {
    return byRow(rows, columns, [dy, x], (out, [g, from]) => {
      const { mean, inverse } = moments(from!, epsilon)
      let sum = 0
      let dot = 0
      for (let j = 0; j < columns; j++) {
        sum += g![j]!
        dot += g![j]! * (from![j]! - mean) * inverse
      }
      // dx = (dy - mean(dy) - x̂ mean(dy x̂)) / σ
      for (let j = 0; j < columns; j++) {
        const normal = (from![j]! - mean) * inverse
        out[j] = inverse * (g![j]! - sum / columns - (normal * dot) / columns)
      }
    })
  },
}

function byRow(
  rows: number,
  columns: number,
  inputs: readonly Storage[],
  write: (out: TypedArray, from: readonly TypedArray[]) => void,
): CpuStorage {
  return make(inputs[0]!.dtype, rows * columns, (out) => {
    const from = inputs.map(view)
    for (let r = 0; r < rows; r++) {
      const row = (array: TypedArray) => array.subarray(r * columns, (r + 1) * columns)
      write(row(out), from.map(row))
    }
  })
}

// A NaN spreads over its row; a row of -Infinity gives NaN.
function largest(row: TypedArray): number {
  let best = -Infinity
  for (const x of row) best = Math.max(best, x)
  return best
}

function moments(row: TypedArray, epsilon: number): { mean: number; inverse: number } {
  let sum = 0
  for (const x of row) sum += x
  const mean = sum / row.length
  let squares = 0
  for (const x of row) squares += (x - mean) * (x - mean)
  return { mean, inverse: 1 / Math.sqrt(squares / row.length + epsilon) }
}
