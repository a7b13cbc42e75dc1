// Picking along the middle axis of [outer, size, inner] by index, and the way back: a thread of the gradient looks for all
// places that read its element, so that no two threads add to one number.

import type { KernelThis } from '../program.ts'

declare function quotient(a: number, b: number): number

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
