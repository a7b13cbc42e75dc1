// The one store of rows: a typed array for each quantity, row-major. Replay buffers, rollouts, n-step rings, recorded play, episode logs and
// labelled datasets are columns with an index of their own. Read next: ../rl/replay/replay.ts, ../distill/dataset/dataset.ts.

import { CheckpointError, ShapeError, ValueError } from '../tensor/errors.ts'

const arrayTypes = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array } as const
type ElementType = keyof typeof arrayTypes
type ArrayOf<Type extends ElementType> = InstanceType<(typeof arrayTypes)[Type]>
type AnyArray = Float32Array | Float64Array | Int32Array | Uint8Array

/** A quantity of each row: `width` numbers, and how they are stored. */
export interface Field<Type extends ElementType = ElementType> {
  readonly width: number
  readonly type: Type
}

export type Fields = Readonly<Record<string, Field>>
export type ArraysOf<F extends Fields> = { readonly [Name in keyof F]: ArrayOf<F[Name]['type']> }

export const field = <Type extends ElementType>(width: number, type: Type): Field<Type> => ({ width, type })

/** The field of actions: int32 choices (`actionSize` 0), else float32 vectors. */
export const actionField = (actionSize: number) =>
  field(Math.max(1, actionSize), actionSize === 0 ? 'int32' : 'float32')

/** Choices of a discrete action space, or vectors. */
export type ActionColumn = Float32Array | Int32Array
/** A choice or an action vector. */
export type Action = number | ArrayLike<number>

/** Columns by name, for checkpoints; every entry is a copy. */
export type SavedArrays = Readonly<Record<string, AnyArray>>

export class Columns<F extends Fields> {
  /** Rows that were pushed. Owners that write in another order keep their own count. */
  size = 0
  /** Each with room for at least the rows that were written. */
  readonly arrays: ArraysOf<F>
  private readonly names: readonly (keyof F & string)[]

  /** @param capacity rows of each array. Default: none; `write` makes room */
  constructor(
    readonly fields: F,
    capacity = 0,
  ) {
    this.names = Object.keys(fields)
    this.arrays = Object.fromEntries(
      this.names.map((name) => [name, new arrayTypes[fields[name]!.type](capacity * fields[name]!.width)]),
    ) as unknown as ArraysOf<F>
  }

  /** Bytes of a row. */
  get rowBytes(): number {
    return this.names.reduce((sum, name) => {
      const { width, type } = this.fields[name]!
      return sum + width * arrayTypes[type].BYTES_PER_ELEMENT
    }, 0)
  }

  /** Appends a row. */
  push(values: { readonly [Name in keyof F]: ArrayLike<number> }): void {
    for (const name of this.names) this.write(name, this.size, values[name])
    this.size++
  }

  /** A view of the first `rows` rows of a column: [rows, width]. */
  first<Name extends keyof F>(name: Name, rows = this.size): ArraysOf<F>[Name] {
    return this.arrays[name].subarray(0, rows * this.fields[name]!.width) as ArraysOf<F>[Name]
  }

  /** A view of one row: [width]. */
  row<Name extends keyof F>(name: Name, row: number): ArraysOf<F>[Name] {
    const { width } = this.fields[name]!
    return this.arrays[name].subarray(row * width, (row + 1) * width) as ArraysOf<F>[Name]
  }

  /** Writes whole rows from row `row` on, and makes room for them. */
  write(name: keyof F, row: number, values: ArrayLike<number>): void {
    const at = row * this.fields[name]!.width
    let array: AnyArray = this.arrays[name]
    if (array.length < at + values.length) {
      const larger = new arrayTypes[this.fields[name]!.type](Math.max(2 * at, at + values.length))
      larger.set(array)
      array = larger
      Object.assign(this.arrays, { [name]: larger })
    }
    array.set(values, at)
  }

  /**
   * Writes one row where there is room. Throws a `ShapeError` unless `values` fills it, a `ValueError` unless the numbers are finite and, in
   * a column of bytes, whole from 0 to 255. `what` names them in messages.
   */
  put(name: keyof F, row: number, values: ArrayLike<number>, what: string): void {
    const { width } = this.fields[name]!
    const array: AnyArray = this.arrays[name]
    if (values.length !== width) {
      throw new ShapeError(`${what} has ${values.length} numbers; this buffer was made for ${width}`)
    }
    const start = row * width
    if (array instanceof Uint8Array) {
      array.set(values, start)
      for (let j = 0; j < width; j++) {
        if (array[start + j] === values[j]) continue
        throw new ValueError(
          `${what} has ${values[j]} at index ${j}; this buffer stores bytes, whole numbers from 0 to 255`,
        )
      }
      return
    }
    let zero = 0
    for (let j = 0; j < width; j++) {
      array[start + j] = values[j]!
      zero += array[start + j]! * 0
    }
    if (zero !== 0) throw new ValueError(`${what} is [${Array.from(values).join(', ')}]; expected finite numbers`)
  }

  /** `put` of a choice or an action vector. */
  putAction(name: keyof F, row: number, action: Action): void {
    const { width } = this.fields[name]!
    if (typeof action !== 'number') {
      this.put(name, row, action, 'the action')
      return
    }
    if (width > 1) throw new ShapeError(`the action is one number; this buffer was made for ${width}`)
    if (!Number.isFinite(action)) throw new ValueError(`the action is ${action}; expected a finite number`)
    const array: AnyArray = this.arrays[name]
    array[row] = action
  }

  /** A choice, or a view of an action vector. */
  actionAt(name: keyof F, row: number): Action {
    const array: AnyArray = this.arrays[name]
    return array instanceof Int32Array ? array[row]! : this.row(name, row)
  }

  /** Copies the given rows to those arrays of `to` that have the names of columns. */
  gather(rows: Int32Array, to: Readonly<Record<string, unknown>>): void {
    for (const name of this.names) {
      if (to[name] === undefined) continue
      gatherRows(this.arrays[name], rows, this.fields[name]!.width, to[name] as AnyArray)
    }
  }

  /** Copies of the given rows of some columns. */
  take<Name extends keyof F & string>(rows: Int32Array, names: readonly Name[]): Pick<ArraysOf<F>, Name> {
    const some = Object.fromEntries(names.map((name) => [name, this.fields[name]!]))
    const { arrays } = new Columns(some, rows.length)
    this.gather(rows, arrays)
    return arrays as Pick<ArraysOf<F>, Name>
  }

  /** Copies of the first `rows` rows. */
  save(rows: number): Record<string, AnyArray> {
    return Object.fromEntries(this.names.map((name) => [name, this.first(name, rows).slice()]))
  }

  /** Restores what `save` returned. Throws a `CheckpointError`, and changes nothing, on an absent array or another length. */
  restore(owner: string, saved: SavedArrays, rows: number): void {
    const all = this.names.map(
      (name) => [name, savedArray(owner, saved, name, rows * this.fields[name]!.width)] as const,
    )
    for (const [name, values] of all) this.arrays[name].set(values)
  }
}

/** to[i] = from[rows[i]] for each of the rows of `width` numbers. */
export function gatherRows(from: AnyArray, rows: Int32Array, width: number, to: AnyArray): void {
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

function gatherBytes(from: Uint8Array, rows: Int32Array, width: number, to: AnyArray): void {
  for (let i = 0; i < rows.length; i++) to.set(from.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width)
}

function gatherNumbers(from: AnyArray, rows: Int32Array, width: number, to: AnyArray): void {
  for (let i = 0, at = 0; i < rows.length; i++) {
    const start = rows[i]! * width
    for (let j = 0; j < width; j++) to[at++] = from[start + j]!
  }
}

/** The saved array of a name. Throws a `CheckpointError` if it is absent or has another length. */
export function savedArray(owner: string, saved: SavedArrays, name: string, length?: number): AnyArray {
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
