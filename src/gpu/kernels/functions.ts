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

  /**
   * sin x for the shift 0, cos x for 1/2: WGSL allows its own an error of 5e-4. With r = x - (k + shift) π in ±π/2, π in three parts
   * (Cody and Waite 1980, chapter 8), it is ±sin r, by the Taylor series.
   */
  sineOf: (x, shift) => {
    if (x > 3.4028234e38 || x < -3.4028234e38) return Math.sqrt(-1 - x * x)
    const k = Math.floor(x * 0.3183098861837907 + 0.5 - shift)
    const turns = k + shift
    const r = x - turns * 3.140625 - turns * 0.0009675025939941406 - turns * 1.509957990978e-7
    const s = r * r
    const sine = r * (1 - s * (1 / 6 - s * (1 / 120 - s * (1 / 5040 - s * (1 / 362880 - s / 39916800)))))
    const odd = k - 2 * Math.floor(k * 0.5)
    return (1 - 2 * odd) * (1 - 4 * shift) * sine
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
