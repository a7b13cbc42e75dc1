// Two layouts of [rows, columns] in vectors. For long rows the lanes are four columns of one row. For short rows (a few actions
// or classes), where combining lanes would dominate, the lanes are one column of four rows.

import type { Code } from './assembler.ts'
import * as i32 from './instructions/i32.ts'
import * as v128 from './instructions/v128.ts'
import type { Pointer, V, Vector } from './instructions.ts'
import { forEachRow } from './reduce-kernels.ts'
import { acrossLanes, forEachVector, rowsFrom } from './vectors.ts'

/** The start of one row, or of four rows. */
export type Place = readonly Pointer[]

/** Memory access in one step of a pass. Lanes beyond the end of a row hold `padding`. */
export interface Access {
  load(at: Place, padding?: number): V
  store(at: Place, value: Vector): void
}

export interface Layout {
  /** Runs `body` for each row, or each four rows, with their starts in each operand. */
  forEach(code: Code, rows: Pointer, columns: Pointer, operands: readonly Pointer[], body: (at: Place[]) => void): void
  /** One pass over the columns. */
  pass(code: Code, columns: Pointer, operands: readonly Place[], body: (access: Access, at: Place[]) => void): void
  /** Combines the lanes, if they belong to one row. */
  join(code: Code, x: Vector, combine: (a: V, b: V) => V): V
}

export const acrossColumns: Layout = {
  forEach: (code, rows, columns, operands, body) =>
    forEachRow(code, rows, columns, operands, (at) => body(at.map((pointer) => [pointer]))),
  pass(code, columns, operands, body) {
    const at = operands.map(([pointer]) => [code.let('at', pointer!)])
    forEachVector(code, columns, at.flat(), (lanes) => {
      const load = ([pointer]: Place, padding?: number) => lanes.load(pointer!, padding)
      const store = ([pointer]: Place, value: Vector) => lanes.store(pointer!, value)
      body({ load, store }, at)
    })
  },
  join: acrossLanes,
}

export const acrossRows: Layout = {
  forEach(code, rows, columns, operands, body) {
    const width = code.let('width', i32.shl(columns, 2))
    code.while(rows, () => {
      body(operands.map((operand) => rowsFrom(code, operand, width, rows)))
      for (const operand of operands) code.advance(operand, i32.shl(width, 2))
      code.if(i32.lt_u(rows, 4), () => code.set(rows, 4))
      code.advance(rows, -4)
    })
  },
  pass(code, columns, operands, body) {
    const at = operands.map((place) => place.map((pointer) => code.let('at', pointer)))
    const left = code.let('left', columns)
    code.while(left, () => {
      body(lanesOfRows(code), at)
      for (const pointer of at.flat()) code.advance(pointer, 4)
      code.advance(left, -1)
    })
  },
  join: (_, x) => x,
}

function lanesOfRows(code: Code): Access {
  return {
    load([first, ...others]) {
      const lanes = code.let('lanes', v128.load32_zero(first!))
      others.forEach((pointer, i) => {
        code.set(lanes, v128.load32_lane(pointer, lanes, i + 1))
      })
      return lanes
    },
    store: (at, value) => code.do(...at.map((pointer, lane) => v128.store32_lane(pointer, value, lane))),
  }
}
