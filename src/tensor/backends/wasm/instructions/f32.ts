// Floats. Comparisons give 1 or 0.

import { loadOf, operandOf, operation, storeOf } from './encoding.ts'

/* @__NO_SIDE_EFFECTS__ */
function comparison(name: string, code: number) {
  return operation(`f32.${name}`, [code], [operandOf.f32, operandOf.f32], 'i32')
}

export const load = loadOf('f32.load', [0x2a], 'f32')
export const store = storeOf('f32.store', [0x38], operandOf.f32)
export const eq = comparison('eq', 0x5b)
export const ne = comparison('ne', 0x5c) // true of NaN and itself
export const lt = comparison('lt', 0x5d)
export const gt = comparison('gt', 0x5e)
export const add = operation('f32.add', [0x92], [operandOf.f32, operandOf.f32], 'f32')
export const demote_f64 = operation('f32.demote_f64', [0xb6], [operandOf.f64], 'f32') // rounds to nearest, ties to even
