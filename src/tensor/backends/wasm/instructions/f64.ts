// Double precision, for accurate sums.

import { operandOf, operation } from './encoding.ts'

/* @__NO_SIDE_EFFECTS__ */
function binary(name: string, code: number) {
  return operation(`f64.${name}`, [code], [operandOf.f64, operandOf.f64], 'f64')
}

export const sqrt = operation('f64.sqrt', [0x9f], [operandOf.f64], 'f64')
export const add = binary('add', 0xa0)
export const sub = binary('sub', 0xa1)
export const div = binary('div', 0xa3)
export const convert_i32_u = operation('f64.convert_i32_u', [0xb8], [operandOf.i32], 'f64') // exact
export const promote_f32 = operation('f64.promote_f32', [0xbb], [operandOf.f32], 'f64') // exact
