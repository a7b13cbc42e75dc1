// Spaces of observations and actions: vectors within bounds, whole numbers, bits, and tuples and records of them.
// Towers et al. 2024, arXiv:2407.17032. Read next: ../rl/envs/env.ts, packing.ts for values as numbers.

import { requireRng } from '../nn/checks.ts'
import { ShapeError, ValueError } from '../tensor/errors.ts'
import { isRecord } from '../tensor/json.ts'
import { requireRoom } from '../tensor/memory.ts'
import type { Rng } from '../tensor/random.ts'

/** A set of values with a membership test and a uniform draw. */
export interface Space<T> {
  readonly kind: 'box' | 'discrete' | 'multi-discrete' | 'multi-binary' | 'tuple' | 'dict'
  contains(value: unknown): value is T
  sample(rng: Rng): T
  /** `Box([-1, -1] … [1, 1])`, as shown in messages. */
  toString(): string
}

/** How the numbers of a box are stored: those of bytes are whole, from 0 to 255. */
export type NumberType = 'float32' | 'uint8'

/** The longest vector whose bounds are all shown in a message. */
const SHOWN = 8

/**
 * Vectors within bounds, flat, row-major when `shape` has more than one axis. Infinite bounds are allowed. Values are `Float32Array`s;
 * with `dtype` uint8 they are whole numbers, and memories keep a byte of each.
 */
export class Box implements Space<Float32Array> {
  readonly kind = 'box'
  readonly low: Float32Array
  readonly high: Float32Array
  readonly shape: readonly number[]

  /**
   * `new Box([-1, -2], [1, 2])`, or with one bound for all numbers `new Box(0, 1, [10, 10, 4])`. Throws a `ShapeError` if the bounds do not
   * fit the shape, a `ValueError` if a lower bound exceeds its upper one, and on bounds that are no bytes for `uint8`.
   */
  constructor(
    low: number | ArrayLike<number>,
    high: number | ArrayLike<number>,
    shape: readonly number[] = [typeof low === 'number' ? (typeof high === 'number' ? 1 : high.length) : low.length],
    readonly dtype: NumberType = 'float32',
  ) {
    const isAxis = (axis: unknown) => Number.isInteger(axis) && (axis as number) >= 0
    if (!Array.isArray(shape) || !shape.every(isAxis)) {
      throw new ShapeError(`Box: the shape is ${describe(shape)}; expected whole numbers such as [10, 10, 4]`)
    }
    const size = shape.reduce((product, axis) => product * axis, 1)
    requireRoom(`Box: the shape [${shape.join(', ')}]`, 8 * size)
    const all = (bound: number | ArrayLike<number>) =>
      typeof bound === 'number' ? new Float32Array(size).fill(bound) : Float32Array.from(bound)
    this.low = all(low)
    this.high = all(high)
    this.shape = shape
    if (this.low.length !== size || this.high.length !== size) {
      const [lows, highs] = [this.low.length, this.high.length]
      throw new ShapeError(`Box: ${lows} lower and ${highs} upper bounds for shape [${shape.join(', ')}]`)
    }
    if (dtype !== 'float32' && dtype !== 'uint8') {
      throw new ValueError(`Box: the dtype is ${describe(dtype)}; expected float32 or uint8`)
    }
    for (let i = 0; i < size; i++) {
      const [least, most] = [this.low[i]!, this.high[i]!]
      if (!(least <= most)) {
        throw new ValueError(`Box: bound ${i} is ${least} … ${most}; the lower must not exceed the upper`)
      }
      if (dtype === 'uint8' && !(isByte(least) && isByte(most))) {
        throw new ValueError(`Box: bound ${i} is ${least} … ${most}; uint8 holds whole numbers from 0 to 255`)
      }
    }
  }

  contains(value: unknown): value is Float32Array {
    if (!(value instanceof Float32Array) || value.length !== this.low.length) return false
    const isWhole = this.dtype === 'uint8'
    for (let i = 0; i < value.length; i++) {
      if (!(value[i]! >= this.low[i]! && value[i]! <= this.high[i]!)) return false
      if (isWhole && !isByte(value[i]!)) return false
    }
    return true
  }

  /**
   * Uniform within the bounds, for uint8 among the whole numbers; exponential where one bound is infinite, normal where both are (as
   * Gymnasium does).
   */
  sample(rng: Rng): Float32Array {
    requireRng('Box.sample', rng, 'a sample')
    return this.low.map((low, i) => {
      const high = this.high[i]!
      if (this.dtype === 'uint8') return low + rng.integer(high - low + 1)
      if (low > -Infinity && high < Infinity) return rng.uniform(low, high)
      if (low > -Infinity) return low + rng.exponential()
      if (high < Infinity) return high - rng.exponential()
      return rng.normal()
    })
  }

  /** `Box([-1] … [1])`; `Box[10, 10, 4] of 0 to 1` of several axes or many numbers, if their bounds are equal. */
  toString(): string {
    const { low, high, shape } = this
    const isList = shape.length === 1 && low.length <= SHOWN
    const areEqual = low.length > 0 && low.every((each, i) => each === low[0] && high[i] === high[0])
    if (!isList && areEqual) return `Box[${shape.join(', ')}] of ${low[0]} to ${high[0]}`
    return `Box([${low.join(', ')}] … [${high.join(', ')}])`
  }
}

const isByte = (x: number) => Number.isInteger(x) && x >= 0 && x <= 255
const describe = (value: unknown) => JSON.stringify(value) ?? String(value)

/** The whole numbers `start` … `start + n - 1`. */
export class Discrete implements Space<number> {
  readonly kind = 'discrete'

  constructor(
    readonly n: number,
    readonly start = 0,
  ) {
    requireCount('Discrete', n)
    if (!Number.isSafeInteger(start)) throw new ValueError(`Discrete: start is ${start}; expected a whole number`)
  }

  contains(value: unknown): value is number {
    return Number.isInteger(value) && (value as number) >= this.start && (value as number) < this.start + this.n
  }

  sample(rng: Rng): number {
    requireRng('Discrete.sample', rng, 'a sample')
    return this.start + rng.integer(this.n)
  }

  toString(): string {
    return `Discrete(${this.start} … ${this.start + this.n - 1})`
  }
}

/** Several choices at once: entry `i` is a whole number from 0 to `nvec[i] - 1`, as in Gymnasium. */
export class MultiDiscrete implements Space<Int32Array> {
  readonly kind = 'multi-discrete'

  constructor(readonly nvec: readonly number[]) {
    for (const n of nvec) requireCount('MultiDiscrete', n)
  }

  contains(value: unknown): value is Int32Array {
    if (!(value instanceof Int32Array) || value.length !== this.nvec.length) return false
    return this.nvec.every((n, i) => value[i]! >= 0 && value[i]! < n)
  }

  sample(rng: Rng): Int32Array {
    requireRng('MultiDiscrete.sample', rng, 'a sample')
    return Int32Array.from(this.nvec, (n) => rng.integer(n))
  }

  toString(): string {
    return `MultiDiscrete([${this.nvec.join(', ')}])`
  }
}

/** `n` bits: each entry is 0 or 1. */
export class MultiBinary implements Space<Int8Array> {
  readonly kind = 'multi-binary'

  constructor(readonly n: number) {
    requireCount('MultiBinary', n)
  }

  contains(value: unknown): value is Int8Array {
    return value instanceof Int8Array && value.length === this.n && value.every((bit) => bit === 0 || bit === 1)
  }

  sample(rng: Rng): Int8Array {
    requireRng('MultiBinary.sample', rng, 'a sample')
    return Int8Array.from({ length: this.n }, () => rng.integer(2))
  }

  toString(): string {
    return `MultiBinary(${this.n})`
  }
}

type Spaces<T extends readonly unknown[]> = { readonly [K in keyof T]: Space<T[K]> }

/** The spaces of a `Tuple` or `Dict` by index or key, in the order in which they are sampled and flattened. */
type Parts = readonly (readonly [key: string, space: Space<unknown>])[]

/** A value of each of several spaces, in order. */
export class Tuple<T extends readonly unknown[]> implements Space<T> {
  readonly kind = 'tuple'
  readonly parts: Parts

  constructor(readonly spaces: Spaces<T>) {
    this.parts = Object.entries(spaces as readonly Space<unknown>[])
  }

  contains(value: unknown): value is T {
    if (!Array.isArray(value) || value.length !== this.parts.length) return false
    return this.parts.every(([, space], i) => space.contains(value[i]))
  }

  sample(rng: Rng): T {
    return this.parts.map(([, space]) => space.sample(rng)) as unknown as T
  }

  toString(): string {
    return `Tuple(${this.parts.map(([, space]) => space).join(', ')})`
  }
}

/**
 * A value of each of several spaces, by key: a plain object with exactly these keys. Keys are sorted by their UTF-16 code units, as
 * Gymnasium sorts those of a `dict`.
 */
export class Dict<T extends object> implements Space<T> {
  readonly kind = 'dict'
  readonly parts: Parts

  constructor(readonly spaces: { readonly [K in keyof T]: Space<T[K]> }) {
    this.parts = Object.entries<Space<unknown>>(spaces).sort(([a], [b]) => (a < b ? -1 : 1))
  }

  contains(value: unknown): value is T {
    if (!isRecord(value) || ArrayBuffer.isView(value) || Object.keys(value).length !== this.parts.length) return false
    return this.parts.every(([key, space]) => Object.hasOwn(value, key) && space.contains(value[key]))
  }

  sample(rng: Rng): T {
    return Object.fromEntries(this.parts.map(([key, space]) => [key, space.sample(rng)])) as T
  }

  toString(): string {
    return `Dict(${this.parts.map(([key, space]) => `${key}: ${space}`).join(', ')})`
  }
}

/** Whether the values of a space consist of values of other spaces. */
export function isComposite(space: Space<unknown>): space is Tuple<readonly unknown[]> | Dict<object> {
  return space instanceof Tuple || space instanceof Dict
}

function requireCount(kind: string, n: number): void {
  if (!Number.isInteger(n) || n < 1 || n > 2 ** 31) {
    throw new ValueError(`${kind}: a count is ${n}; it must be a whole number from 1 to 2^31`)
  }
}
