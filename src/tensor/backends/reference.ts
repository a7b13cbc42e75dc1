// The oracle: every operation as plain loops that anyone can read, for float64 as well as float32, and for machines
// without SIMD. It is slow and does not try to be otherwise; wasm/ and gpu/ are held against it.

import { DeviceError } from '../errors.ts'
import { exp, log, tanh } from '../portable-math.ts'
import { allocate } from '../scope.ts'
import { broadcastStrides, type Shape, sizeOf, stridesOf } from '../shape.ts'
import { expm1, gelu, geluSlope, geluTanh, geluTanhSlope, pow, sigmoid, softplus } from '../special-math.ts'
import { CpuStorage, type DType, dtypeOf, type Storage, type TypedArray } from '../storage.ts'
import type { ArgReduceOp, Backend, MapOp, MatmulSpec, ReduceOp, ZipOp } from './backend.ts'
import * as optimizers from './reference-optimizers.ts'

const maps: Record<MapOp, (x: number, p: number, q: number) => number> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  exp,
  log,
  sqrt: Math.sqrt,
  square: (x) => x * x,
  reciprocal: (x) => 1 / x,
  scale: (x, p) => x * p,
  shift: (x, p) => x + p,
  power: (x, p) => pow(x, p),
  relu: (x) => Math.max(x, 0),
  leakyRelu: (x, p) => (x > 0 ? x : p * x),
  elu: (x, p) => (x > 0 ? x : p * expm1(x)),
  gelu,
  geluTanh,
  tanh,
  sigmoid,
  softplus,
  silu: (x) => x * sigmoid(x),
  clamp: (x, p, q) => Math.min(Math.max(x, p), q),
}

const zips: Record<ZipOp, (a: number, b: number, p: number, q: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  power: (a, b) => pow(a, b),
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  equal: (a, b) => (a === b ? 1 : 0),
  notEqual: (a, b) => (a !== b ? 1 : 0),
  greater: (a, b) => (a > b ? 1 : 0),
  greaterEqual: (a, b) => (a >= b ? 1 : 0),
  less: (a, b) => (a < b ? 1 : 0),
  lessEqual: (a, b) => (a <= b ? 1 : 0),
  reluGrad: (dy, x) => (x > 0 ? dy : 0),
  leakyReluGrad: (dy, x, p) => (x > 0 ? dy : p * dy),
  eluGrad: (dy, x, p) => (x > 0 ? dy : dy * p * exp(x)),
  geluGrad: (dy, x) => dy * geluSlope(x),
  geluTanhGrad: (dy, x) => dy * geluTanhSlope(x),
  softplusGrad: (dy, x) => dy * sigmoid(x),
  siluGrad: (dy, x) => {
    const s = sigmoid(x)
    return dy * s * (1 + x * (1 - s))
  },
  clampGrad: (dy, x, p, q) => (x >= p && x <= q ? dy : 0),
  tanhGrad: (dy, y) => dy * (1 - y * y),
  sigmoidGrad: (dy, y) => dy * y * (1 - y),
}

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

export const reference: Backend = {
  name: 'reference',

  upload(values) {
    const out = allocate(dtypeOf(values), values.length)
    out.view().set(values)
    return out
  },
  fill(length, value, dtype) {
    const out = allocate(dtype, length)
    out.view().fill(value)
    return out
  },
  copy: (x) => make(x.dtype, x.length, (out) => out.set(view(x))),
  cast: (x, dtype) => make(dtype, x.length, (out) => out.set(view(x))),
  copyInto: (target, x) => view(target).set(view(x)),
  addInto(target, x) {
    const t = view(target)
    const from = view(x)
    for (let i = 0; i < t.length; i++) t[i] = t[i]! + from[i]!
  },
  scaleInto(target, p) {
    const t = view(target)
    for (let i = 0; i < t.length; i++) t[i] = t[i]! * p
  },
  lerpInto(target, x, p) {
    const t = view(target)
    const from = view(x)
    for (let i = 0; i < t.length; i++) t[i] = t[i]! + p * (from[i]! - t[i]!)
  },

  map(op, x, p, q) {
    const apply = maps[op]
    return make(x.dtype, x.length, (out) => {
      const from = view(x)
      for (let i = 0; i < from.length; i++) out[i] = apply(from[i]!, p, q)
    })
  },
  zip(op, a, aShape, b, bShape, outShape, p, q) {
    const apply = zips[op]
    return make(a.dtype, sizeOf(outShape), (out) => {
      const left = view(a)
      const right = view(b)
      walk(outShape, [broadcastStrides(aShape, outShape), broadcastStrides(bShape, outShape)], (i, [ia, ib]) => {
        out[i] = apply(left[ia!]!, right[ib!]!, p, q)
      })
    })
  },
  where(condition, a, b) {
    return make(a.dtype, a.length, (out) => {
      const [c, left, right] = [view(condition), view(a), view(b)]
      for (let i = 0; i < out.length; i++) out[i] = c[i] !== 0 ? left[i]! : right[i]!
    })
  },

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

  matmul({ batch, m, k, n, transposeA, transposeB }: MatmulSpec, a, b, bias) {
    return make(a.dtype, batch * m * n, (out) => {
      const left = view(a)
      const right = view(b)
      const start = bias === null ? null : view(bias)
      for (let g = 0; g < batch; g++) {
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let sum = start === null ? 0 : start[j]!
            for (let l = 0; l < k; l++) {
              const x = left[g * m * k + (transposeA ? l * m + i : i * k + l)]!
              const y = right[g * k * n + (transposeB ? j * k + l : l * n + j)]!
              sum += x * y
            }
            out[(g * m + i) * n + j] = sum
          }
        }
      }
    })
  },

  permute(x, shape, axes) {
    const strides = stridesOf(shape)
    const out = axes.map((axis) => shape[axis]!)
    return strided(
      x,
      out,
      axes.map((axis) => strides[axis]!),
      0,
    )
  },
  broadcastTo: (x, shape, out) => strided(x, out, broadcastStrides(shape, out), 0),
  slice(x, shape, starts, steps, out) {
    const strides = stridesOf(shape)
    const first = starts.reduce((sum, start, axis) => sum + start * strides[axis]!, 0)
    return strided(
      x,
      out,
      strides.map((stride, axis) => stride * steps[axis]!),
      first,
    )
  },
  sliceGrad(dy, dyShape, starts, steps, shape) {
    const strides = stridesOf(shape)
    const first = starts.reduce((sum, start, axis) => sum + start * strides[axis]!, 0)
    return make(dy.dtype, sizeOf(shape), (out) => {
      const from = view(dy)
      out.fill(0)
      walk(dyShape, [strides.map((stride, axis) => stride * steps[axis]!)], (i, [at]) => {
        out[first + at!] = from[i]!
      })
    })
  },
  concat(parts, outer, sizes, inner) {
    const total = sizes.reduce((sum, size) => sum + size, 0)
    return make(parts[0]!.dtype, outer * total * inner, (out) => {
      let before = 0
      parts.forEach((part, index) => {
        const from = view(part)
        const run = sizes[index]! * inner
        for (let o = 0; o < outer; o++) out.set(from.subarray(o * run, (o + 1) * run), o * total * inner + before)
        before += run
      })
    })
  },
  gather(x, index, { outer, size, inner }, count) {
    return make(x.dtype, outer * count * inner, (out) => {
      const [from, at] = [view(x), view(index)]
      for (let j = 0; j < out.length; j++) {
        const o = Math.floor(j / (count * inner))
        out[j] = from[(o * size + at[j]!) * inner + (j % inner)]!
      }
    })
  },
  gatherGrad(dy, index, { outer, size, inner }, count) {
    return make(dy.dtype, outer * size * inner, (out) => {
      const [from, at] = [view(dy), view(index)]
      out.fill(0)
      for (let j = 0; j < from.length; j++) {
        const o = Math.floor(j / (count * inner))
        const to = (o * size + at[j]!) * inner + (j % inner)
        out[to] = out[to]! + from[j]!
      }
    })
  },
  take(x, index, { outer, size, inner }, count) {
    return make(x.dtype, outer * count * inner, (out) => {
      const [from, at] = [view(x), view(index)]
      for (let o = 0; o < outer; o++) {
        for (let c = 0; c < count; c++) {
          const first = (o * size + at[c]!) * inner
          out.set(from.subarray(first, first + inner), (o * count + c) * inner)
        }
      }
    })
  },
  takeGrad(dy, index, { outer, size, inner }, count) {
    return make(dy.dtype, outer * size * inner, (out) => {
      const [from, at] = [view(dy), view(index)]
      out.fill(0)
      for (let o = 0; o < outer; o++) {
        for (let c = 0; c < count; c++) {
          for (let i = 0; i < inner; i++) {
            const to = (o * size + at[c]!) * inner + i
            out[to] = out[to]! + from[(o * count + c) * inner + i]!
          }
        }
      }
    })
  },

  ...optimizers,
}

function view(storage: Storage): TypedArray {
  if (storage instanceof CpuStorage) return storage.view()
  throw new DeviceError(`reference: the tensor is on the ${storage.device}; move it with toDevice(tensor, 'cpu')`)
}

function make(dtype: DType, length: number, write: (out: TypedArray) => void): CpuStorage {
  const out = allocate(dtype, length) // before any view: taking memory can detach views
  write(out.view())
  return out
}

// Calls `visit` for each element of `shape` in row-major order, with the offsets that the given strides lead to.
function walk(
  shape: Shape,
  strides: readonly (readonly number[])[],
  visit: (i: number, at: readonly number[]) => void,
) {
  const size = sizeOf(shape)
  const place = new Array<number>(shape.length).fill(0)
  const at = new Array<number>(strides.length).fill(0)
  for (let i = 0; i < size; i++) {
    visit(i, at)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis] = place[axis]! + 1
      for (let s = 0; s < at.length; s++) at[s] = at[s]! + strides[s]![axis]!
      if (place[axis]! < shape[axis]!) break
      for (let s = 0; s < at.length; s++) at[s] = at[s]! - strides[s]![axis]! * shape[axis]!
      place[axis] = 0
    }
  }
}

function strided(x: Storage, out: Shape, strides: readonly number[], first: number): CpuStorage {
  return make(x.dtype, sizeOf(out), (to) => {
    const from = view(x)
    walk(out, [strides], (i, [at]) => {
      to[i] = from[first + at!]!
    })
  })
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
