// Over one axis of [outer, size, inner]. One thread walks the whole axis for one number of the result: right for the short
// axes of reinforcement learning (actions, features, a batch). Read next: tables.ts.

import type { KernelThis } from '../program.ts'

declare function quotient(a: number, b: number): number

/** From thread to thread, from row of threads to row, and along the axis. */
type Axis = 'size' | 'x' | 'y' | 'step'

export function sum(this: KernelThis<Axis>, x: number[]): number {
  let total = 0
  for (let s = 0; s < this.constants.size; s++) {
    total += x[this.thread.y * this.constants.y + this.thread.x * this.constants.x + s * this.constants.step]!
  }
  return total
}

/** The sum of every `parts`-th number, to be summed up again: one thread would take long over many numbers. */
export function sumOfPart(this: KernelThis<'length' | 'rounds' | 'parts'>, x: number[]): number {
  let total = 0
  for (let s = 0; s < this.constants.rounds; s++) {
    if (s * this.constants.parts + this.thread.x < this.constants.length) {
      total += x[s * this.constants.parts + this.thread.x]!
    }
  }
  return total
}

/** NaN fails every comparison, so it is looked for by itself, and stays. */
export function max(this: KernelThis<Axis>, x: number[]): number {
  let best = x[this.thread.y * this.constants.y + this.thread.x * this.constants.x]!
  for (let s = 1; s < this.constants.size; s++) {
    const value = x[this.thread.y * this.constants.y + this.thread.x * this.constants.x + s * this.constants.step]!
    if (value > best) best = value
    else if (!(value <= best)) best = best + value
  }
  return best
}

export function min(this: KernelThis<Axis>, x: number[]): number {
  let best = x[this.thread.y * this.constants.y + this.thread.x * this.constants.x]!
  for (let s = 1; s < this.constants.size; s++) {
    const value = x[this.thread.y * this.constants.y + this.thread.x * this.constants.x + s * this.constants.step]!
    if (value < best) best = value
    else if (!(value >= best)) best = best + value
  }
  return best
}

/** `sign` 1 for the largest, -1 for the smallest. The first of equals; the first NaN before all. */
export function argBest(this: KernelThis<Axis | 'sign'>, x: number[]): number {
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

/** Row `y` of the threads is place `y - outer · size` of the axis, which is walked from `first` in steps of 1 or -1. */
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
