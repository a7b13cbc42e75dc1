// Numbers that move and stay what they are.

import type { KernelThis } from '../program.ts'

declare function quotient(a: number, b: number): number

/** From the CPU: the argument is an array there, and a buffer or texture in all other kernels. */
export function upload(this: KernelThis, values: number[]): number {
  return values[this.thread.x]!
}

export function same(this: KernelThis, x: number[]): number {
  return x[this.thread.x]!
}

export function constant(this: KernelThis, value: number): number {
  return value
}

export function truncate(this: KernelThis, x: number[]): number {
  if (x[this.thread.x]! < 0) return Math.ceil(x[this.thread.x]!)
  return Math.floor(x[this.thread.x]!)
}

/**
 * Row-major numbers of up to six axes, read with strides: a permutation, a repetition (stride 0), a slice (from `first`, in
 * steps). The sizes are those of the result, n1 to n5 for all but the first axis.
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

/** [outer, count, inner] spread out to [outer, size, inner]: element c at `start + c · step`, zeros between. */
export function spreadOut(this: KernelThis<'size' | 'count' | 'inner' | 'start' | 'step'>, x: number[]): number {
  const outer = quotient(this.thread.y, this.constants.size)
  const place = this.thread.y - outer * this.constants.size - this.constants.start
  const count = Math.floor(place / this.constants.step + 0.5)
  if (count < 0 || count >= this.constants.count) return 0
  if (count * this.constants.step !== place) return 0
  return x[(outer * this.constants.count + count) * this.constants.inner + this.thread.x]!
}

/** Two tables side by side. */
export function join(this: KernelThis<'left' | 'right'>, a: number[], b: number[]): number {
  if (this.thread.x < this.constants.left) return a[this.thread.y * this.constants.left + this.thread.x]!
  return b[this.thread.y * this.constants.right + this.thread.x - this.constants.left]!
}
