// Two operands, element by element. The kernels are the first three, by the number of constants that an operation takes; each
// of the functions below them is called under the name `combine`. Read next: ../zips.ts, the table of them.

import type { KernelThis } from '../program.ts'

declare function combine(a: number, b: number, p?: number, q?: number): number
declare function expOf(x: number): number
declare function normalCdfOf(x: number): number
declare function tanhOf(x: number): number

/** From thread to thread an operand steps by 1 or stays; from row to row it steps by the width, by 1, or stays. */
type Steps = 'ax' | 'ay' | 'bx' | 'by'

export function zip(this: KernelThis<Steps>, a: number[], b: number[]): number {
  return combine(
    a[this.thread.y * this.constants.ay + this.thread.x * this.constants.ax]!,
    b[this.thread.y * this.constants.by + this.thread.x * this.constants.bx]!,
  )
}

export function zipWithOne(this: KernelThis<Steps>, a: number[], b: number[], p: number): number {
  return combine(
    a[this.thread.y * this.constants.ay + this.thread.x * this.constants.ax]!,
    b[this.thread.y * this.constants.by + this.thread.x * this.constants.bx]!,
    p,
  )
}

export function zipWithTwo(this: KernelThis<Steps>, a: number[], b: number[], p: number, q: number): number {
  return combine(
    a[this.thread.y * this.constants.ay + this.thread.x * this.constants.ax]!,
    b[this.thread.y * this.constants.by + this.thread.x * this.constants.bx]!,
    p,
    q,
  )
}

export function choose(this: KernelThis, condition: number[], a: number[], b: number[]): number {
  if (condition[this.thread.x] === 0) return b[this.thread.x]!
  return a[this.thread.x]!
}

/** a := a + p (b - a). */
export function lerp(a: number, b: number, p: number): number {
  return a + p * (b - a)
}

export function add(a: number, b: number): number {
  return a + b
}

export function sub(a: number, b: number): number {
  return a - b
}

export function mul(a: number, b: number): number {
  return a * b
}

export function div(a: number, b: number): number {
  return a / b
}

/** aᵇ. A GPU's pow takes only positive bases: for others it matters whether b is even, odd or a fraction, which gives NaN. */
export function power(a: number, b: number): number {
  if (b === 0) return 1
  if (b === 1) return a
  if (b === 2) return a * a
  if (b === 3) return a * a * a
  if (b === -1) return 1 / a
  if (!(a >= 0 || a < 0)) return a
  if (!(b >= 0 || b < 0)) return b
  // As in JavaScript, 1 to the power of infinity is no number; b - b would be, to a compiler that takes it for 0.
  if (a * a === 1 && b * 0.5 === b) return Math.sqrt(-1 - a * a)
  if (a > 0 && b === 0.5) return Math.sqrt(a)
  if (a > 0) return a ** b
  const half = Math.floor(b / 2) * 2
  if (a === 0 && b > 0) return 0
  if (a === 0 && half + 1 === b) return 1 / a
  if (a === 0 && b < 0) return 1 / Math.abs(a)
  if (half === b) return (-a) ** b
  if (half + 1 === b) return -((-a) ** b)
  // Minus infinity, the only number left that is its own half, has every power that infinity has.
  if (a * 0.5 === a) return (-a) ** b
  return Math.sqrt(-1 - a * a)
}

/** Neither comparison holds for NaN, which the sum keeps. */
export function maximum(a: number, b: number): number {
  if (a > b) return a
  if (b >= a) return b
  return a + b
}

export function minimum(a: number, b: number): number {
  if (a < b) return a
  if (b <= a) return b
  return a + b
}

export function equal(a: number, b: number): number {
  if (a === b) return 1
  return 0
}

export function notEqual(a: number, b: number): number {
  if (a === b) return 0
  return 1
}

export function greater(a: number, b: number): number {
  if (a > b) return 1
  return 0
}

export function greaterEqual(a: number, b: number): number {
  if (a >= b) return 1
  return 0
}

export function less(a: number, b: number): number {
  if (a < b) return 1
  return 0
}

export function lessEqual(a: number, b: number): number {
  if (a <= b) return 1
  return 0
}

export function reluGrad(dy: number, x: number): number {
  if (x > 0) return dy
  return 0
}

export function leakyReluGrad(dy: number, x: number, p: number): number {
  if (x > 0) return dy
  return p * dy
}

export function eluGrad(dy: number, x: number, p: number): number {
  if (x > 0) return dy
  return dy * p * expOf(x)
}

/** Φ(x) + x φ(x). */
export function geluGrad(dy: number, x: number): number {
  return dy * (normalCdfOf(x) + x * 0.3989422804014327 * expOf(-0.5 * x * x))
}

/** With t the tanh of u: (1 + t) / 2 + x (1 - t²) u' / 2. */
export function geluTanhGrad(dy: number, x: number): number {
  const t = tanhOf(0.7978845608028654 * (x + 0.044715 * x * x * x))
  const slope = 0.7978845608028654 * (1 + 0.134145 * x * x)
  return dy * 0.5 * (1 + t + x * (1 - t * t) * slope)
}

export function softplusGrad(dy: number, x: number): number {
  return dy / (1 + expOf(-x))
}

export function siluGrad(dy: number, x: number): number {
  const s = 1 / (1 + expOf(-x))
  return dy * s * (1 + x * (1 - s))
}

export function clampGrad(dy: number, x: number, p: number, q: number): number {
  if (x >= p && x <= q) return dy
  return 0
}

export function tanhGrad(dy: number, y: number): number {
  return dy * (1 - y * y)
}

export function sigmoidGrad(dy: number, y: number): number {
  return dy * y * (1 - y)
}
