// One operand, element by element. The kernels are the first three, by the number of constants that an operation takes; each
// of the functions below them is called under the name `apply`. GPUs may drop NaN in min and max, so what must keep it is written with comparisons.
// Read next: ../maps.ts, the table of them.

import type { KernelThis } from '../program.ts'

declare function apply(x: number, p?: number, q?: number): number
declare function expOf(x: number): number
declare function logOf(x: number): number
declare function tanhOf(x: number): number
declare function normalCdfOf(x: number): number

export function map(this: KernelThis, x: number[]): number {
  return apply(x[this.thread.x]!)
}

export function mapWithOne(this: KernelThis, x: number[], p: number): number {
  return apply(x[this.thread.x]!, p)
}

export function mapWithTwo(this: KernelThis, x: number[], p: number, q: number): number {
  return apply(x[this.thread.x]!, p, q)
}

export function neg(x: number): number {
  return -x
}

export function abs(x: number): number {
  return Math.abs(x)
}

export function sign(x: number): number {
  if (x > 0) return 1
  if (x < 0) return -1
  return x
}

export function exp(x: number): number {
  return expOf(x)
}

export function log(x: number): number {
  return logOf(x)
}

export function sqrt(x: number): number {
  return Math.sqrt(x)
}

export function square(x: number): number {
  return x * x
}

export function reciprocal(x: number): number {
  return 1 / x
}

export function scale(x: number, p: number): number {
  return x * p
}

export function shift(x: number, p: number): number {
  return x + p
}

/** The last line is NaN's, and a sum, so that no compiler makes a maximum of the rest: that drops NaN. */
export function relu(x: number): number {
  if (x > 0) return x
  if (x <= 0) return 0
  return x + x
}

export function leakyRelu(x: number, p: number): number {
  if (x > 0) return x
  return p * x
}

/** Near 0, e^x - 1 loses its digits and x + x²/2 + x³/6 has them. */
export function elu(x: number, p: number): number {
  if (x > 0) return x
  if (x > -0.01) return p * x * (1 + x * (0.5 + x / 6))
  return p * (expOf(x) - 1)
}

export function gelu(x: number): number {
  return x * normalCdfOf(x)
}

export function geluTanh(x: number): number {
  return 0.5 * x * (1 + tanhOf(0.7978845608028654 * (x + 0.044715 * x * x * x)))
}

export function tanh(x: number): number {
  return tanhOf(x)
}

export function sigmoid(x: number): number {
  return 1 / (1 + expOf(-x))
}

export function softplus(x: number): number {
  const bend = logOf(1 + expOf(-Math.abs(x)))
  if (x > 0) return x + bend
  return bend
}

export function silu(x: number): number {
  return x / (1 + expOf(-x))
}

/** The last line is NaN's: see `relu`. */
export function clamp(x: number, p: number, q: number): number {
  if (x < p) return p
  if (x > q) return q
  if (x >= p) return x
  return x + p
}
