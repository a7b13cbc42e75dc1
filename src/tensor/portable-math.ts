// Elementary functions with the same bits in every JavaScript engine. Math.sin, Math.exp and others are
// "implementation-approximated" (ECMA-262) and differ in the last bit between engines. These functions use only arithmetic
// and square roots, which are exactly specified. Use them wherever a result affects a seeded run.
//
// Each reduces its argument to a small interval and evaluates a minimax polynomial (Remez 1934) in Estrin's scheme (1960).
// Coefficients are inline, because a bundler may turn a module constant into a variable, which V8 does not fold. Errors are
// below 1e-15, relative (sin and cos: absolute, |x| <= 1e6); see test/tensor/portable-math.test.ts.

const LN2_HIGH = 0.6931471803691238 // ln 2 to 33 bits, so that k * LN2_HIGH is exact
const LN2_LOW = 1.9082149292705877e-10 // ln 2 - LN2_HIGH

/** e^x. Exact at 0 and the infinities; 0 below -745.13, Infinity above 709.78. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x
  if (x > 709.782712893384) return Infinity
  if (x < -745.1332191019412) return 0
  const k = toNearestInteger(x * Math.LOG2E)
  const y = 1 + expMinusOneNearZero(x - k * LN2_HIGH - k * LN2_LOW)
  if (k > 1023) return y * 2 * powersOfTwo[k + 1073]!
  if (k < -1022) return y * powersOfTwo[k + 1128]! * 5.551115123125783e-17 // 2^-54: a subnormal is rounded once
  return y * powersOfTwo[k + 1074]!
}

/** Natural logarithm: -Infinity at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN
  if (x === Infinity) return Infinity
  let exponent = 0
  let m = x
  if (m < 2.2250738585072014e-308) {
    m *= 18014398509481984 // 2^54 makes a subnormal normal
    exponent = -54
  }
  words[0] = m
  const binade = (bits[1]! >>> 20) - 1023
  m *= powersOfTwo[1074 - binade]! // in [1, 2)
  exponent += binade
  if (m > Math.SQRT2) {
    m *= 0.5
    exponent++
  }
  // ln m = 2 artanh(s), s = (m-1)/(m+1), |s| <= 0.1716. m - 1 is exact and the leading part, so it is added last.
  const f = m - 1
  const s = f / (m + 1)
  const z = s * s
  const w = z * z
  const tail =
    z *
    (0.6666666666666734 +
      z * 0.3999999999941464 +
      w * (0.2857142874239637 + z * 0.2222219857220925) +
      w * w * (0.18183564380545048 + z * 0.15314049069602104 + w * 0.14795965391339125))
  // 2s = f - s f
  return exponent * LN2_HIGH + (f - (s * (f - tail) - exponent * LN2_LOW))
}

/** Hyperbolic tangent. */
export function tanh(x: number): number {
  const size = Math.abs(x)
  if (!(size > 1e-9)) return x
  if (size > 22) return x > 0 ? 1 : -1
  if (size < 0.5) {
    const e = size < 0.17 ? expMinusOneNearZero(2 * size) : exp(2 * size) - 1
    const t = e / (e + 2)
    return x > 0 ? t : -t
  }
  const t = 1 - 2 / (exp(2 * size) + 1)
  return x > 0 ? t : -t
}

/** Sine, at full accuracy for |x| <= 1e6; NaN at the infinities. */
export function sin(x: number): number {
  return sinPlusQuarters(x, 0)
}

/** Cosine, at full accuracy for |x| <= 1e6; NaN at the infinities. */
export function cos(x: number): number {
  return sinPlusQuarters(x, 1)
}

// sin(x + shift pi/2).
function sinPlusQuarters(x: number, shift: number): number {
  let r = x
  let quarters = shift
  if (!(x <= 0.7853981633974483 && x >= -0.7853981633974483)) {
    const inRange = toAccurateRange(x)
    const turns = toNearestInteger(inRange * 0.6366197723675814)
    r = lessQuarters(inRange, turns)
    quarters += turns
  }
  const value = (quarters & 1) === 0 ? sinNearZero(r) : cosNearZero(r)
  return (quarters & 2) === 0 ? value : -value
}

/** Writes sin(x) to `out[at]` and cos(x) to `out[at + 1]`, with the bits of `sin` and `cos`. */
export function sinCos(x: number, out: Float64Array, at: number): void {
  let r = x
  let quarters = 0
  if (!(x <= 0.7853981633974483 && x >= -0.7853981633974483)) {
    const inRange = toAccurateRange(x)
    quarters = toNearestInteger(inRange * 0.6366197723675814)
    r = lessQuarters(inRange, quarters)
  }
  const sine = sinNearZero(r)
  const cosine = cosNearZero(r)
  // Branches on the quadrant are faster than selecting each result.
  switch (quarters & 3) {
    case 0:
      out[at] = sine
      out[at + 1] = cosine
      return
    case 1:
      out[at] = cosine
      out[at + 1] = -sine
      return
    case 2:
      out[at] = -sine
      out[at + 1] = -cosine
      return
    default:
      out[at] = -cosine
      out[at + 1] = sine
  }
}

/** `sinCos` of each angle, to `out[2 * i]` and `out[2 * i + 1]`. A loop, because V8 boxes the numbers of separate calls. */
export function sinCosEach(angles: Float64Array, out: Float64Array): void {
  for (let i = 0; i < angles.length; i++) {
    sinCos(angles[i]!, out, 2 * i)
  }
}

/** x^y for x >= 0 by exp(y ln x). Relative error up to |y ln x| * 1e-16; for integer y `integerPower` is more exact. */
export function power(x: number, y: number): number {
  if (y === 0) return 1
  if (x === 0) return y > 0 ? 0 : Infinity
  return exp(y * log(x))
}

/** x^n for an integer n >= 0, by repeated squaring. */
export function integerPower(x: number, n: number): number {
  let result = 1
  let square = x
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square
    square *= square
  }
  return result
}

const words = /* @__PURE__ */ new Float64Array(1)
const bits = /* @__PURE__ */ bitsOf(words) // little-endian: bits[1] holds sign, exponent and the high mantissa
const powersOfTwo = /* @__PURE__ */ everyPowerOfTwo()

function bitsOf({ buffer }: Float64Array): Int32Array {
  return new Int32Array(buffer)
}

// 2^-1074 (the smallest subnormal) … 2^1023, each exact.
function everyPowerOfTwo(): Float64Array {
  const powers = new Float64Array(2098)
  for (let i = 0, power = 5e-324; i < powers.length; i++, power *= 2) powers[i] = power
  return powers
}

// Adding and subtracting 1.5 * 2^52 rounds to an integer, ties to even, for |x| < 2^51.
function toNearestInteger(x: number): number {
  return x + 6755399441055744 - 6755399441055744
}

// `lessQuarters` is inaccurate beyond 1e6, so whole turns are removed first, with an error of |x| * 4e-17.
function toAccurateRange(x: number): number {
  return x <= 1e6 && x >= -1e6 ? x : x % (2 * Math.PI)
}

// x - quarters * pi/2, |result| <= pi/4 (Cody and Waite 1980: pi/2 in three parts, the first two of 33 bits).
function lessQuarters(x: number, quarters: number): number {
  return x - quarters * 1.5707963267341256 - quarters * 6.077100506303966e-11 - quarters * 2.0222662487959506e-21
}

// |r| <= pi/4; relative error of the fit 4e-18.
function sinNearZero(r: number): number {
  const z = r * r
  const w = z * z
  return (
    r +
    r *
      z *
      (-0.16666666666666632 +
        z * 0.008333333333322425 +
        w *
          (-0.00019841269829816918 +
            z * 2.7557313695214186e-6 +
            w * (-2.5050758651169882e-8 + z * 1.5896827798330672e-10)))
  )
}

// |r| <= pi/4; error of the fit 5e-20.
function cosNearZero(r: number): number {
  const z = r * r
  const w = z * z
  const half = 0.5 * z
  const leading = 1 - half
  const tail =
    w *
    (0.0416666666666666 +
      z * -0.0013888888888874138 +
      w * (2.480158728949183e-5 + z * -2.7557314355239883e-7 + w * (2.087572368377598e-9 + z * -1.135966981585647e-11)))
  return leading + (1 - leading - half + tail) // 1 - leading - half is the rounding error of `leading`
}

// |r| <= 0.35; error of the fit 2e-19.
function expMinusOneNearZero(r: number): number {
  const z = r * r
  const w = z * z
  return (
    r +
    z *
      (0.5 +
        r * 0.1666666666666667 +
        z * (0.041666666666666685 + r * 0.008333333333326134) +
        w *
          (0.0013888888888874394 +
            r * 0.00019841269874822258 +
            z * (2.480158734734719e-5 + r * 2.7557255398389914e-6)) +
        w * w * (2.755725290651273e-7 + r * 2.510521767826341e-8 + z * 2.0921591003698954e-9))
  )
}
