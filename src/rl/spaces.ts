// Spaces of observations and actions: vectors within bounds, whole numbers, and tuples of either.
// Towers et al. 2024, arXiv:2407.17032. Read next: env.ts.

import { ShapeError, ValueError } from '../tensor/errors.ts'
import type { Rng } from '../tensor/random.ts'

/** A set of values with a membership test and a uniform draw. */
export interface Space<T> {
  readonly kind: 'box' | 'discrete' | 'multi-discrete' | 'tuple'
  contains(value: unknown): value is T
  sample(rng: Rng): T
  /** `Box([-1, -1] … [1, 1])`, as shown in messages. */
  toString(): string
}

/** Vectors within bounds: float32, flat, row-major when `shape` has more than one axis. Infinite bounds are allowed. */
export class Box implements Space<Float32Array> {
  readonly kind = 'box'
  readonly low: Float32Array
  readonly high: Float32Array
  readonly shape: readonly number[]

  /** Throws a `ShapeError` if the bounds do not fit the shape, a `ValueError` if a lower bound exceeds its upper one. */
  constructor(low: ArrayLike<number>, high: ArrayLike<number>, shape: readonly number[] = [low.length]) {
    const size = shape.reduce((product, axis) => product * axis, 1)
    if (low.length !== size || high.length !== size) {
      throw new ShapeError(`Box: ${low.length} lower and ${high.length} upper bounds for shape [${shape.join(', ')}]`)
    }
    this.low = Float32Array.from(low)
    this.high = Float32Array.from(high)
    this.shape = shape
    for (let i = 0; i < size; i++) {
      if (!(this.low[i]! <= this.high[i]!)) {
        throw new ValueError(`Box: bound ${i} is ${low[i]} … ${high[i]}; the lower must not exceed the upper`)
      }
    }
  }

  contains(value: unknown): value is Float32Array {
    if (!(value instanceof Float32Array) || value.length !== this.low.length) return false
    for (let i = 0; i < value.length; i++) {
      if (!(value[i]! >= this.low[i]! && value[i]! <= this.high[i]!)) return false
    }
    return true
  }

  /** Uniform within the bounds; exponential where one bound is infinite, normal where both are (as Gymnasium does). */
  sample(rng: Rng): Float32Array {
    return this.low.map((low, i) => {
      const high = this.high[i]!
      if (low > -Infinity && high < Infinity) return rng.uniform(low, high)
      if (low > -Infinity) return low + rng.exponential()
      if (high < Infinity) return high - rng.exponential()
      return rng.normal()
    })
  }

  toString(): string {
    return `Box([${this.low.join(', ')}] … [${this.high.join(', ')}])`
  }
}

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
    return this.start + rng.integer(this.n)
  }

  toString(): string {
    return `Discrete(${this.start} … ${this.start + this.n - 1})`
  }
}

/** Several choices at once: entry `i` is a whole number from 0 to `counts[i] - 1`. */
export class MultiDiscrete implements Space<Int32Array> {
  readonly kind = 'multi-discrete'

  constructor(readonly counts: readonly number[]) {
    for (const count of counts) requireCount('MultiDiscrete', count)
  }

  contains(value: unknown): value is Int32Array {
    if (!(value instanceof Int32Array) || value.length !== this.counts.length) return false
    return this.counts.every((count, i) => value[i]! >= 0 && value[i]! < count)
  }

  sample(rng: Rng): Int32Array {
    return Int32Array.from(this.counts, (count) => rng.integer(count))
  }

  toString(): string {
    return `MultiDiscrete([${this.counts.join(', ')}])`
  }
}

type Spaces<T extends readonly unknown[]> = { readonly [K in keyof T]: Space<T[K]> }

/** A value of each of several spaces, in order. */
export class Tuple<T extends readonly unknown[]> implements Space<T> {
  readonly kind = 'tuple'

  constructor(readonly spaces: Spaces<T>) {}

  contains(value: unknown): value is T {
    if (!Array.isArray(value) || value.length !== this.spaces.length) return false
    return this.spaces.every((space, i) => space.contains(value[i]))
  }

  sample(rng: Rng): T {
    return this.spaces.map((space) => space.sample(rng)) as unknown as T
  }

  toString(): string {
    return `Tuple(${this.spaces.join(', ')})`
  }
}

/** The number of entries of a value when flattened: 1 for a choice, the sum over the parts of a tuple. */
export function flatSize(space: Space<unknown>): number {
  if (space instanceof Box) return space.low.length
  if (space instanceof MultiDiscrete) return space.counts.length
  if (space instanceof Tuple)
    return (space.spaces as readonly Space<unknown>[]).reduce((sum, s) => sum + flatSize(s), 0)
  return 1
}

/** Flattens a value of `space` into `out` from index `at`. */
export function writeFlat(space: Space<unknown>, value: unknown, out: Float32Array, at: number): void {
  if (typeof value === 'number') out[at] = value
  else if (!(space instanceof Tuple)) out.set(value as ArrayLike<number>, at)
  else {
    let next = at
    ;(space.spaces as readonly Space<unknown>[]).forEach((part, i) => {
      writeFlat(part, (value as readonly unknown[])[i], out, next)
      next += flatSize(part)
    })
  }
}

/** Unflattens a value of `space` from `numbers` at index `at`. It may lie outside the space. */
export function readFlat(space: Space<unknown>, numbers: ArrayLike<number>, at: number): unknown {
  if (space instanceof Box) return Float32Array.from(space.low, (_, i) => numbers[at + i]!)
  if (space instanceof MultiDiscrete) {
    const choices = space.counts.map((_, i) => numbers[at + i]!)
    return choices.every(Number.isInteger) ? Int32Array.from(choices) : choices
  }
  if (!(space instanceof Tuple)) return numbers[at]
  let next = at
  return (space.spaces as readonly Space<unknown>[]).map((part) => {
    const value = readFlat(part, numbers, next)
    next += flatSize(part)
    return value
  })
}

function requireCount(kind: string, n: number): void {
  if (!Number.isInteger(n) || n < 1 || n > 2 ** 31) {
    throw new ValueError(`${kind}: a count is ${n}; it must be a whole number from 1 to 2^31`)
  }
}
