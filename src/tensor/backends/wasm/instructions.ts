// The instructions that kernels use, by type, under the names and with the bytes of the WebAssembly core specification 2.0 (SIMD:
// section 5.4.8). Comparisons of numbers give 1 or 0; of vectors, all ones or all zeros in each lane.

import * as encoding from './encoding.ts'
import { type Arg, floats, integers, operandOf, type V, type ValueType, vector } from './encoding.ts'

/** Instructions of the same operands and result, by name. */
/* @__NO_SIDE_EFFECTS__ */
function alike<In extends readonly ValueType[] | [], Out extends ValueType, Name extends string>(
  kind: string,
  operands: { readonly [Place in keyof In]: encoding.Operand<In[Place]> },
  type: Out,
  codes: Readonly<Record<Name, number>>,
) {
  const isVector = kind === 'v128' || kind.includes('x')
  const entries = Object.entries<number>(codes).map(([name, code]) => {
    return [name, encoding.operation(`${kind}.${name}`, isVector ? vector(code) : [code], operands, type)]
  })
  return Object.fromEntries(entries) as Readonly<Record<Name, ReturnType<typeof encoding.operation<In, Out>>>>
}

const [I32, F32, F64] = [operandOf.i32, operandOf.f32, operandOf.f64]

/** Integers and byte offsets. */
export const i32 = /* @__PURE__ */ (() => ({
  load: encoding.loadOf('i32.load', [0x28], 'i32'),
  store: encoding.storeOf('i32.store', [0x36], I32),
  ...alike('i32', [I32], 'i32', { eqz: 0x45 }),
  // Comparisons are unsigned, for addresses; shr_u is >>>.
  ...alike('i32', [I32, I32], 'i32', { eq: 0x46, lt_u: 0x49, gt_u: 0x4b, ge_u: 0x4f }),
  ...alike('i32', [I32, I32], 'i32', { add: 0x6a, sub: 0x6b, mul: 0x6c, and: 0x71, or: 0x72, shl: 0x74, shr_u: 0x76 }),
}))()

export const f32 = /* @__PURE__ */ (() => ({
  load: encoding.loadOf('f32.load', [0x2a], 'f32'),
  store: encoding.storeOf('f32.store', [0x38], F32),
  ...alike('f32', [F32, F32], 'i32', { eq: 0x5b, ne: 0x5c, lt: 0x5d, gt: 0x5e }),
  ...alike('f32', [F32, F32], 'f32', { add: 0x92 }),
  ...alike('f32', [F64], 'f32', { demote_f64: 0xb6 }), // rounds to nearest, ties to even
}))()

/** Double precision, for accurate sums. */
export const f64 = /* @__PURE__ */ (() => ({
  ...alike('f64', [F64], 'f64', { sqrt: 0x9f }),
  ...alike('f64', [F64, F64], 'f64', { add: 0xa0, sub: 0xa1, div: 0xa3 }),
  ...alike('f64', [I32], 'f64', { convert_i32_u: 0xb8 }),
  ...alike('f64', [F32], 'f64', { promote_f32: 0xbb }),
}))()

/** Four floats at a time. With NaN, comparisons give all zeros (ne: ones), and min and max NaN, in eight machine instructions. */
export const f32x4 = /* @__PURE__ */ (() => ({
  ...alike('f32x4', [F32], 'v128', { splat: 0x13 }), // into all four lanes
  ...alike('f32x4', [floats, floats], 'v128', { eq: 0x41, ne: 0x42, lt: 0x43, gt: 0x44, le: 0x45, ge: 0x46 }),
  // demote: two doubles to lanes 0 and 1, the others 0; convert: integers to floats.
  ...alike('f32x4', [floats], 'v128', {
    demote_f64x2_zero: 0x5e,
    convert_i32x4_s: 0xfa,
    abs: 0xe0,
    neg: 0xe1,
    sqrt: 0xe3,
  }),
  ...alike('f32x4', [floats, floats], 'v128', { add: 0xe4, sub: 0xe5, mul: 0xe6, div: 0xe7, min: 0xe8, max: 0xe9 }),
  // One machine instruction each: second < first ? second : first, and first < second ? second : first.
  ...alike('f32x4', [floats, floats], 'v128', { pmin: 0xea, pmax: 0xeb }),
  // First · second + third: relaxed SIMD, on request only. One rounding or two, depending on the machine.
  ...alike('f32x4', [floats, floats, floats], 'v128', { relaxed_madd: 0x105 }),
  /** Selects lanes by number: 0-3 are the first vector's, 4-7 the second's. */
  shuffle(first: V, second: V, lanes: readonly [number, number, number, number]): V {
    const bytes = lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3])
    const all = [...vector(0x0d), ...bytes]
    return encoding.instruction('i8x16.shuffle', all, 'v128', [first, second], bytes.join(' '))
  },
}))()

/** Two doubles at a time; promote: lanes 0 and 1. */
export const f64x2 = /* @__PURE__ */ (() => ({
  ...alike('f64x2', [floats], 'v128', { promote_low_f32x4: 0x5f }),
  ...alike('f64x2', [floats, floats], 'v128', { add: 0xf0 }),
  extract_lane: (from: V, lane: 0 | 1) =>
    encoding.instruction('f64x2.extract_lane', [...vector(0x21), lane], 'f64', [from], `${lane}`),
}))()

/** Four integers at a time; shr_s fills in the sign. */
export const i32x4 = /* @__PURE__ */ (() => ({
  constant: (...values: [number, number, number, number]) => encoding.lanes('i32x4', Int32Array.of(...values)),
  ...alike('i32x4', [I32], 'v128', { splat: 0x11 }),
  ...alike('i32x4', [integers, I32], 'v128', { shl: 0xab, shr_s: 0xac }),
  ...alike('i32x4', [integers, integers], 'v128', { lt_s: 0x39, add: 0xae, sub: 0xb1 }),
}))()

/** Accesses memory at an address plus an offset in bytes, and a lane of a vector. */
/* @__NO_SIDE_EFFECTS__ */
function laneOf<T extends 'v128' | 'nothing'>(name: string, code: number, type: T) {
  return (at: Arg<'i32'>, value: V, lane: number, offset = 0) =>
    encoding.access(`v128.${name}`, vector(code), type, [I32(at), value], offset, lane)
}

/** Vectors of any type: memory and bits. */
export const v128 = /* @__PURE__ */ (() => ({
  load: encoding.loadOf('v128.load', vector(0x00), 'v128'), // sixteen bytes
  load32_splat: encoding.loadOf('v128.load32_splat', vector(0x09), 'v128'), // four bytes into every lane
  load32_zero: encoding.loadOf('v128.load32_zero', vector(0x5c), 'v128'), // four bytes into lane 0, the others 0
  load32_lane: laneOf('load32_lane', 0x56, 'v128'),
  load64_lane: laneOf('load64_lane', 0x57, 'v128'), // two lanes
  store: encoding.storeOf('v128.store', vector(0x0b), integers),
  store32_lane: laneOf('store32_lane', 0x5a, 'nothing'),
  store64_lane: laneOf('store64_lane', 0x5b, 'nothing'),
  ...alike('v128', [integers], 'v128', { not: 0x4d }),
  ...alike('v128', [integers, integers], 'v128', { and: 0x4e, or: 0x50 }),
  ...alike('v128', [integers, integers, integers], 'v128', { bitselect: 0x52 }), // third ? first : second, bit by bit
}))()
