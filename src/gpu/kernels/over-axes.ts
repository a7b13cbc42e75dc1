// Sums over one axis that are not a rule of lines.ts. One thread reads the whole axis for each result, which suits the short axes of
// reinforcement learning (actions, features, a batch).

import type { KernelThis } from './program.ts'

declare function quotient(a: number, b: number): number

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
