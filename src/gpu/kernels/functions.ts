// Functions that every kernel may call, by the names in `commonFunctions`. WebGPU and WebGL do not define results for NaN and
// infinities, and software adapters return exp(NaN) = Infinity and log(0) = -88; these functions return JavaScript's results.

import type { ElementFunction } from '../program.ts'

declare function expOf(x: number): number

export const commonFunctions: Readonly<Record<string, ElementFunction>> = {
  expOf: (x) => (x >= 0 || x < 0 ? Math.exp(x) : x),

  logOf: (x) => {
    if (x > 3.4028234e38) return x
    if (x > 0) return Math.log(x)
    if (x < 0) return Math.sqrt(x)
    if (x === 0) return -1 / Math.abs(x)
    return x
  },

  /** Computed by exp, because WGSL allows its tanh an error of 1e-5. It rounds to 1 beyond 9; near 0 it is a series. */
  tanhOf: (x) => {
    if (x > 9) return 1
    if (x < -9) return -1
    if (x > -0.05 && x < 0.05) return x * (1 - x * x * (1 / 3 - (x * x * 2) / 15))
    if (x > 0) return 1 - 2 / (Math.exp(2 * x) + 1)
    if (x < 0) return 2 / (Math.exp(-2 * x) + 1) - 1
    return x
  },

  /** Φ(x) by the error function of Abramowitz and Stegun 1964, 7.1.26. Error below 1.5e-7. */
  normalCdfOf: (x) => {
    const z = Math.abs(x) / Math.sqrt(2)
    const t = 1 / (1 + 0.3275911 * z)
    const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    const tail = 0.5 * series * expOf(-z * z)
    if (x < 0) return tail
    return 1 - tail
  },

  /** ⌊a / b⌋ for integers up to 2²⁴. A GPU's division may be inexact (6 / 3 = 1.9999999), so the quotient is corrected. */
  quotient: (a, b) => {
    const near = Math.floor((a + 0.5) / b)
    if (near * b > a) return near - 1
    if ((near + 1) * b <= a) return near + 1
    return near
  },
}
