// Four floats at a time. Comparisons give all ones or all zeros in each lane; with NaN all zeros (ne: ones).

import { floats, instruction, operandOf, operation, type V, vector } from './encoding.ts'

/* @__NO_SIDE_EFFECTS__ */
function unary(name: string, code: number) {
  return operation(`f32x4.${name}`, vector(code), [floats], 'v128')
}

/* @__NO_SIDE_EFFECTS__ */
function binary(name: string, code: number) {
  return operation(`f32x4.${name}`, vector(code), [floats, floats], 'v128')
}

export const splat = operation('f32x4.splat', vector(0x13), [operandOf.f32], 'v128') // into all four lanes
export const eq = binary('eq', 0x41)
export const ne = binary('ne', 0x42)
export const lt = binary('lt', 0x43)
export const gt = binary('gt', 0x44)
export const le = binary('le', 0x45)
export const ge = binary('ge', 0x46)
export const demote_f64x2_zero = unary('demote_f64x2_zero', 0x5e) // two doubles to lanes 0 and 1, the others 0
export const abs = unary('abs', 0xe0)
export const neg = unary('neg', 0xe1)
export const sqrt = unary('sqrt', 0xe3)
export const add = binary('add', 0xe4)
export const sub = binary('sub', 0xe5)
export const mul = binary('mul', 0xe6)
export const div = binary('div', 0xe7)
export const min = binary('min', 0xe8) // NaN if either is; eight machine instructions
export const max = binary('max', 0xe9)
export const pmin = binary('pmin', 0xea) // second < first ? second : first; one instruction
export const pmax = binary('pmax', 0xeb) // first < second ? second : first
export const convert_i32x4_s = unary('convert_i32x4_s', 0xfa) // integers to floats

/** First · second + third: relaxed SIMD, on request only. One rounding or two, depending on the machine. */
export const relaxed_madd = operation('f32x4.relaxed_madd', vector(0x105), [floats, floats, floats], 'v128')

/** Selects lanes by number: 0-3 are the first vector's, 4-7 the second's. */
export function shuffle(first: V, second: V, lanes: readonly [number, number, number, number]): V {
  const bytes = lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3])
  return instruction('i8x16.shuffle', [...vector(0x0d), ...bytes], 'v128', [first, second], bytes.join(' '))
}
