// The interface of a backend. All operations of the library are composed of these functions. The parity suite compares each
// backend with `reference`.
//
// Storages are flat and row-major; shapes are separate arguments. Functions return a new storage, except those named `…Into`.
// Inputs are on the backend's device. Elements are float32 (reference: also float64 and int32).

import type { Shape } from '../shape.ts'
import type { DType, Storage, TypedArray } from '../storage.ts'

/** Elementwise operations with constants `p` and `q`. */
export type MapOp =
  | 'neg' // -x
  | 'abs'
  | 'sign' // -1, 0, 1; NaN stays
  | 'exp'
  | 'log'
  | 'log1p' // ln(1 + x)
  | 'sin'
  | 'cos'
  | 'sqrt'
  | 'square'
  | 'reciprocal'
  | 'scale' // x * p
  | 'shift' // x + p
  | 'power' // x ** p
  | 'relu' // max(x, 0); NaN stays
  | 'leakyRelu' // x > 0 ? x : p x
  | 'elu' // x > 0 ? x : p (e^x - 1)
  | 'gelu' // x Φ(x), Φ by the error function
  | 'geluTanh' // x/2 (1 + tanh(√(2/π)(x + 0.044715 x³)))
  | 'tanh'
  | 'sigmoid'
  | 'softplus' // ln(1 + e^x)
  | 'silu' // x sigmoid(x)
  | 'clamp' // into [p, q]; NaN stays

/** Maps without a WebAssembly kernel: `wasm` computes them by the functions of `reference`, one element at a time. */
export type LoopedMapOp = 'log1p' | 'sin' | 'cos'

/** Elementwise operations on two broadcast operands. Comparisons return 1 or 0. `…Grad` is the gradient of a MapOp. */
export type ZipOp =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'power' // a ** b
  | 'maximum' // NaN if either is NaN
  | 'minimum'
  | 'equal'
  | 'notEqual'
  | 'greater'
  | 'greaterEqual'
  | 'less'
  | 'lessEqual'
  // a = dy, b = x
  | 'reluGrad' // x > 0 ? dy : 0
  | 'leakyReluGrad' // x > 0 ? dy : p dy
  | 'eluGrad' // x > 0 ? dy : dy p e^x (at 0: PyTorch's p e^0)
  | 'geluGrad'
  | 'geluTanhGrad'
  | 'softplusGrad' // dy sigmoid(x)
  | 'siluGrad'
  | 'clampGrad' // p <= x <= q ? dy : 0
  // a = dy, b = y
  | 'tanhGrad' // dy (1 - y²)
  | 'sigmoidGrad' // dy y (1 - y)

export type ReduceOp = 'sum' | 'max' | 'min'
export type ArgReduceOp = 'argmax' | 'argmin' // the first of equals; a NaN wins

/** `[outer, size, inner]`: an operation over the middle axis. */
export interface AxisView {
  readonly outer: number
  readonly size: number
  readonly inner: number
}

/** C[b] = op(A[b]) · op(B[b]) for `batch` matrices: op(A) is [m, k], op(B) is [k, n], C is [m, n]. */
export interface MatmulSpec {
  readonly batch: number
  readonly m: number
  readonly k: number
  readonly n: number
  /** A is stored [k, m]. */
  readonly transposeA: boolean
  /** B is stored [n, k]. */
  readonly transposeB: boolean
}

export interface AdamSettings {
  readonly learningRate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
  /** Weight decay is applied to the parameter (AdamW) instead of the gradient. */
  readonly decoupled: boolean
  /** beta1^t and beta2^t for step t, from 1. */
  readonly beta1Power: number
  readonly beta2Power: number
}

export interface Transfers {
  upload(values: TypedArray): Storage
  fill(length: number, value: number, dtype: DType): Storage
  copy(x: Storage): Storage
  cast(x: Storage, dtype: DType): Storage
  /** target := x. Lengths are equal. */
  copyInto(target: Storage, x: Storage): void
}

export interface Arrangement {
  permute(x: Storage, shape: Shape, axes: readonly number[]): Storage
  broadcastTo(x: Storage, shape: Shape, out: Shape): Storage
  /** Every `steps[axis]`-th element from `starts[axis]`, in the shape `out`. */
  slice(x: Storage, shape: Shape, starts: readonly number[], steps: readonly number[], out: Shape): Storage
  /** The gradient of `slice`: zeros of `shape`, with dy at the positions that `slice` read. */
  sliceGrad(dy: Storage, dyShape: Shape, starts: readonly number[], steps: readonly number[], shape: Shape): Storage
  /** Joins along the middle axis; part i is [outer, sizes[i], inner]. */
  concat(parts: readonly Storage[], outer: number, sizes: readonly number[], inner: number): Storage
}

export interface Elementwise {
  map(op: MapOp, x: Storage, p: number, q: number): Storage
  zip(op: ZipOp, a: Storage, aShape: Shape, b: Storage, bShape: Shape, out: Shape, p: number, q: number): Storage
  /** condition ≠ 0 ? a : b, for equal lengths. */
  where(condition: Storage, a: Storage, b: Storage): Storage
  /** target := target + x. */
  addInto(target: Storage, x: Storage): void
  /** target := p · target. */
  scaleInto(target: Storage, p: number): void
  /** target := target + p (x - target): Polyak averaging of a target network. */
  lerpInto(target: Storage, x: Storage, p: number): void
}

export interface Reductions {
  reduce(op: ReduceOp, x: Storage, view: AxisView): Storage // [outer, inner]
}

export interface ArgReductions {
  argReduce(op: ArgReduceOp, x: Storage, view: AxisView): Storage // int32 [outer, inner]
}

export interface RunningSums {
  cumsum(x: Storage, view: AxisView, reverse: boolean): Storage
}

export interface Softmaxes {
  /** Over the last axis of [rows, columns]. A row of -Infinity gives NaN, as in PyTorch. */
  softmax(x: Storage, rows: number, columns: number): Storage
  logSoftmax(x: Storage, rows: number, columns: number): Storage
  softmaxGrad(dy: Storage, y: Storage, rows: number, columns: number): Storage // y (dy - Σ dy y)
  logSoftmaxGrad(dy: Storage, y: Storage, rows: number, columns: number): Storage // dy - e^y Σ dy
}

export interface Standardization {
  /** (x - mean) / √(variance + epsilon) of each row, with population variance. */
  standardize(x: Storage, rows: number, columns: number, epsilon: number): Storage
  standardizeGrad(dy: Storage, x: Storage, rows: number, columns: number, epsilon: number): Storage
}

export interface Products {
  /** `bias` is a row of n numbers that is added to every row of every C; on the CPU also a row for each C, [batch, n]. */
  matmul(spec: MatmulSpec, a: Storage, b: Storage, bias: Storage | null): Storage
}

/** Selection by int32 indices in 0 … size - 1, which the caller has checked. */
export interface Indexing {
  /** out[o, c, i] = x[o, index[o, c, i], i]: index is [outer, count, inner]. */
  gather(x: Storage, index: Storage, view: AxisView, count: number): Storage
  /** Zeros [outer, size, inner], with dy added at the positions that `gather` read. */
  gatherGrad(dy: Storage, index: Storage, view: AxisView, count: number): Storage
  /** out[o, c, i] = x[o, index[c], i]: index is [count]. */
  take(x: Storage, index: Storage, view: AxisView, count: number): Storage
  takeGrad(dy: Storage, index: Storage, view: AxisView, count: number): Storage
}

export interface Updates {
  /** Adam's update of blocks of equal length. `maxSecond` is AMSGrad's running maximum; null without. */
  adam(p: Storage, grad: Storage, first: Storage, second: Storage, maxSecond: Storage | null, s: AdamSettings): void
}

export interface Backend
  extends Transfers,
    Arrangement,
    Elementwise,
    Reductions,
    ArgReductions,
    RunningSums,
    Softmaxes,
    Standardization,
    Products,
    Indexing,
    Updates {
  readonly name: string
}
