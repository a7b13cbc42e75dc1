// Flat columns of rows, shared by the buffers of this folder: storing, gathering, saving. Read next: ../rl/replay/replay.ts.

import { CheckpointError, ShapeError, ValueError } from '../tensor/errors.ts'
import type { TypedArray } from '../tensor/storage.ts'
import type { NumberType } from './spaces.ts'

/** Rows of equal width, row-major. Int32 for choices of a discrete action space. */
export type Column = Float32Array | Int32Array
/** Bytes for boards and pixels. */
type AnyColumn = Column | Uint8Array

/** A choice or an action vector. */
export type Action = number | ArrayLike<number>

/** A number of rows, and the widths of their columns. A subclass declares the columns. */
export class Rows {
  constructor(
    readonly size: number,
    readonly observationSize: number,
    /** Numbers of an action vector; 0 for choices. */
    readonly actionSize = 0,
    /** Numbers of an action mask; 0 without masks. */
    readonly maskSize = 0,
  ) {}
}

/** A column of as many numbers of this type. */
export function numberColumn(numbers: number, type: NumberType = 'float32'): Float32Array | Uint8Array {
  return type === 'uint8' ? new Uint8Array(numbers) : new Float32Array(numbers)
}

/** to[i] = from[rows[i]] for each row of `to`. */
export function gatherRows(from: AnyColumn, rows: Int32Array, to: AnyColumn): void {
  const width = (to.length / rows.length) | 0 // an int32 keeps the loops on integer indices
  // Loops with one array type each are faster than one loop with all.
  if (from instanceof Float32Array && to instanceof Float32Array) gatherFloats(from, rows, width, to)
  else if (from instanceof Uint8Array) gatherBytes(from, rows, width, to)
  else gatherNumbers(from, rows, width, to)
}

/** The given rows of a column, `width` numbers each. */
export function gathered(from: Float32Array, rows: Int32Array, width: number): Float32Array<ArrayBuffer> {
  const to = new Float32Array(rows.length * width)
  gatherFloats(from, rows, width, to)
  return to
}

function gatherFloats(from: Float32Array, rows: Int32Array, width: number, to: Float32Array): void {
  if (width === 1) {
    for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]!]!
    return
  }
  for (let i = 0, at = 0; i < rows.length; i++) {
    const start = rows[i]! * width
    for (let j = 0; j < width; j++) to[at++] = from[start + j]!
  }
}

function gatherBytes(from: Uint8Array, rows: Int32Array, width: number, to: AnyColumn): void {
  for (let i = 0; i < rows.length; i++) to.set(from.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width)
}

function gatherNumbers(from: AnyColumn, rows: Int32Array, width: number, to: AnyColumn): void {
  for (let i = 0, at = 0; i < rows.length; i++) {
    const start = rows[i]! * width
    for (let j = 0; j < width; j++) to[at++] = from[start + j]!
  }
}

/**
 * Writes row `row` of a column. Throws a `ShapeError` unless `values` has `width` numbers, a `ValueError` unless they are finite and, in a
 * column of bytes, whole from 0 to 255.
 */
export function putRow(column: AnyColumn, row: number, width: number, values: ArrayLike<number>, what: string): void {
  if (values.length !== width) {
    throw new ShapeError(`${what} has ${values.length} numbers; this buffer was made for ${width}`)
  }
  const start = row * width
  if (column instanceof Uint8Array) {
    column.set(values, start)
    for (let j = 0; j < width; j++) {
      if (column[start + j] === values[j]) continue
      throw new ValueError(
        `${what} has ${values[j]} at index ${j}; this buffer stores bytes, whole numbers from 0 to 255`,
      )
    }
    return
  }
  let zero = 0
  for (let j = 0; j < width; j++) {
    column[start + j] = values[j]!
    zero += column[start + j]! * 0
  }
  if (zero !== 0) throw new ValueError(`${what} is [${Array.from(values).join(', ')}]; expected finite numbers`)
}

/** Writes row `row` of a column of actions: a choice (`actionSize` 0) or a vector. */
export function putAction(actions: Column, row: number, actionSize: number, action: Action): void {
  if (typeof action === 'number') {
    if (actionSize > 1) throw new ShapeError(`the action is one number; this buffer was made for ${actionSize}`)
    if (!Number.isFinite(action)) throw new ValueError(`the action is ${action}; expected a finite number`)
    actions[row] = action
  } else putRow(actions, row, Math.max(1, actionSize), action, 'the action')
}

/** A column of actions: int32 [rows] for choices (`actionSize` 0), else float32 [rows, actionSize]. */
export function actionColumn(rows: number, actionSize: number): Column {
  return actionSize === 0 ? new Int32Array(rows) : new Float32Array(rows * actionSize)
}

/** A buffer's contents by name, for checkpoints; every entry is a copy. */
export type SavedArrays = Readonly<Record<string, SavedArray>>
export type SavedArray = TypedArray | Uint8Array

function columnsOf(owner: object): [name: string, column: SavedArray][] {
  return Object.entries(owner).filter(([, value]) => ArrayBuffer.isView(value))
}

/** Copies the first `rows` of `capacity` rows of each array. */
export function copyColumns(columns: object, rows = 1, capacity = 1): Record<string, SavedArray> {
  const copies = columnsOf(columns).map(([name, column]) => [name, column.slice(0, (column.length / capacity) * rows)])
  return Object.fromEntries(copies)
}

/** Restores what `copyColumns` returned. Throws a `CheckpointError`, and changes nothing, on an absent array or another length. */
export function restoreColumns(owner: string, saved: SavedArrays, columns: object, rows = 1, capacity = 1): void {
  const pairs = columnsOf(columns).map(([name, column]) => {
    return [column, savedArray(owner, saved, name, (column.length / capacity) * rows)] as const
  })
  for (const [column, values] of pairs) column.set(values)
}

/** The saved array of a name. Throws a `CheckpointError` if it is absent or has another length. */
export function savedArray(owner: string, saved: SavedArrays, name: string, length?: number): SavedArray {
  const array = saved[name]
  if (array === undefined) {
    throw new CheckpointError(`${owner}: the saved state has no "${name}"; it has ${Object.keys(saved).join(', ')}`)
  }
  if (length !== undefined && array.length !== length) {
    throw new CheckpointError(
      `${owner}: the saved "${name}" has ${array.length} numbers, this buffer needs ${length}; was it saved with other sizes?`,
    )
  }
  return array
}
