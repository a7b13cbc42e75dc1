// Special functions with the same bits in every engine; see portable-math.ts.

import { exp, integerPower, log, tanh } from './portable-math.ts'

const TWO_OVER_ROOT_PI = 1.1283791670955126
export const GELU_SLOPE = 0.7978845608028654 // √(2/π)
export const GELU_CUBIC = 0.044715

/** erf(x) = 2/√π ∫₀ˣ e^(-t²) dt. Abramowitz and Stegun 1964, 7.1.6 below 2 and 7.1.14 above. Relative error below 1e-15. */
export function erf(x: number): number {
  const size = Math.abs(x)
  if (!(size >= 2)) return erfSeries(x)
  const value = 1 - erfcFraction(size)
  return x > 0 ? value : -value
}

/** erfc(x) = 1 - erf(x). Relative error below 1e-13, also in the right tail. */
export function erfc(x: number): number {
  return x >= 2 ? erfcFraction(x) : 1 - erf(x)
}

/** Φ(x), the standard normal distribution function. */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2)
}

/** φ(x), the standard normal density. */
export function normalDensity(x: number): number {
  return 0.3989422804014327 * exp(-0.5 * x * x)
}

/** x^y with Math.pow's results for signs, zeros and infinities. */
export function pow(x: number, y: number): number {
  if (Number.isInteger(y) && Math.abs(y) <= 64) return y > 0 ? integerPower(x, y) : 1 / integerPower(x, -y)
  const size = y === 0.5 ? Math.sqrt(Math.abs(x)) : exp(y * log(Math.abs(x)))
  if (x > 0 || Object.is(x, 0)) return size
  if (Number.isInteger(y)) return y % 2 === 0 ? size : -size
  // A fractional power of a negative number is NaN, except at 0 and the infinities.
  return x === 0 || x === -Infinity || Math.abs(y) === Infinity ? size : Number.NaN
}

export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x))
  const e = exp(x) // does not overflow
  return e / (1 + e)
}

/** ln(1 + e^x), without overflow for large x or rounding to 0 for small x. */
export function softplus(x: number): number {
  return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))
}

/** ln(1 + x) for x > -1, accurate near 0 (Goldberg 1991, theorem 4). */
export function log1p(x: number): number {
  const w = 1 + x
  if (w === 1) return x
  return w === Infinity ? Infinity : (log(w) * x) / (w - 1)
}

/** e^x - 1, accurate near 0. */
export function expm1(x: number): number {
  if (Math.abs(x) > 0.5) return exp(x) - 1
  const t = tanh(x / 2) // e^x - 1 = 2t / (1 - t)
  return (2 * t) / (1 - t)
}

/** x Φ(x): Hendrycks and Gimpel 2016, arXiv:1606.08415. */
export function gelu(x: number): number {
  return x === -Infinity ? Number.NaN : x * normalCdf(x)
}

export function geluSlope(x: number): number {
  return normalCdf(x) + x * normalDensity(x)
}

/** The tanh approximation in the same paper. */
export function geluTanh(x: number): number {
  return 0.5 * x * (1 + tanh(GELU_SLOPE * (x + GELU_CUBIC * x * x * x)))
}

export function geluTanhSlope(x: number): number {
  const t = tanh(GELU_SLOPE * (x + GELU_CUBIC * x * x * x))
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU_SLOPE * (1 + 3 * GELU_CUBIC * x * x)
}

// All terms have the same sign, so nothing cancels.
function erfSeries(x: number): number {
  const z = 2 * x * x
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= z / (2 * n + 1)
    sum += term
  }
  return TWO_OVER_ROOT_PI * exp(-x * x) * sum
}

// The continued fraction x + (1/2)/(x + 1/(x + (3/2)/(x + …))), evaluated from the inside.
function erfcFraction(x: number): number {
  if (x > 27) return 0
  let fraction = x
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction
  return (exp(-x * x) * 0.5641895835477563) / fraction
}
