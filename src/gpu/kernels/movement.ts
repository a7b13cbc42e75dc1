// Kernels that move numbers without changing them, and kernels that pick along the middle axis of [outer, size, inner] by
// index. In a gradient each thread searches for all places that read its element, so no two threads add to one number.

import type { KernelThis } from './program.ts'

declare function quotient(a: number, b: number): number

/** Copies an array from the CPU. In all other kernels the argument is a buffer or texture. */
export function upload(this: KernelThis, values: number[]): number {
  return values[this.thread.x]!
}

/**
 * The text of a strided read: a permutation, a broadcast (stride 0) or a slice (from `first`). The threads are in rows along the last
 * axis; `n1`, `n2`, … are sizes of the result, `s0`, `s1`, … strides of `x`.
 */
export function stridedText(rank: number): string {
  const inRow = `this.constants.first + this.thread.x * this.constants.s${rank - 1}`
  if (rank === 1) return `function kernel(x) { return x[${inRow}]; }`
  if (rank === 2) return `function kernel(x) { return x[${inRow} + this.thread.y * this.constants.s0]; }`
  const steps = Array.from({ length: rank - 2 }, (_, i) => {
    const axis = rank - 2 - i
    const n = `this.constants.n${axis}`
    return `const above${axis} = quotient(rest, ${n}); at += (rest - above${axis} * ${n}) * this.constants.s${axis}; rest = above${axis};`
  })
  return `function kernel(x) { let rest = this.thread.y; let at = ${inRow}; ${steps.join(' ')} return x[at + rest * this.constants.s0]; }`
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

/** The text of `gather` (`isFull`: the index is [outer, count, inner]) and of `take` (it is [count], the same for all lines). */
export const pickText = (isFull: boolean) => `function kernel(x, index) {
  const outer = quotient(this.thread.y, this.constants.count);
  const picked = index[${isFull ? 'this.thread.y * this.constants.inner + this.thread.x' : 'this.thread.y - outer * this.constants.count'}];
  return x[(outer * this.constants.size + picked) * this.constants.inner + this.thread.x];
}`

/** The text of their gradients. */
export const putBackText = (isFull: boolean) => `function kernel(dy, index) {
  const outer = quotient(this.thread.y, this.constants.size);
  const place = this.thread.y - outer * this.constants.size;
  let total = 0;
  for (let c = 0; c < this.constants.count; c++) {
    const at = (outer * this.constants.count + c) * this.constants.inner + this.thread.x;
    if (index[${isFull ? 'at' : 'c'}] === place) total += dy[at];
  }
  return total;
}`
