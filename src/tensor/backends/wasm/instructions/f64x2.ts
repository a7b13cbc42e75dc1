// Two doubles at a time, for accurate sums.

import { floats, instruction, operation, type V, vector } from './encoding.ts'

export const add = operation('f64x2.add', vector(0xf0), [floats, floats], 'v128')
/** Lanes 0 and 1 as doubles. */
export const promote_low_f32x4 = operation('f64x2.promote_low_f32x4', vector(0x5f), [floats], 'v128')

export const extract_lane = (from: V, lane: 0 | 1) =>
  instruction('f64x2.extract_lane', [...vector(0x21), lane], 'f64', [from], `${lane}`)
