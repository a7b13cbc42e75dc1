// Reductions over one axis of [outer, size, inner], and row statistics of [rows, columns]. One thread reads the whole axis
// for each result, which suits the short axes of reinforcement learning (actions, features, a batch).

import type { KernelThis } from '../program.ts'

declare function quotient(a: number, b: number): number
declare function expOf(x: number): number
declare function logOf(x: number): number

/** The size of the axis, and the strides from thread to thread, between rows of threads, and along the axis. */
type Axis = 'size' | 'x' | 'y' | 'step'

export function sum(this: KernelThis<Axis>, x: number[]): number {
  let total = 0
  for (let s = 0; s < this.constants.size; s++) {
    total += x[this.thread.y * this.constants.y + this.thread.x * this.constants.x + s * this.constants.step]!
  }
  return total
}

/** The sum of every `parts`-th number. A second kernel adds these, so that no thread sums a long array alone. */
export function sumOfPart(this: KernelThis<'length' | 'rounds' | 'parts'>, x: number[]): number {
  let total = 0
  for (let s = 0; s < this.constants.rounds; s++) {
    if (s * this.constants.parts + this.thread.x < this.constants.length) {
      total += x[s * this.constants.parts + this.thread.x]!
    }
  }
  return total
}

/** The largest number for `sign` 1, the smallest for -1. NaN fails both comparisons and is kept by the sum. */
export function extreme(this: KernelThis<Axis | 'sign'>, x: number[]): number {
  let best = x[this.thread.y * this.constants.y + this.thread.x * this.constants.x]!
  for (let s = 1; s < this.constants.size; s++) {
    const value = x[this.thread.y * this.constants.y + this.thread.x * this.constants.x + s * this.constants.step]!
    if (value * this.constants.sign > best * this.constants.sign) best = value
    else if (!(value * this.constants.sign <= best * this.constants.sign)) best = best + value
  }
  return best
}

/** The index of the largest number for `sign` 1, of the smallest for -1: the first NaN, else the first of equals. */
export function argExtreme(this: KernelThis<Axis | 'sign'>, x: number[]): number {
  let best = x[this.thread.y * this.constants.y + this.thread.x * this.constants.x]!
  let place = 0
  let isNumber = 0
  if (best >= 0 || best <= 0) isNumber = 1
  for (let s = 1; s < this.constants.size; s++) {
    const value = x[this.thread.y * this.constants.y + this.thread.x * this.constants.x + s * this.constants.step]!
    if (isNumber > 0) {
      if (value * this.constants.sign > best * this.constants.sign) {
        best = value
        place = s
      } else if (!(value * this.constants.sign <= best * this.constants.sign)) {
        place = s
        isNumber = 0
      }
    }
  }
  return place
}

/** Row `y` of the threads is index `y - outer · size` of the axis. The sum runs from `first` in steps of 1 or -1. */
export function cumsum(this: KernelThis<'size' | 'inner' | 'first' | 'step'>, x: number[]): number {
  const outer = quotient(this.thread.y, this.constants.size)
  const place = this.thread.y - outer * this.constants.size
  const rounds = (place - this.constants.first) * this.constants.step
  let total = 0
  for (let s = 0; s < this.constants.size; s++) {
    if (s <= rounds) {
      total +=
        x[
          (outer * this.constants.size + this.constants.first + s * this.constants.step) * this.constants.inner +
            this.thread.x
        ]!
    }
  }
  return total
}

/** `[rows, 2]`: the largest number of each row, and Σ e^(x - largest). */
export function exponentials(this: KernelThis<'columns'>, x: number[]): number {
  let largest = x[this.thread.y * this.constants.columns]!
  for (let j = 1; j < this.constants.columns; j++) {
    largest = Math.max(largest, x[this.thread.y * this.constants.columns + j]!)
  }
  if (this.thread.x === 0) return largest
  let total = 0
  for (let j = 0; j < this.constants.columns; j++) {
    total += expOf(x[this.thread.y * this.constants.columns + j]! - largest)
  }
  return total
}

export function softmax(this: KernelThis<'columns'>, x: number[], exponentials: number[]): number {
  const own = x[this.thread.y * this.constants.columns + this.thread.x]!
  return expOf(own - exponentials[this.thread.y * 2]!) / exponentials[this.thread.y * 2 + 1]!
}

export function logSoftmax(this: KernelThis<'columns'>, x: number[], exponentials: number[]): number {
  const own = x[this.thread.y * this.constants.columns + this.thread.x]!
  return own - exponentials[this.thread.y * 2]! - logOf(exponentials[this.thread.y * 2 + 1]!)
}

/** `[rows]`: Σ a b. */
export function dots(this: KernelThis<'columns'>, a: number[], b: number[]): number {
  let dot = 0
  for (let j = 0; j < this.constants.columns; j++) {
    dot += a[this.thread.x * this.constants.columns + j]! * b[this.thread.x * this.constants.columns + j]!
  }
  return dot
}

/** y (dy - Σ dy y). */
export function softmaxGrad(this: KernelThis<'columns'>, dy: number[], y: number[], dots: number[]): number {
  const difference = dy[this.thread.y * this.constants.columns + this.thread.x]! - dots[this.thread.y]!
  return y[this.thread.y * this.constants.columns + this.thread.x]! * difference
}

/** dy - eʸ Σ dy. */
export function logSoftmaxGrad(this: KernelThis<'columns'>, dy: number[], y: number[], sums: number[]): number {
  const probability = expOf(y[this.thread.y * this.constants.columns + this.thread.x]!)
  return dy[this.thread.y * this.constants.columns + this.thread.x]! - probability * sums[this.thread.y]!
}

/** `[rows, 2]`: mean and variance. */
export function moments(this: KernelThis<'columns'>, x: number[]): number {
  let total = 0
  for (let j = 0; j < this.constants.columns; j++) {
    total += x[this.thread.y * this.constants.columns + j]!
  }
  const mean = total / this.constants.columns
  if (this.thread.x === 0) return mean
  let squares = 0
  for (let j = 0; j < this.constants.columns; j++) {
    const off = x[this.thread.y * this.constants.columns + j]! - mean
    squares += off * off
  }
  return squares / this.constants.columns
}

/** (x - mean) / √(variance + ε). */
export function standardize(this: KernelThis<'columns'>, x: number[], moments: number[], epsilon: number): number {
  const off = x[this.thread.y * this.constants.columns + this.thread.x]! - moments[this.thread.y * 2]!
  return off / Math.sqrt(moments[this.thread.y * 2 + 1]! + epsilon)
}

/** `[rows, 2]`: the mean of dy, and the mean of dy (x - mean). */
export function slopes(this: KernelThis<'columns'>, dy: number[], x: number[], moments: number[]): number {
  let total = 0
  let dot = 0
  for (let j = 0; j < this.constants.columns; j++) {
    const each = dy[this.thread.y * this.constants.columns + j]!
    total += each
    dot += each * (x[this.thread.y * this.constants.columns + j]! - moments[this.thread.y * 2]!)
  }
  if (this.thread.x === 0) return total / this.constants.columns
  return dot / this.constants.columns
}

/** With x̂ the result: (dy - mean(dy) - x̂ mean(dy x̂)) / σ. */
export function standardizeGrad(
  this: KernelThis<'columns'>,
  dy: number[],
  x: number[],
  moments: number[],
  slopes: number[],
  epsilon: number,
): number {
  const variance = moments[this.thread.y * 2 + 1]! + epsilon
  const off = x[this.thread.y * this.constants.columns + this.thread.x]! - moments[this.thread.y * 2]!
  const change = dy[this.thread.y * this.constants.columns + this.thread.x]! - slopes[this.thread.y * 2]!
  return (change - (off * slopes[this.thread.y * 2 + 1]!) / variance) / Math.sqrt(variance)
}
