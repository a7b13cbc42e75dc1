// Shared parts of kernels: loops over vectors with a partial last one, sums across lanes, 4×4 transposition.

import type { Code } from './assembler.ts'
import type { Expr, I, Pointer, V, Vector } from './instructions/encoding.ts'
import * as f32x4 from './instructions/f32x4.ts'
import * as f64 from './instructions/f64.ts'
import * as f64x2 from './instructions/f64x2.ts'
import * as i32 from './instructions/i32.ts'
import * as i32x4 from './instructions/i32x4.ts'
import * as v128 from './instructions/v128.ts'

export type Four<T> = [T, T, T, T]

export const four = <T>(make: (i: number) => T): Four<T> => [make(0), make(1), make(2), make(3)]

/** Memory access in one step of a loop: four floats, or the last one to three. */
export interface Lanes {
  /** Missing lanes hold `padding` (default 0). */
  load(at: I, padding?: number): V
  store(at: I, value: Vector): void
  /** The vector with 0 in missing lanes. */
  keep(value: V): V
}

/** Four floats at a time. */
export function wholeVectors(code: Code): Lanes {
  return {
    load: (at) => v128.load(at),
    store: (at, value) => code.do(v128.store(at, value)),
    keep: (value) => value,
  }
}

/** One to three floats (`count`) at a time. */
export function partialVectors(code: Code, count: I): Lanes {
  return {
    load: (at, padding = 0) => {
      const vector = code.local('v128', 'some')
      code.set(vector, padding)
      code.if(
        i32.lt_u(count, 2),
        () => code.set(vector, v128.load32_lane(at, vector, 0)),
        () => {
          code.set(vector, v128.load64_lane(at, vector, 0))
          code.if(i32.gt_u(count, 2), () => code.set(vector, v128.load32_lane(at, vector, 2, 8)))
        },
      )
      return vector
    },
    store: (at, value) =>
      code.if(
        i32.lt_u(count, 2),
        () => code.do(v128.store32_lane(at, value, 0)),
        () => {
          code.do(v128.store64_lane(at, value, 0))
          code.if(i32.gt_u(count, 2), () => code.do(v128.store32_lane(at, value, 2, 8)))
        },
      ),
    keep: (value) => v128.and(value, i32x4.lt_s(i32x4.constant(0, 1, 2, 3), i32x4.splat(count))),
  }
}

/** A pointer that advances by 16 bytes per vector, or by `step` bytes. */
export type VectorPointer = Pointer | { readonly at: Pointer; readonly step: I }

/** Emits `body` twice: in a loop over the whole vectors of `count` floats, and for the last one to three floats. */
export function forEachVector(
  code: Code,
  count: I,
  pointers: readonly VectorPointer[],
  body: (lanes: Lanes) => void,
): void {
  const left = code.let('left', count)
  code.while(i32.ge_u(left, 4), () => {
    body(wholeVectors(code))
    for (const each of pointers) {
      if ('at' in each) code.advance(each.at, each.step)
      else code.advance(each, 16)
    }
    code.advance(left, -4)
  })
  code.if(left, () => body(partialVectors(code, left)))
}

/** Emits `body` for a row of one to four floats. */
export function oneToFour(code: Code, count: I, body: (lanes: Lanes) => void): void {
  code.if(
    i32.lt_u(count, 4),
    () => body(partialVectors(code, count)),
    () => body(wholeVectors(code)),
  )
}

/** Pointers to four consecutive rows. Rows beyond `count` repeat the last, so their lanes store the same numbers again. */
export function rowsFrom(code: Code, first: I, stride: I, count?: I): Four<Pointer> {
  const next = (i: number, before: I) => {
    const step = count === undefined ? stride : i32.mul(stride, i32.gt_u(count, i))
    return code.let(`row${i}`, i32.add(before, step))
  }
  const row0 = code.let('row0', first)
  const row1 = next(1, row0)
  const row2 = next(2, row1)
  return [row0, row1, row2, next(3, row2)]
}

/** The sum of the four lanes, in every lane: (0+1) + (2+3). */
export function sumLanes(code: Code, x: Vector): V {
  return acrossLanes(code, x, f32x4.add)
}

/** Combines the four lanes; the result is in every lane. */
export function acrossLanes(code: Code, x: Vector, combine: (a: V, b: V) => V): V {
  const pairs = code.let('pairs', combine(x, f32x4.shuffle(x, x, [1, 0, 3, 2])))
  return combine(pairs, f32x4.shuffle(pairs, pairs, [2, 3, 0, 1]))
}

/** A sum in double precision: lanes 0 and 1 in `low`, 2 and 3 in `high`. */
export interface DoubleSum {
  readonly low: Vector
  readonly high: Vector
  /** Adds four floats. */
  add(x: V): void
}

export function doubleSum(code: Code): DoubleSum {
  const low = code.local('v128', 'low')
  const high = code.local('v128', 'high')
  code.set(low, 0)
  code.set(high, 0)
  const add = (x: V) => {
    const term = code.let('term', x)
    code.set(low, f64x2.add(low, f64x2.promote_low_f32x4(term)))
    code.set(high, f64x2.add(high, f64x2.promote_low_f32x4(f32x4.shuffle(term, term, [2, 3, 2, 3]))))
  }
  return { low, high, add }
}

/** The sum over all lanes. */
export function sumDoubles(code: Code, { low, high }: DoubleSum): Expr<'f64'> {
  const both = code.let('both', f64x2.add(low, high))
  return f64.add(f64x2.extract_lane(both, 0), f64x2.extract_lane(both, 1))
}

/** Transposes: result j holds lane j of each row. */
export function transpose4(code: Code, rows: Four<Vector>): Four<Vector> {
  const [a, b, c, d] = rows
  const ab01 = code.let('ab01', f32x4.shuffle(a, b, [0, 4, 1, 5])) // a0 b0 a1 b1
  const ab23 = code.let('ab23', f32x4.shuffle(a, b, [2, 6, 3, 7]))
  const cd01 = code.let('cd01', f32x4.shuffle(c, d, [0, 4, 1, 5]))
  const cd23 = code.let('cd23', f32x4.shuffle(c, d, [2, 6, 3, 7]))
  return [
    code.let('t0', f32x4.shuffle(ab01, cd01, [0, 1, 4, 5])),
    code.let('t1', f32x4.shuffle(ab01, cd01, [2, 3, 6, 7])),
    code.let('t2', f32x4.shuffle(ab23, cd23, [0, 1, 4, 5])),
    code.let('t3', f32x4.shuffle(ab23, cd23, [2, 3, 6, 7])),
  ]
}
