// Elementary functions whose bits are the same in every JavaScript engine. The language leaves Math.sin, Math.exp and
// their kin to the engine (ECMA-262, "implementation-approximated"), and engines do differ in the last bit; additions,
// multiplications, divisions and square roots are exact by the standard. So these are made of those alone: reduce the
// argument to a small interval, then sum the Taylor series there. Use them wherever a result reaches a seeded run.
//
// Errors against Math.* in test/tensor/portable-math.test.ts: below 1e-15 relative (sin and cos: absolute, |x| <= 1e5).

const LN2_HIGH = 0.69314718036912381649 // ln 2 to 33 bits, so that k * LN2_HIGH is exact
const LN2_LOW = 1.90821492927058770002e-10 // ln 2 - LN2_HIGH
const HALF_PI_HIGH = 1.57079632673412561417 // pi/2 to 33 bits
const HALF_PI_MIDDLE = 6.0771005063039659766e-11 // the next 33 bits
const HALF_PI_LOW = 2.02226624879595063154e-21
const SQRT2 = Math.SQRT2

/** e^x. Exact at 0 and the infinities; 0 below -745.13, Infinity above 709.78. */
export function exp(x: number): number {
  if (x !== x) return x
  if (x > 709.782712893384) return Infinity
  if (x < -745.1332191019412) return 0
  const k = Math.round(x / Math.LN2)
  const r = x - k * LN2_HIGH - k * LN2_LOW // |r| <= 0.35
  return scaleByPowerOfTwo(expSeries(r), k)
}

/** Natural logarithm: -Infinity at 0, NaN below. */
export function log(x: number): number {
  if (x !== x || x < 0) return Number.NaN
  if (x === 0) return -Infinity
  if (x === Infinity) return Infinity
  let exponent = 0
  let m = x
  if (m < 2.2250738585072014e-308) {
    m *= 18014398509481984 // 2^54 lifts a subnormal
    exponent = -54
  }
  words[0] = m
  const high = bits[1]!
  exponent += ((high >>> 20) & 0x7ff) - 1023
  bits[1] = (high & 0x000fffff) | 0x3ff00000
  m = words[0]! // in [1, 2)
  if (m > SQRT2) {
    m /= 2
    exponent++
  }
  // ln m = 2 artanh(s), s = (m-1)/(m+1), |s| <= 0.1716. m - 1 is exact and is the leading part, added last.
  const f = m - 1
  const s = f / (m + 1)
  const z = s * s
  const tail =
    z *
    (2 / 3 +
      z *
        (2 / 5 +
          z *
            (2 / 7 +
              z * (2 / 9 + z * (2 / 11 + z * (2 / 13 + z * (2 / 15 + z * (2 / 17 + z * 0.10526315789473684))))))))
  // 2s = f - s f
  return exponent * LN2_HIGH + (f - (s * (f - tail) - exponent * LN2_LOW))
}

/** Hyperbolic tangent. */
export function tanh(x: number): number {
  const size = Math.abs(x)
  if (!(size > 1e-9)) return x
  if (size > 22) return x > 0 ? 1 : -1
  if (size < 0.5) {
    const e = expMinusOne(2 * size)
    const t = e / (e + 2)
    return x > 0 ? t : -t
  }
  const t = 1 - 2 / (exp(2 * size) + 1)
  return x > 0 ? t : -t
}

/** Sine, |x| up to 1e5 at full accuracy; NaN at the infinities. */
export function sin(x: number): number {
  const quadrant = reduce(x)
  switch (quadrant & 3) {
    case 0:
      return sinSeries(remainder)
    case 1:
      return cosSeries(remainder)
    case 2:
      return -sinSeries(remainder)
    default:
      return -cosSeries(remainder)
  }
}

/** Cosine, |x| up to 1e5 at full accuracy; NaN at the infinities. */
export function cos(x: number): number {
  const quadrant = reduce(x)
  switch (quadrant & 3) {
    case 0:
      return cosSeries(remainder)
    case 1:
      return -sinSeries(remainder)
    case 2:
      return -cosSeries(remainder)
    default:
      return sinSeries(remainder)
  }
}

/** x^y for x > 0, by exp(y ln x): relative error up to |y ln x| * 1e-16. For whole y use `integerPower`, which is exact in more cases. */
export function power(x: number, y: number): number {
  if (y === 0) return 1
  if (x === 0) return y > 0 ? 0 : Infinity
  return exp(y * log(x))
}

/** x^n for a whole n >= 0, by repeated squaring. */
export function integerPower(x: number, n: number): number {
  let result = 1
  let square = x
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square
    square *= square
  }
  return result
}

const words = new Float64Array(1)
const bits = new Int32Array(words.buffer) // little-endian: bits[1] holds sign, exponent and the high mantissa

let remainder = 0

// x = quadrant * pi/2 + remainder, |remainder| <= pi/4 (Cody and Waite 1980: pi/2 in three parts).
function reduce(x: number): number {
  if (x <= 0.7853981633974483 && x >= -0.7853981633974483) {
    remainder = x
    return 0
  }
  const quadrant = Math.round(x * (2 / Math.PI))
  remainder = x - quadrant * HALF_PI_HIGH - quadrant * HALF_PI_MIDDLE - quadrant * HALF_PI_LOW
  return quadrant
}

function sinSeries(r: number): number {
  const z = r * r
  return (
    r +
    r *
      z *
      (-1 / 6 +
        z *
          (1 / 120 +
            z *
              (-1 / 5040 + z * (1 / 362880 + z * (-1 / 39916800 + z * (1 / 6227020800 + z * -7.647163731819816e-13))))))
  )
}

function cosSeries(r: number): number {
  const z = r * r
  const half = 0.5 * z
  const leading = 1 - half
  const tail =
    z *
    z *
    (1 / 24 +
      z *
        (-1 / 720 +
          z *
            (1 / 40320 +
              z * (-1 / 3628800 + z * (1 / 479001600 + z * (-1 / 87178291200 + z * 4.779477332387385e-14))))))
  return leading + (1 - leading - half + tail) // 1 - leading - half is the rounding error of `leading`
}

function expSeries(r: number): number {
  return 1 + expMinusOneSeries(r)
}

function expMinusOne(x: number): number {
  if (Math.abs(x) < 0.35) return expMinusOneSeries(x)
  return exp(x) - 1
}

function expMinusOneSeries(r: number): number {
  return (
    r +
    r *
      r *
      (1 / 2 +
        r *
          (1 / 6 +
            r *
              (1 / 24 +
                r *
                  (1 / 120 +
                    r *
                      (1 / 720 +
                        r *
                          (1 / 5040 +
                            r *
                              (1 / 40320 +
                                r *
                                  (1 / 362880 +
                                    r *
                                      (1 / 3628800 +
                                        r * (1 / 39916800 + r * (1 / 479001600 + r * 1.605904383682161e-10)))))))))))
  )
}

function scaleByPowerOfTwo(x: number, k: number): number {
  if (k > -1021 && k < 1023) {
    bits[0] = 0
    bits[1] = (k + 1023) << 20
    return x * words[0]!
  }
  // Two halves reach subnormal results and the top binade without an overflow on the way.
  const half = k >> 1
  bits[0] = 0
  bits[1] = (half + 1023) << 20
  const first = x * words[0]!
  bits[1] = (k - half + 1023) << 20
  return first * words[0]!
}
