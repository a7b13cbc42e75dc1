// Reductions over the middle axis of [outer, size, inner]. Sums add four numbers at a time in single precision and those
// sums in double, two doubles a vector, so that long sums do not drift; the largest and the smallest keep a NaN.
// Where inner is 1 a row is summed across its lanes; otherwise lanes are columns.

import type { Code } from './assembler.ts'
import { type Expr, f32, f32x4, f64, i32, type Local, v128 } from './instructions.ts'
import { kernel } from './module.ts'
import { acrossLanes, doubleSum, forEachVector, sumDoubles } from './vectors.ts'

type V = Expr<'v128'>
type Pointer = Local<'i32'>

/** [rows, columns] → [rows]. */
const sumRows = /* @__PURE__ */ kernel('i32 x out rows columns', (code, x, out, rows, columns) => {
  forEachRow(code, rows, columns, [x], ([at]) => {
    const sum = doubleSum(code)
    const left = code.let('left', columns)
    code.while(i32.ge_u(left, 16), () => {
      const pair = (offset: number) => f32x4.add(v128.load(at!, offset), v128.load(at!, offset + 16))
      sum.add(f32x4.add(pair(0), pair(32)))
      code.advance(at!, 64)
      code.advance(left, -16)
    })
    forEachVector(code, left, [at!], (lanes) => sum.add(lanes.load(at!)))
    code.do(f32.store(out, f32.demote_f64(sumDoubles(code, sum))))
    code.advance(out, 4)
  })
})

/** [outer, size, inner] → [outer, inner]. */
const sumColumns = /* @__PURE__ */ kernel('i32 x out outer size inner', (code, x, out, outer, size, inner) => {
  overColumns(code, x, out, outer, size, inner, (column, stride, load) => {
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
})

type Combine = (a: V, b: V) => V

function extremeRows(combine: Combine, start: number) {
  return kernel('i32 x out rows columns', (code, x, out, rows, columns) => {
    forEachRow(code, rows, columns, [x], ([at]) => {
      const best = code.local('v128', 'best')
      code.set(best, start)
      forEachVector(code, columns, [at!], (lanes) => code.set(best, combine(best, lanes.load(at!, start))))
      code.do(v128.store32_lane(out, code.let('all', acrossLanes(code, best, combine)), 0))
      code.advance(out, 4)
    })
  })
}

function extremeColumns(combine: Combine, start: number) {
  return kernel('i32 x out outer size inner', (code, x, out, outer, size, inner) => {
    overColumns(code, x, out, outer, size, inner, (column, stride, load) => {
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
  })
}

/** The place of the largest (or smallest) number, the first of equals; a NaN wins. */
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
      // After the last column of one outer index come the first of the next.
      code.if(i32.eqz(column), () => {
        code.set(column, inner)
        code.advance(x, i32.mul(stride, i32.sub(size, 1)))
      })
    })
  })
}

/** Running sums of `lines` columns: `size` numbers each, `step` bytes apart, forwards or backwards. */
export const cumsum = /* @__PURE__ */ kernel('i32 x out lines size step', (code, x, out, lines, size, step) => {
  code.repeatWhile(lines, () => {
    const from = code.let('from', x)
    const to = code.let('to', out)
    const left = code.let('left', size)
    const sum = code.local('f64', 'sum')
    code.set(sum, 0)
    code.repeatWhile(left, () => {
      code.set(sum, f64.add(sum, f64.promote_f32(f32.load(from))))
      code.do(f32.store(to, f32.demote_f64(sum)))
      code.advance(from, step)
      code.advance(to, step)
      code.advance(left, -1)
    })
    code.advance(x, 4)
    code.advance(out, 4)
    code.advance(lines, -1)
  })
})

/** Runs `body` for each of the rows, with pointers to the row in each operand. */
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

type ReduceColumns = (column: Pointer, stride: Pointer, load: (at: Pointer) => V) => V

/** Runs `body` for each four columns of each outer index; it walks down from `column` in strides and gives the results. */
function overColumns(
  code: Code,
  x: Pointer,
  out: Pointer,
  outer: Pointer,
  size: Expr<'i32'>,
  inner: Expr<'i32'>,
  body: ReduceColumns,
): void {
  const stride = code.let('stride', i32.shl(inner, 2))
  const height = code.let('height', i32.mul(stride, size))
  code.while(outer, () => {
    const first = code.let('first', x)
    const to = code.let('to', out)
    forEachVector(code, inner, [first, to], (lanes) => {
      const column = code.let('column', first)
      const result = code.let(
        'result',
        body(column, stride, (at) => lanes.load(at)),
      )
      lanes.store(to, result)
    })
    code.advance(x, height)
    code.advance(out, stride)
    code.advance(outer, -1)
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
