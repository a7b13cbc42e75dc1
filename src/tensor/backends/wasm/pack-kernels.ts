// Copies a matrix to the layout that the kernels of matmul-kernels.ts read: panels of eight columns (or one to four), each
// row-major. A matrix that is stored transposed is transposed in blocks of 4×4.

import type { Code } from './assembler.ts'
import type { I, Pointer, Vector } from './instructions/encoding.ts'
import * as i32 from './instructions/i32.ts'
import * as v128 from './instructions/v128.ts'
import { kernel } from './module.ts'
import { type Four, forEachVector, oneToFour, rowsFrom, transpose4 } from './vectors.ts'

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

export const packKernels = { packColumns, packNarrow, packRows, packNarrowRows }
