// Two ways to lay rows of [rows, columns] over the lanes of vectors. Long rows lie across the lanes, four columns at a time.
// Short rows (a handful of actions or classes) would leave lanes empty and spend more on combining them than on anything
// else, so there four rows go side by side, one a lane, and columns follow one another.

import type { Code } from './assembler.ts'
import { type Expr, i32, type Local, v128 } from './instructions.ts'
import { forEachRow } from './reduce-kernels.ts'
import { acrossLanes, forEachVector } from './vectors.ts'

type V = Expr<'v128'>
type Pointer = Local<'i32'>
type Vector = Local<'v128'>

/** Where one row begins, or four rows side by side. */
export type Place = readonly Pointer[]

/** How a step of a pass reaches the numbers; lanes beyond the end of a row hold `padding`, which changes nothing. */
export interface Access {
  load(at: Place, padding?: number): V
  store(at: Place, value: Vector): void
}

export interface Layout {
  /** For each row, or each four rows: where they are in each operand. */
  forEach(code: Code, rows: Pointer, columns: Pointer, operands: readonly Pointer[], body: (at: Place[]) => void): void
  /** One walk over the columns. */
  pass(code: Code, columns: Pointer, operands: readonly Place[], body: (access: Access, at: Place[]) => void): void
  /** Combines what the lanes collected, if they belong to one row. */
  join(code: Code, x: Vector, combine: (a: V, b: V) => V): V
}

export const acrossColumns: Layout = {
  forEach: (code, rows, columns, operands, body) =>
    forEachRow(code, rows, columns, operands, (at) => body(at.map((pointer) => [pointer]))),
  pass(code, columns, operands, body) {
    const at = operands.map(([pointer]) => [code.let('at', pointer!)])
    forEachVector(
      code,
      columns,
      at.map(([pointer]) => pointer!),
      (lanes) =>
        body(
          {
            load: ([pointer], padding) => lanes.load(pointer!, padding),
            store: ([pointer], value) => lanes.store(pointer!, value),
          },
          at,
        ),
    )
  },
  join: acrossLanes,
}

export const acrossRows: Layout = {
  forEach(code, rows, columns, operands, body) {
    const width = code.let('width', i32.shl(columns, 2))
    code.while(rows, () => {
      body(operands.map((operand) => fourRows(code, operand, width, rows)))
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

// Rows beyond the last repeat it: their lanes compute and store the same numbers once more.
function fourRows(code: Code, first: Pointer, width: Pointer, rows: Pointer): Place {
  const place = [code.let('row0', first)]
  for (let i = 1; i < 4; i++) {
    place.push(code.let(`row${i}`, i32.add(place[i - 1]!, i32.mul(width, i32.gt_u(rows, i)))))
  }
  return place
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
