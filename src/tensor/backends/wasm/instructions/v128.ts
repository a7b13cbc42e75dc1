// Vectors of any type: memory and bits.

import { type Arg, access, integers, loadOf, operandOf, operation, storeOf, type V, vector } from './encoding.ts'

/** Accesses memory at an address plus an offset in bytes, and a lane of a vector. */
/* @__NO_SIDE_EFFECTS__ */
function laneOf<T extends 'v128' | 'nothing'>(name: string, code: number, type: T) {
  return (at: Arg<'i32'>, value: V, lane: number, offset = 0) =>
    access(`v128.${name}`, vector(code), type, [operandOf.i32(at), value], offset, lane)
}

export const load = loadOf('v128.load', vector(0x00), 'v128') // sixteen bytes
export const load32_splat = loadOf('v128.load32_splat', vector(0x09), 'v128') // four bytes into every lane
export const load32_zero = loadOf('v128.load32_zero', vector(0x5c), 'v128') // four bytes into lane 0, the others 0
export const load32_lane = laneOf('load32_lane', 0x56, 'v128') // four bytes into one lane of the vector
export const load64_lane = laneOf('load64_lane', 0x57, 'v128') // eight bytes into two lanes of the vector
export const store = storeOf('v128.store', vector(0x0b), integers) // sixteen bytes
export const store32_lane = laneOf('store32_lane', 0x5a, 'nothing') // one lane
export const store64_lane = laneOf('store64_lane', 0x5b, 'nothing') // two lanes
export const not = operation('v128.not', vector(0x4d), [integers], 'v128')
export const and = operation('v128.and', vector(0x4e), [integers, integers], 'v128')
export const or = operation('v128.or', vector(0x50), [integers, integers], 'v128')
export const bitselect = operation('v128.bitselect', vector(0x52), [integers, integers, integers], 'v128') // third ? first : second, bit by bit
