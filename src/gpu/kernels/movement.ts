// Kernels that move numbers without changing them, and kernels that pick along the middle axis of [outer, size, inner] by
// index. In a gradient each thread searches for all places that read its element, so no two threads add to one number.

import type { KernelThis } from '../program.ts'

declare function quotient(a: number, b: number): number

/** Copies an array from the CPU. In all other kernels the argument is a buffer or texture. */
export function upload(this: KernelThis, values: number[]): number {
  return values[this.thread.x]!
}

/**
 * A strided read of up to six axes: a permutation, a broadcast (stride 0) or a slice (from `first`). n1 to n4 are sizes of
 * the result; its first axis needs no size, and its last is the width of the threads.
 */
export function strided(
  this: KernelThis<'first' | 'n1' | 'n2' | 'n3' | 'n4' | 's0' | 's1' | 's2' | 's3' | 's4' | 's5'>,
  x: number[],
): number {
  let rest = this.thread.y
  let above = quotient(rest, this.constants.n4)
  let at =
    this.constants.first + this.thread.x * this.constants.s5 + (rest - above * this.constants.n4) * this.constants.s4
  rest = above
  above = quotient(rest, this.constants.n3)
  at += (rest - above * this.constants.n3) * this.constants.s3
  rest = above
  above = quotient(rest, this.constants.n2)
  at += (rest - above * this.constants.n2) * this.constants.s2
  rest = above
  above = quotient(rest, this.constants.n1)
  at += (rest - above * this.constants.n1) * this.constants.s1 + above * this.constants.s0
  return x[at]!
}

/** [outer, count, inner] → [outer, size, inner]: element c goes to `start + c · step`, the others are 0. */
export function spreadOut(this: KernelThis<'size' | 'count' | 'inner' | 'start' | 'step'>, x: number[]): number {
  const outer = quotient(this.thread.y, this.constants.size)
  const place = this.thread.y - outer * this.constants.size - this.constants.start
  const count = Math.floor(place / this.constants.step + 0.5)
  if (count < 0 || count >= this.constants.count) return 0
  if (count * this.constants.step !== place) return 0
  return x[(outer * this.constants.count + count) * this.constants.inner + this.thread.x]!
}

/** Two matrices side by side. */
export function join(this: KernelThis<'left' | 'right'>, a: number[], b: number[]): number {
  if (this.thread.x < this.constants.left) return a[this.thread.y * this.constants.left + this.thread.x]!
  return b[this.thread.y * this.constants.right + this.thread.x - this.constants.left]!
}

type View = 'size' | 'count' | 'inner'

/** out[o, c, i] = x[o, index[o, c, i], i]. */
export function gather(this: KernelThis<View>, x: number[], index: number[]): number {
  const outer = quotient(this.thread.y, this.constants.count)
  const picked = index[this.thread.y * this.constants.inner + this.thread.x]!
  return x[(outer * this.constants.size + picked) * this.constants.inner + this.thread.x]!
}

export function gatherGrad(this: KernelThis<View>, dy: number[], index: number[]): number {
  const outer = quotient(this.thread.y, this.constants.size)
  const place = this.thread.y - outer * this.constants.size
  let total = 0
  for (let c = 0; c < this.constants.count; c++) {
    const at = (outer * this.constants.count + c) * this.constants.inner + this.thread.x
    if (index[at]! === place) total += dy[at]!
  }
  return total
}

/** out[o, c, i] = x[o, index[c], i]. */
export function take(this: KernelThis<View>, x: number[], index: number[]): number {
  const outer = quotient(this.thread.y, this.constants.count)
  const picked = index[this.thread.y - outer * this.constants.count]!
  return x[(outer * this.constants.size + picked) * this.constants.inner + this.thread.x]!
}

export function takeGrad(this: KernelThis<View>, dy: number[], index: number[]): number {
  const outer = quotient(this.thread.y, this.constants.size)
  const place = this.thread.y - outer * this.constants.size
  let total = 0
  for (let c = 0; c < this.constants.count; c++) {
    if (index[c]! === place) {
      total += dy[(outer * this.constants.count + c) * this.constants.inner + this.thread.x]!
    }
  }
  return total
}
