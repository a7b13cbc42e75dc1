// Integers and byte offsets. Comparisons give 1 or 0.

import { loadOf, operandOf, operation, storeOf } from './encoding.ts'

/* @__NO_SIDE_EFFECTS__ */
function binary(name: string, code: number) {
  return operation(`i32.${name}`, [code], [operandOf.i32, operandOf.i32], 'i32')
}

export const load = loadOf('i32.load', [0x28], 'i32')
export const store = storeOf('i32.store', [0x36], operandOf.i32)
export const eqz = operation('i32.eqz', [0x45], [operandOf.i32], 'i32') // = 0
export const eq = binary('eq', 0x46)
export const lt_u = binary('lt_u', 0x49) // <, unsigned for addresses
export const gt_u = binary('gt_u', 0x4b)
export const ge_u = binary('ge_u', 0x4f)
export const add = binary('add', 0x6a)
export const sub = binary('sub', 0x6b)
export const mul = binary('mul', 0x6c)
export const and = binary('and', 0x71)
export const or = binary('or', 0x72)
export const shl = binary('shl', 0x74) // first << second
export const shr_u = binary('shr_u', 0x76) // first >>> second
