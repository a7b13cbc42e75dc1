// The matrix product C = A·B as kernels over tiles of C. A tile of 4 rows by 8 columns is held in eight vector registers over
// all k: two loads of B and four of A feed eight multiply-adds. A larger tile would exceed the sixteen registers. The loop over
// k is unrolled, see `Code.unrolled`. Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication".
// Read next: matmul.ts, which calls these.
//
// An element of C is its start value plus the terms in the order of k, except in `matmulDots`. Start values are read from
// `start`, with strides `startRow` per row and `startStep` per four columns: 0 and 0 repeat one vector, 0 and 16 are a bias,
// and C itself continues a sum. All strides are in bytes; m, n and k are at least 1.

import type { Code } from './assembler.ts'
import type { I, Pointer, V, Vector } from './instructions/encoding.ts'
import * as f32x4 from './instructions/f32x4.ts'
import * as i32 from './instructions/i32.ts'
import * as v128 from './instructions/v128.ts'
import { kernel } from './module.ts'
import { type Four, forEachVector, four, oneToFour, rowsFrom, sumLanes, transpose4 } from './vectors.ts'

const UNROLL = 8 // steps of k per turn of the loop

/**
 * Tiles of 4×8: m is a multiple of 4, n of 8. Rows of A are contiguous, aRow apart. B consists of panels of eight columns,
 * bPanel apart (32 for unpacked B), with rows bRow apart.
 */
const matmul = /* @__PURE__ */ kernel(
  'i32 a aRow b bRow bPanel c cRow m n k start startRow startStep',
  (code, a, aRow, b, bRow, bPanel, c, cRow, m, n, k, start, startRow, startStep) => {
    overTiles(code, { a, aTile: i32.shl(aRow, 2), b, bPanel, c, cRow, m, n, start, startRow, startStep }, (ai, acc) => {
      const rows = rowsFrom(code, ai, aRow)
      const bk = code.let('bk', b)
      const step = (j: number) => {
        multiplyAddRow(code, acc, bk, 0, (i) => v128.load32_splat(rows[i]!, 4 * j))
        code.advance(bk, bRow)
      }
      code.unrolled(code.let('left', k), UNROLL, step, () => {
        for (const row of rows) code.advance(row, 4 * UNROLL)
      })
    })
  },
)

/** `matmul` for tiles of A with contiguous columns, aStep apart, and packed B. */
const matmulColumns = /* @__PURE__ */ kernel(
  'i32 a aStep aTile b bPanel c cRow m n k start startRow startStep',
  (code, a, aStep, aTile, b, bPanel, c, cRow, m, n, k, start, startRow, startStep) => {
    overTiles(code, { a, aTile, b, bPanel, c, cRow, m, n, start, startRow, startStep }, (ai, acc) => {
      const ak = code.let('ak', ai)
      const bk = code.let('bk', b)
      const step = (j: number) => {
        multiplyAddRow(code, acc, bk, 32 * j, (i) => v128.load32_splat(ak, 4 * i))
        code.advance(ak, aStep)
      }
      code.unrolled(code.let('left', k), UNROLL, step, () => code.advance(bk, 32 * UNROLL))
    })
  },
)

type Tiles = Readonly<
  Record<'a' | 'aTile' | 'bPanel' | 'cRow' | 'm' | 'n' | 'startRow' | 'startStep', I> &
    Record<'b' | 'c' | 'start', Pointer>
>

type Tile = Four<[Vector, Vector]>

/** For each panel of B and each four rows of A, `accumulate` adds a tile's terms to its start values. */
function overTiles(code: Code, t: Tiles, accumulate: (ai: Pointer, acc: Tile) => void): void {
  const cRight = code.let('cRight', i32.add(t.c, i32.shl(t.n, 2)))
  code.repeatWhile(i32.lt_u(t.c, cRight), () => {
    const cBottom = code.let('cBottom', i32.add(t.c, i32.mul(t.m, t.cRow)))
    const ai = code.let('ai', t.a)
    const ci = code.let('ci', t.c)
    const si = code.let('si', t.start)
    code.repeatWhile(i32.lt_u(ci, cBottom), () => {
      const acc = startTile(code, si, t.startRow, t.startStep)
      accumulate(ai, acc)
      for (const [left, right] of acc) {
        code.do(v128.store(ci, left), v128.store(ci, right, 16))
        code.advance(ci, t.cRow)
      }
      code.advance(ai, t.aTile)
    })
    code.advance(t.b, t.bPanel)
    code.advance(t.c, 32)
    code.advance(t.start, i32.shl(t.startStep, 1))
  })
}

function startTile(code: Code, si: Pointer, startRow: I, startStep: I): Tile {
  return four((i) => {
    const left = code.let(`left${i}`, v128.load(si))
    const right = code.let(`right${i}`, v128.load(i32.add(si, startStep)))
    code.advance(si, startRow)
    return [left, right]
  })
}

/** One step of k: a column of four numbers of A times a row of eight of B. */
function multiplyAddRow(code: Code, acc: Tile, bk: Pointer, offset: number, column: (i: number) => V): void {
  const b0 = code.let('b0', v128.load(bk, offset))
  const b1 = code.let('b1', v128.load(bk, offset + 16))
  acc.forEach(([left, right], i) => {
    const x = code.let(`a${i}`, column(i))
    code.set(left, code.multiplyAdd(x, b0, left))
    code.set(right, code.multiplyAdd(x, b1, right))
  })
}

/** Tiles of 4×4 for one to four `columns`. B is one packed panel with arbitrary values in missing columns. */
const matmulNarrow = /* @__PURE__ */ kernel(
  'i32 a aRow aStep aTile b c cRow m columns k start startRow',
  (code, a, aRow, aStep, aTile, b, c, cRow, m, columns, k, start, startRow) => {
    const cBottom = code.let('cBottom', i32.add(c, i32.mul(m, cRow)))
    code.repeatWhile(i32.lt_u(c, cBottom), () => {
      const acc = four((i) => code.local('v128', `acc${i}`))
      oneToFour(code, columns, (lanes) => {
        for (const sum of acc) {
          code.set(sum, lanes.load(start))
          code.advance(start, startRow)
        }
      })
      const rows = rowsFrom(code, a, aRow)
      const bk = code.let('bk', b)
      const step = (j: number) => {
        const line = code.let('line', v128.load(bk, 16 * j))
        rows.forEach((row, i) => {
          code.set(acc[i]!, code.multiplyAdd(v128.load32_splat(row), line, acc[i]!))
          code.advance(row, aStep)
        })
      }
      code.unrolled(code.let('left', k), 4, step, () => code.advance(bk, 64))
      oneToFour(code, columns, (lanes) => {
        for (const sum of acc) {
          lanes.store(c, sum)
          code.advance(c, cRow)
        }
      })
      code.advance(a, aTile)
    })
  },
)

/** One row of C: the vector a, with stride aStep, times unpacked B [k, n], sixteen columns at a time. */
const matmulRow = /* @__PURE__ */ kernel(
  'i32 a aStep b bRow c n k start startStep',
  (code, a, aStep, b, bRow, c, n, k, start, startStep) => {
    code.while(i32.ge_u(n, 16), () => {
      const acc = four((j) => code.let(`acc${j}`, v128.load(i32.add(start, i32.mul(startStep, j)))))
      overRows(code, a, aStep, b, bRow, k, (x, bk) => {
        acc.forEach((sum, j) => {
          code.set(sum, code.multiplyAdd(x, v128.load(bk, 16 * j), sum))
        })
      })
      code.do(...acc.map((sum, j) => v128.store(c, sum, 16 * j)))
      code.advance(b, 64)
      code.advance(c, 64)
      code.advance(start, i32.shl(startStep, 2))
      code.advance(n, -16)
    })
    forEachVector(code, n, [b, c, { at: start, step: startStep }], (lanes) => {
      const acc = code.let('acc', lanes.load(start))
      overRows(code, a, aStep, b, bRow, k, (x, bk) => code.set(acc, code.multiplyAdd(x, lanes.load(bk), acc)))
      lanes.store(c, acc)
    })
  },
)

/** Runs `body` for each k, with a's number in every lane and the address of B's row k. */
function overRows(code: Code, a: I, aStep: I, b: I, bRow: I, k: I, body: (x: Vector, bk: Pointer) => void): void {
  const ak = code.let('ak', a)
  const bk = code.let('bk', b)
  const step = () => {
    body(code.let('x', v128.load32_splat(ak)), bk)
    code.advance(ak, aStep)
    code.advance(bk, bRow)
  }
  code.unrolled(code.let('left', k), 4, step, () => {})
}

/**
 * One row of C for B stored as [n, k]: dot products of x with B's rows, four rows at a time. Each is summed in four lanes,
 * for k = 0, 1, 2 and 3 modulo 4, and the start value is added last.
 */
const matmulDots = /* @__PURE__ */ kernel(
  'i32 x b bRow c n k start startStep',
  (code, x, b, bRow, c, n, k, start, startStep) => {
    code.while(i32.ge_u(n, 4), () => {
      const rows = rowsFrom(code, b, bRow)
      const acc = four((i) => code.local('v128', `acc${i}`))
      dots(code, x, rows, k, acc)
      const [t0, t1, t2, t3] = transpose4(code, acc)
      const sums = f32x4.add(f32x4.add(t0, t1), f32x4.add(t2, t3))
      code.do(v128.store(c, f32x4.add(v128.load(start), sums)))
      code.advance(b, i32.shl(bRow, 2))
      code.advance(c, 16)
      code.advance(start, startStep)
      code.advance(n, -4)
    })
    code.while(n, () => {
      const acc = code.local('v128', 'acc')
      dots(code, x, [code.let('row', b)], k, [acc])
      const sum = code.let('sum', f32x4.add(v128.load32_zero(start), sumLanes(code, acc)))
      code.do(v128.store32_lane(c, sum, 0))
      code.advance(b, bRow)
      code.advance(c, 4)
      code.advance(start, i32.shr_u(startStep, 2))
      code.advance(n, -1)
    })
  },
)

function dots(code: Code, x: I, rows: readonly Pointer[], k: I, acc: readonly Vector[]): void {
  for (const sum of acc) code.set(sum, 0)
  const xk = code.let('xk', x)
  forEachVector(code, k, [xk, ...rows], (lanes) => {
    const xs = code.let('xs', lanes.load(xk))
    rows.forEach((row, i) => {
      code.set(acc[i]!, code.multiplyAdd(lanes.load(row), xs, acc[i]!))
    })
  })
}

// Packing: copies a matrix to panels of eight columns (or one to four), each row-major. A matrix that is stored transposed is transposed
// in blocks of 4×4.

/** `panels` panels of eight columns of B [k, n], each k rows of 32 bytes. */
const packColumns = /* @__PURE__ */ kernel('i32 b bRow to panels k', (code, b, bRow, to, panels, k) => {
  code.repeatWhile(panels, () => {
    const bk = code.let('bk', b)
    const end = code.let('end', i32.add(to, i32.shl(k, 5)))
    code.repeatWhile(i32.lt_u(to, end), () => {
      code.do(v128.store(to, v128.load(bk)), v128.store(to, v128.load(bk, 16), 16))
      code.advance(bk, bRow)
      code.advance(to, 32)
    })
    code.advance(b, 32)
    code.advance(panels, -1)
  })
})

/** One panel of one to four `columns` of B [k, n]: k rows of 16 bytes, padded with zeros. */
const packNarrow = /* @__PURE__ */ kernel('i32 b bRow to columns k', (code, b, bRow, to, columns, k) => {
  oneToFour(code, columns, (lanes) => {
    const end = code.let('end', i32.add(to, i32.shl(k, 4)))
    code.repeatWhile(i32.lt_u(to, end), () => {
      code.do(v128.store(to, lanes.load(b)))
      code.advance(b, bRow)
      code.advance(to, 16)
    })
  })
})

/** `packColumns` for B stored as [n, k]. */
const packRows = /* @__PURE__ */ kernel('i32 b bRow to panels k', (code, b, bRow, to, panels, k) => {
  const below = code.let('below', i32.shl(bRow, 2))
  code.repeatWhile(panels, () => {
    packFourRows(code, rowsFrom(code, b, bRow), code.let('left', to), 32, k)
    packFourRows(code, rowsFrom(code, i32.add(b, below), bRow), code.let('right', i32.add(to, 16)), 32, k)
    code.advance(to, i32.shl(k, 5))
    code.advance(b, i32.shl(below, 1))
    code.advance(panels, -1)
  })
})

/** `packNarrow` for B stored as [n, k]. Missing columns repeat the last one. */
const packNarrowRows = /* @__PURE__ */ kernel('i32 b bRow to columns k', (code, b, bRow, to, columns, k) => {
  packFourRows(code, rowsFrom(code, b, bRow, columns), code.let('at', to), 16, k)
})

/** Writes k lines of four numbers, one from each row, `line` bytes apart. */
function packFourRows(code: Code, rows: Four<Pointer>, to: Pointer, line: number, k: I): void {
  forEachVector(code, k, rows, (lanes) => {
    const loaded = rows.map((row, i) => code.let(`line${i}`, lanes.load(row))) as Four<Vector>
    const columns = transpose4(code, loaded)
    // Lines beyond k are written too: later panels overwrite them, and the last panel has spare memory.
    code.do(...columns.map((column, i) => v128.store(to, column, line * i)))
    code.advance(to, 4 * line)
  })
}

export const matmulKernels = {
  ...{ matmul, matmulColumns, matmulNarrow, matmulRow, matmulDots },
  ...{ packColumns, packNarrow, packRows, packNarrowRows },
}
