// What a backend must be able to do. Every operation of the library is made of these; each backend implements all of them,
// and the parity suite holds each against `reference`.
//
// Storages are flat and row-major; shapes and counts come beside them. Every function returns a new storage unless its
// name says `Into`. Inputs have the backend's device; elements are float32 (reference: float64 and int32 as well).

import type { Shape } from '../shape.ts'
import type { DType, Storage, TypedArray } from '../storage.ts'

/** Element by element; `p` and `q` are the constants of the operation. */
export type MapOp =
  | 'neg' // -x
  | 'abs'
  | 'sign' // -1, 0, 1; NaN stays
  | 'exp'
  | 'log'
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

/** Two operands, element by element, broadcast. Comparisons give 1 or 0. The `…Grad` ones are dx of a MapOp. */
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

/** [outer, size, inner]: the middle axis is worked on, the outer and inner ones are kept. */
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
  /** Weight decay shrinks the parameter directly (AdamW) instead of joining the gradient. */
  readonly decoupled: boolean
  /** beta1^t and beta2^t of this step, t from 1. */
  readonly beta1Power: number
  readonly beta2Power: number
}

export interface SgdSettings {
  readonly learningRate: number
  readonly momentum: number
  readonly dampening: number
  readonly nesterov: boolean
  readonly weightDecay: number
  /** The first step starts the velocity with the plain gradient. */
  readonly first: boolean
}

export interface RmsPropSettings {
  readonly learningRate: number
  readonly alpha: number
  readonly epsilon: number
  readonly weightDecay: number
  readonly momentum: number
  readonly centered: boolean
}

export interface AdagradSettings {
  /** With the learning-rate decay already applied. */
  readonly learningRate: number
  readonly epsilon: number
  readonly weightDecay: number
}

/** Values in, converted, copied. */
export interface Transfers {
  upload(values: TypedArray): Storage
  fill(length: number, value: number, dtype: DType): Storage
  copy(x: Storage): Storage
  cast(x: Storage, dtype: DType): Storage
  /** target := x. Lengths are equal. */
  copyInto(target: Storage, x: Storage): void
}

/** Elements that move. */
export interface Arrangement {
  permute(x: Storage, shape: Shape, axes: readonly number[]): Storage
  broadcastTo(x: Storage, shape: Shape, out: Shape): Storage
  /** Every `steps[axis]`-th element from `starts[axis]`, as many as `out` says. */
  slice(x: Storage, shape: Shape, starts: readonly number[], steps: readonly number[], out: Shape): Storage
  /** The reverse of `slice`: zeros of `shape` with dy put where the elements came from. */
  sliceGrad(dy: Storage, dyShape: Shape, starts: readonly number[], steps: readonly number[], shape: Shape): Storage
  /** Joins along the middle axis; part i is [outer, sizes[i], inner]. */
  concat(parts: readonly Storage[], outer: number, sizes: readonly number[], inner: number): Storage
}

/** Element by element. */
export interface Elementwise {
  map(op: MapOp, x: Storage, p: number, q: number): Storage
  zip(op: ZipOp, a: Storage, aShape: Shape, b: Storage, bShape: Shape, out: Shape, p: number, q: number): Storage
  /** condition ≠ 0 ? a : b; all of one length. */
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
  /** Over the last axis, [rows, columns]. A row of -Infinity gives NaN, as PyTorch does. */
  softmax(x: Storage, rows: number, columns: number): Storage
  logSoftmax(x: Storage, rows: number, columns: number): Storage
  softmaxGrad(dy: Storage, y: Storage, rows: number, columns: number): Storage // y (dy - Σ dy y)
  logSoftmaxGrad(dy: Storage, y: Storage, rows: number, columns: number): Storage // dy - e^y Σ dy
}

export interface Standardization {
  /** Row by row (x - mean) / √(variance + epsilon), population variance. */
  standardize(x: Storage, rows: number, columns: number, epsilon: number): Storage
  standardizeGrad(dy: Storage, x: Storage, rows: number, columns: number, epsilon: number): Storage
}

export interface Products {
  /** `bias`, if any, is a row of n numbers that every row of every C starts from. */
  matmul(spec: MatmulSpec, a: Storage, b: Storage, bias: Storage | null): Storage
}

/** By int32 indices in 0 … size-1, checked by the caller. */
export interface Indexing {
  /** out[o, c, i] = x[o, index[o, c, i], i]: index is [outer, count, inner]. */
  gather(x: Storage, index: Storage, view: AxisView, count: number): Storage
  /** Zeros [outer, size, inner] with dy added where `gather` read. */
  gatherGrad(dy: Storage, index: Storage, view: AxisView, count: number): Storage
  /** out[o, c, i] = x[o, index[c], i]: index is [count]. */
  take(x: Storage, index: Storage, view: AxisView, count: number): Storage
  takeGrad(dy: Storage, index: Storage, view: AxisView, count: number): Storage
}

/** Optimizer updates of whole parameter blocks of equal length. A null buffer is one the settings do not need. */
export interface Updates {
  sgd(parameter: Storage, grad: Storage, velocity: Storage | null, settings: SgdSettings): void
  /** `maxSecond` holds AMSGrad's running maximum. */
  adam(
    p: Storage,
    grad: Storage,
    first: Storage,
    second: Storage,
    maxSecond: Storage | null,
    settings: AdamSettings,
  ): void
  rmsprop(
    p: Storage,
    grad: Storage,
    second: Storage,
    mean: Storage | null,
    velocity: Storage | null,
    s: RmsPropSettings,
  ): void
  adagrad(parameter: Storage, grad: Storage, sum: Storage, settings: AdagradSettings): void
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
