// Elementary functions on four floats. Each reduces its argument to a small interval and evaluates a polynomial or rational
// function there. Coefficients minimise the largest relative error (Remez 1934, by the iteration of Lawson 1961), rounded to
// float32. Muller 2016, "Elementary Functions", chapters 3 and 5.
//
// Largest errors against double precision: in ulp of the float result, and absolute (relative where the result exceeds 1):
//
//   exp       0.98 ulp   8.1e-8        softplus   2.6 ulp   1.4e-7
//   log       0.86 ulp   8.3e-8        elu        0.95 ulp  4.3e-8
//   tanh      6.2 ulp    3.7e-7        silu, gelu, gelu by tanh: 1.6e-7; in their left tails, where they are
//   sigmoid   2.4 ulp    8.9e-8        below 1e-15, rounding x² and x³ in the exponent costs up to 200 ulp
//
// exp, log, tanh and sigmoid are checked on all floats, the others on every 257th (bench/elementary-errors.ts). Infinities,
// NaN, zeros and denormals give exact results.

import type { Code } from './assembler.ts'
import type { Arg, V, Vector } from './instructions/encoding.ts'
import * as f32x4 from './instructions/f32x4.ts'
import * as i32x4 from './instructions/i32x4.ts'
import * as v128 from './instructions/v128.ts'

const LN2_HIGH = 0.693359375 // nine bits: k · LN2_HIGH is exact
const LN2_LOW = -0.00021219444005469057
const MAGIC = 12582912 // 1.5 · 2^23: adding it rounds to an integer, held in the low bits
const MAGIC_BITS = 0x4b400000
const ONE_BITS = 0x3f800000

/** c0 + c1 x + c2 x² + …, by Horner's rule. */
function polynomial(code: Code, x: Vector, coefficients: readonly number[]): V {
  const [last, ...others] = [...coefficients].reverse()
  return others.reduce<Arg<'v128'>>((sum, c) => code.multiplyAdd(sum, x, c), last!) as V
}

/** e^x = 2^k e^r, |r| <= ln 2 / 2. 2^k is applied in two factors, to reach denormals and the largest floats. */
export function exp(code: Code, x: V): V {
  // Beyond these bounds the result is 0 or infinite. pmin and pmax pass NaN in their first operand.
  const { r, k, tail } = reduced(code, f32x4.pmin(f32x4.pmax(x, -104.5), 89))
  const half = code.let('half', i32x4.shr_s(k, 1))
  const scaled = f32x4.mul(f32x4.add(f32x4.add(r, tail), 1), powerOfTwo(half))
  return f32x4.mul(scaled, powerOfTwo(i32x4.sub(k, half)))
}

/** e^x - 1 for x <= 0, accurate near 0: 2^k (e^r - 1) + (2^k - 1). */
export function expMinusOne(code: Code, x: V): V {
  const { r, k, tail } = reduced(code, f32x4.pmax(x, -87))
  const scale = code.let('scale', powerOfTwo(k))
  return f32x4.add(f32x4.mul(f32x4.add(r, tail), scale), f32x4.sub(scale, 1))
}

// x = k ln 2 + r, and the tail of e^r = 1 + r + tail.
function reduced(code: Code, x: V): { r: Vector; k: Vector; tail: V } {
  const bounded = code.let('x', x)
  const shifted = code.let('shifted', f32x4.add(f32x4.mul(bounded, Math.LOG2E), MAGIC))
  const whole = code.let('whole', f32x4.sub(shifted, MAGIC))
  const r = code.let('r', f32x4.sub(f32x4.sub(bounded, f32x4.mul(whole, LN2_HIGH)), f32x4.mul(whole, LN2_LOW)))
  const k = code.let('k', i32x4.sub(shifted, MAGIC_BITS))
  const q = polynomial(code, r, [0.49999994, 0.16666515, 0.041668456, 0.008369419, 0.0013813144])
  return { r, k, tail: f32x4.mul(f32x4.mul(r, r), q) }
}

// The exponent field of a float holds k + 127.
function powerOfTwo(k: V): V {
  return i32x4.add(i32x4.shl(k, 23), ONE_BITS)
}

/** ln x = k ln 2 + ln m, m in [√½, √2), ln m = f - f²/2 + f³ P(f) with f = m - 1. */
export function log(code: Code, x: V): V {
  const given = code.let('given', x)
  const isDenormal = code.let('isDenormal', f32x4.lt(given, 1.1754943508222875e-38))
  const lifted = v128.bitselect(f32x4.mul(given, 8388608), given, isDenormal) // by 2^23
  const bits = code.let('bits', lifted)
  const k = code.let('k', i32x4.shr_s(i32x4.sub(bits, 0x3f3504f3), 23)) // √½ as bits
  const f = code.let('f', f32x4.sub(i32x4.sub(bits, i32x4.shl(k, 23)), 1))
  const z = code.let('z', f32x4.mul(f, f))
  const exponent = f32x4.sub(f32x4.convert_i32x4_s(k), v128.and(isDenormal, constant(23)))
  const e = code.let('e', exponent)
  const p = polynomial(
    code,
    f,
    [0.3333333, -0.2500082, 0.20001227, -0.16623357, 0.14201759, -0.1316018, 0.12761575, -0.07634493],
  )
  const low = f32x4.add(f32x4.mul(f32x4.mul(f, z), p), f32x4.mul(e, LN2_LOW))
  const sum = f32x4.add(f32x4.add(f32x4.sub(low, f32x4.mul(z, 0.5)), f), f32x4.mul(e, LN2_HIGH))
  const finite = v128.bitselect(given, sum, f32x4.eq(given, Infinity))
  const overZero = v128.bitselect(constant(-Infinity), finite, f32x4.eq(given, 0))
  return v128.or(overZero, v128.not(f32x4.ge(given, 0))) // all ones is a NaN
}

function constant(value: number): V {
  return f32x4.splat(value)
}

/** ln(1 + x) for x in [0, 1]: 2 artanh(s), s = x / (2 + x). */
function logOnePlus(code: Code, x: Vector): V {
  const s = code.let('s', f32x4.div(x, f32x4.add(x, 2)))
  const z = code.let('z', f32x4.mul(s, s))
  const r = polynomial(code, z, [0.6666642, 0.40021527, 0.28001806, 0.28011984])
  return f32x4.add(f32x4.add(s, s), f32x4.mul(f32x4.mul(s, z), r))
}

/** x P(x²) / Q(x²) where |x| < 9; ±1 beyond. */
export function tanh(code: Code, x: V): V {
  const bounded = code.let('x', f32x4.pmin(f32x4.pmax(x, -9.05), 9.05))
  const z = code.let('z', f32x4.mul(bounded, bounded))
  const p = polynomial(code, z, [1, 0.13377757, 0.0034917062, 2.0545158e-5, 1.3265912e-8])
  const q = polynomial(code, z, [1, 0.46711072, 0.025862215, 0.00032792849, 7.7402763e-7])
  return f32x4.pmin(f32x4.pmax(f32x4.div(f32x4.mul(bounded, p), q), -1), 1)
}

/** 1 / (1 + e^-x), without overflow: e^-|x| / (1 + e^-|x|) on the left. */
export function sigmoid(code: Code, x: V): V {
  const given = code.let('given', x)
  const e = code.let('e', exp(code, f32x4.neg(f32x4.abs(given))))
  const numerator = v128.bitselect(e, constant(1), f32x4.lt(given, 0))
  return f32x4.div(numerator, f32x4.add(e, 1))
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|). */
export function softplus(code: Code, x: V): V {
  const given = code.let('given', x)
  const e = code.let('e', exp(code, f32x4.neg(f32x4.abs(given))))
  return f32x4.add(f32x4.pmax(given, 0), logOnePlus(code, e))
}

/** Φ(x) and e^(-x²/2). The left tail is e^(-x²/2) R(|x|), R (Mills 1926) a rational function; the right one its complement. */
export function normal(code: Code, x: Vector): { cdf: Vector; bell: Vector } {
  const bell = code.let('bell', exp(code, f32x4.mul(f32x4.mul(x, x), -0.5)))
  const z = code.let('z', f32x4.pmin(f32x4.abs(x), 15))
  const p = polynomial(code, z, [0.5, 0.43829498, 0.18323515, 0.040633235, 0.0041163112])
  const q = polynomial(code, z, [1, 1.674475, 1.2025032, 0.46947068, 0.10185886, 0.010317942])
  const tail = code.let('tail', f32x4.div(f32x4.mul(bell, p), q))
  return { cdf: code.let('cdf', v128.bitselect(tail, f32x4.sub(1, tail), f32x4.lt(x, 0))), bell }
}
