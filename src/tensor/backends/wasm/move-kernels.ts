// Kernels that move numbers, and the gradients that add numbers to where they came from. Strides are in bytes.
// Read next: moving.ts, which composes permutations, slices and broadcasts of these.

import type { Code } from './assembler.ts'
import type { Expr, Pointer } from './instructions/encoding.ts'
import * as f32 from './instructions/f32.ts'
import * as f32x4 from './instructions/f32x4.ts'
import * as i32 from './instructions/i32.ts'
import * as v128 from './instructions/v128.ts'
import { kernel } from './module.ts'
import { forEachVector, four, rowsFrom, transpose4 } from './vectors.ts'

const fill = /* @__PURE__ */ kernel('i32 to count, f32 value', (code, to, count, value) => {
  const values = code.let('values', f32x4.splat(value))
  forEachVector(code, count, [to], (lanes) => lanes.store(to, values))
})

/** Rows of `run` contiguous numbers. */
const copyRuns = /* @__PURE__ */ kernel(
  'i32 from fromRow to toRow rows run',
  (code, from, fromRow, to, toRow, rows, run) => {
    forEachStrided(code, rows, [from, fromRow], [to, toRow], () => {
      const at = code.let('at', from)
      const out = code.let('out', to)
      forEachVector(code, run, [at, out], (lanes) => lanes.store(out, code.let('value', lanes.load(at))))
    })
  },
)

/** Rows that each repeat one number. */
const spreadRuns = /* @__PURE__ */ kernel(
  'i32 from fromRow to toRow rows run',
  (code, from, fromRow, to, toRow, rows, run) => {
    forEachStrided(code, rows, [from, fromRow], [to, toRow], () => {
      const value = code.let('value', v128.load32_splat(from))
      const out = code.let('out', to)
      forEachVector(code, run, [out], (lanes) => lanes.store(out, value))
    })
  },
)

/** Any strides, one number at a time. */
const copyStrided = /* @__PURE__ */ kernel(
  'i32 from fromRow fromStep to toRow toStep rows columns',
  (code, from, fromRow, fromStep, to, toRow, toStep, rows, columns) => {
    forEachStrided(code, rows, [from, fromRow], [to, toRow], () => {
      const at = code.let('at', from)
      const out = code.let('out', to)
      const left = code.let('left', columns)
      forEachStrided(code, left, [at, fromStep], [out, toStep], () => code.do(i32.store(out, i32.load(at))))
    })
  },
)

/** to[c][r] = from[r][c], rows and columns multiples of 4, in blocks of 4×4. */
const transpose = /* @__PURE__ */ kernel(
  'i32 from fromRow to toRow rows columns',
  (code, from, fromRow, to, toRow, rows, columns) => {
    code.repeatWhile(rows, () => {
      const lines = rowsFrom(code, from, fromRow)
      const out = code.let('out', to)
      const left = code.let('left', columns)
      code.repeatWhile(left, () => {
        const block = four((i) => code.let('line', v128.load(lines[i]!)))
        for (const column of transpose4(code, block)) {
          code.do(v128.store(out, column))
          code.advance(out, toRow)
        }
        for (const line of lines) code.advance(line, 16)
        code.advance(left, -4)
      })
      code.advance(from, i32.shl(fromRow, 2))
      code.advance(to, 16)
      code.advance(rows, -4)
    })
  },
)

type Move = (code: Code, at: Pointer, beside: Pointer, inner: Expr<'i32'>) => void

const picking = 'i32 source index target outer size inner count'

/**
 * For each outer index and each entry of index [count], runs `move` with the picked run of `inner` numbers and the run beside
 * it. Gradients pick in the target, other kernels in the source.
 */
const byRuns = (isGrad: boolean, move: Move) =>
  kernel(picking, (code, source, index, target, outer, size, inner, count) => {
    const [picked, beside] = isGrad ? [target, source] : [source, target]
    const run = code.let('run', i32.shl(inner, 2))
    code.while(outer, () => {
      const entry = code.let('entry', index)
      const end = code.let('end', i32.add(index, i32.shl(count, 2)))
      code.while(i32.lt_u(entry, end), () => {
        move(code, code.let('at', i32.add(picked, i32.mul(i32.load(entry), run))), beside, inner)
        code.advance(beside, i32.shl(i32.and(inner, 3), 2)) // past the last, partial vector
        code.advance(entry, 4)
      })
      code.advance(picked, i32.mul(size, run))
      code.advance(outer, -1)
    })
  })

/** For each entry of index [outer, count, inner], runs `move` with the picked number and the number beside it. */
const byElements = (isGrad: boolean, move: Move) =>
  kernel(picking, (code, source, index, target, outer, size, inner, count) => {
    const [picked, beside] = isGrad ? [target, source] : [source, target]
    const run = code.let('run', i32.shl(inner, 2))
    code.while(outer, () => {
      const left = code.let('left', count)
      code.while(left, () => {
        const column = code.let('column', picked)
        const end = code.let('end', i32.add(picked, run))
        code.while(i32.lt_u(column, end), () => {
          move(code, code.let('at', i32.add(column, i32.mul(i32.load(index), run))), beside, inner)
          for (const pointer of [beside, index, column]) code.advance(pointer, 4)
        })
        code.advance(left, -1)
      })
      code.advance(picked, i32.mul(size, run))
      code.advance(outer, -1)
    })
  })

/** out[o, c] = x[o, index[c]], runs of `inner` numbers. */
const take = /* @__PURE__ */ byRuns(false, (code, at, out, inner) =>
  forEachVector(code, inner, [at, out], (lanes) => lanes.store(out, code.let('value', lanes.load(at)))),
)

/** out[o, index[c]] += dy[o, c]. */
const takeGrad = /* @__PURE__ */ byRuns(true, (code, at, dy, inner) =>
  forEachVector(code, inner, [dy, at], (lanes) => {
    const gradient = lanes.load(dy)
    lanes.store(at, code.let('sum', f32x4.add(lanes.load(at), gradient)))
  }),
)

/** out[o, c, i] = x[o, index[o, c, i], i]. */
const gather = /* @__PURE__ */ byElements(false, (code, at, out) => code.do(i32.store(out, i32.load(at))))

/** out[o, index[o, c, i], i] += dy[o, c, i]. */
const gatherGrad = /* @__PURE__ */ byElements(true, (code, at, dy) =>
  code.do(f32.store(at, f32.add(f32.load(at), f32.load(dy)))),
)

type Strided = readonly [Pointer, Expr<'i32'>]

function forEachStrided(code: Code, count: Pointer, a: Strided, b: Strided, body: () => void): void {
  code.while(count, () => {
    body()
    for (const [pointer, stride] of [a, b]) code.advance(pointer, stride)
    code.advance(count, -1)
  })
}

export const transferKernels = { fill, copyRuns }
export const arrangementKernels = { fill, copyRuns, spreadRuns, copyStrided, transpose }
export const indexingKernels = { fill, take, takeGrad, gather, gatherGrad }
