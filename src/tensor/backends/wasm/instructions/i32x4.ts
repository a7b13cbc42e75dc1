// Four integers at a time.

import { integers, lanes, operandOf, operation, vector } from './encoding.ts'

/* @__NO_SIDE_EFFECTS__ */
function binary(name: string, code: number) {
  return operation(`i32x4.${name}`, vector(code), [integers, integers], 'v128')
}

export const splat = operation('i32x4.splat', vector(0x11), [operandOf.i32], 'v128')
export const lt_s = binary('lt_s', 0x39) // all ones or all zeros in each lane
export const shl = operation('i32x4.shl', vector(0xab), [integers, operandOf.i32], 'v128')
export const shr_s = operation('i32x4.shr_s', vector(0xac), [integers, operandOf.i32], 'v128') // the sign fills in
export const add = binary('add', 0xae)
export const sub = binary('sub', 0xb1)

export const constant = (...values: [number, number, number, number]) => lanes('i32x4', Int32Array.of(...values))
