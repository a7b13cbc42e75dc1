// Functions that every kernel may call, by the names in the table below. WebGPU and WebGL promise nothing for NaN and
// infinities, and software adapters give exp(NaN) = Infinity and log(0) = -88: here they are as in JavaScript.
//
// They are called by the table's names, also by each other, because a bundler may rename the functions themselves.

import type { KernelSource } from '../program.ts'

declare function expOf(x: number): number

function exp(x: number): number {
  if (x >= 0 || x < 0) return Math.exp(x)
  return x
}

function log(x: number): number {
  if (x > 3.4028234e38) return x
  if (x > 0) return Math.log(x)
  if (x < 0) return Math.sqrt(x)
  if (x === 0) return -1 / Math.abs(x)
  return x
}

/** By exp, for WGSL lets its own tanh be off by 1e-5. Beyond 9 it is 1 to the last bit; near 0 the series keeps the digits. */
function tanh(x: number): number {
  if (x > 9) return 1
  if (x < -9) return -1
  if (x > -0.05 && x < 0.05) return x * (1 - x * x * (1 / 3 - (x * x * 2) / 15))
  if (x > 0) return 1 - 2 / (Math.exp(2 * x) + 1)
  if (x < 0) return 2 / (Math.exp(-2 * x) + 1) - 1
  return x
}

/** Φ(x), by the error function of Abramowitz and Stegun 1964, 7.1.26: off by less than 1.5e-7. */
function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.sqrt(2)
  const t = 1 / (1 + 0.3275911 * z)
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const tail = 0.5 * series * expOf(-z * z)
  if (x < 0) return tail
  return 1 - tail
}

/**
 * How often b goes into a, for whole numbers up to 2²⁴. A GPU's division may be off in its last digits, and 6 / 3 give
 * 1.9999999; so the quotient is looked at again.
 */
function quotient(a: number, b: number): number {
  const near = Math.floor((a + 0.5) / b)
  if (near * b > a) return near - 1
  if ((near + 1) * b <= a) return near + 1
  return near
}

export const commonFunctions: Readonly<Record<string, KernelSource>> = {
  expOf: exp,
  logOf: log,
  tanhOf: tanh,
  normalCdfOf: normalCdf,
  quotient,
}
