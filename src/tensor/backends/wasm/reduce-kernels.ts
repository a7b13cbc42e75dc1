// Reductions over the middle axis of [outer, size, inner]. Sums add four numbers in single precision, and those sums in double
// precision for accuracy. Max and min propagate NaN. If inner is 1, lanes are combined within a row; otherwise they are columns.

import type { Code } from './assembler.ts'
import type { Expr, Pointer, V } from './instructions/encoding.ts'
import * as f32 from './instructions/f32.ts'
import * as f32x4 from './instructions/f32x4.ts'
import * as i32 from './instructions/i32.ts'
import * as v128 from './instructions/v128.ts'
import { kernel } from './module.ts'
import { acrossLanes, doubleSum, forEachVector, sumDoubles } from './vectors.ts'

/** [rows, columns] → [rows]. `body` stores the result of the row at `at` to `out`. */
const overRows = (body: (code: Code, at: Pointer, out: Pointer, columns: Pointer) => void) =>
  kernel('i32 x out rows columns', (code, x, out, rows, columns) => {
    forEachRow(code, rows, columns, [x], ([at]) => {
      body(code, at!, out, columns)
      code.advance(out, 4)
    })
  })

type ReduceColumns = (code: Code, column: Pointer, stride: Pointer, size: Pointer, load: (at: Pointer) => V) => V

/** [outer, size, inner] → [outer, inner], rows `stride` bytes apart. `body` reduces four columns: it advances from `column` in strides. */
const overColumns = (body: ReduceColumns) =>
  kernel('i32 x out outer size inner stride', (code, x, out, outer, size, inner, stride) => {
    const height = code.let('height', i32.mul(stride, size))
    code.while(outer, () => {
      const first = code.let('first', x)
      const to = code.let('to', out)
      forEachVector(code, inner, [first, to], (lanes) => {
        const reduced = body(code, code.let('column', first), stride, size, (at) => lanes.load(at))
        lanes.store(to, code.let('result', reduced))
      })
      code.advance(x, height)
      code.advance(out, stride)
      code.advance(outer, -1)
    })
  })

const sumRows = /* @__PURE__ */ overRows((code, at, out, columns) => {
  const sum = doubleSum(code)
  const left = code.let('left', columns)
  code.while(i32.ge_u(left, 16), () => {
    const pair = (offset: number) => f32x4.add(v128.load(at, offset), v128.load(at, offset + 16))
    sum.add(f32x4.add(pair(0), pair(32)))
    code.advance(at, 64)
    code.advance(left, -16)
  })
  forEachVector(code, left, [at], (lanes) => sum.add(lanes.load(at)))
  code.do(f32.store(out, f32.demote_f64(sumDoubles(code, sum))))
})

const sumColumns = /* @__PURE__ */ overColumns((code, column, stride, size, load) => {
  const sum = doubleSum(code)
  const next = () => {
    const value = code.let('value', load(column))
    code.advance(column, stride)
    return value
  }
  const left = code.let('left', size)
  code.while(i32.ge_u(left, 4), () => {
    sum.add(f32x4.add(f32x4.add(next(), next()), f32x4.add(next(), next())))
    code.advance(left, -4)
  })
  code.while(left, () => {
    sum.add(next())
    code.advance(left, -1)
  })
  return f32x4.shuffle(f32x4.demote_f64x2_zero(sum.low), f32x4.demote_f64x2_zero(sum.high), [0, 1, 4, 5])
})

type Combine = (a: V, b: V) => V

const extremeRows = (combine: Combine, start: number) =>
  overRows((code, at, out, columns) => {
    const best = code.local('v128', 'best')
    code.set(best, start)
    forEachVector(code, columns, [at], (lanes) => code.set(best, combine(best, lanes.load(at, start))))
    code.do(v128.store32_lane(out, code.let('all', acrossLanes(code, best, combine)), 0))
  })

const extremeColumns = (combine: Combine, start: number) =>
  overColumns((code, column, stride, size, load) => {
    const best = code.local('v128', 'best')
    code.set(best, start)
    const left = code.let('left', size)
    code.while(left, () => {
      code.set(best, combine(best, load(column)))
      code.advance(column, stride)
      code.advance(left, -1)
    })
    return best
  })

/** The index of the first largest (or smallest) number, or of the first NaN. */
function argument(better: (x: Expr<'f32'>, best: Expr<'f32'>) => Expr<'i32'>) {
  return kernel('i32 x out outer size inner', (code, x, out, outer, size, inner) => {
    const stride = code.let('stride', i32.shl(inner, 2))
    const end = code.let('end', i32.add(out, i32.mul(i32.shl(outer, 2), inner)))
    const column = code.let('column', inner)
    code.while(i32.lt_u(out, end), () => {
      const best = code.let('best', f32.load(x))
      const place = code.local('i32', 'place')
      code.set(place, 0)
      const s = code.local('i32', 's')
      code.set(s, 1)
      const at = code.let('at', i32.add(x, stride))
      code.while(i32.lt_u(s, size), () => {
        const value = code.let('value', f32.load(at))
        const isNewNaN = i32.and(f32.ne(value, value), f32.eq(best, best))
        code.if(i32.or(better(value, best), isNewNaN), () => {
          code.set(best, value)
          code.set(place, s)
        })
        code.advance(at, stride)
        code.advance(s, 1)
      })
      code.do(i32.store(out, place))
      code.advance(out, 4)
      code.advance(x, 4)
      code.advance(column, -1)
      // Moves from the last column of an outer index to the first of the next.
      code.if(i32.eqz(column), () => {
        code.set(column, inner)
        code.advance(x, i32.mul(stride, i32.sub(size, 1)))
      })
    })
  })
}

/** Runs `body` for each row, with pointers to it in each operand. */
export function forEachRow(
  code: Code,
  rows: Pointer,
  columns: Expr<'i32'>,
  operands: readonly Pointer[],
  body: (at: readonly Pointer[]) => void,
): void {
  const width = code.let('width', i32.shl(columns, 2))
  code.while(rows, () => {
    body(operands.map((operand) => code.let('at', operand)))
    for (const operand of operands) code.advance(operand, width)
    code.advance(rows, -1)
  })
}

export const reduceKernels = () => ({
  sumRows,
  sumColumns,
  maxRows: extremeRows(f32x4.max, -Infinity),
  maxColumns: extremeColumns(f32x4.max, -Infinity),
  minRows: extremeRows(f32x4.min, Infinity),
  minColumns: extremeColumns(f32x4.min, Infinity),
})

export const argReduceKernels = () => ({ argmax: argument(f32.gt), argmin: argument(f32.lt) })
