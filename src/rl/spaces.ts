// The sets that observations and actions come from.

import type { Rng } from '../tensor/random.ts'

/** A set of values with a membership test and a uniform draw. */
export interface Space<T> {
  readonly kind: 'box' | 'discrete' | 'multi-discrete' | 'tuple'
  contains(value: unknown): value is T
  sample(rng: Rng): T
  /** `Box(-4.8 … 4.8, [4])`, as shown in messages. */
  toString(): string
}

/** Vectors within bounds: float32, flat, row-major when `shape` has more than one axis. Infinite bounds are allowed. */
export class Box implements Space<Float32Array> {
  readonly kind = 'box'
  readonly low: Float32Array
  readonly high: Float32Array
  readonly shape: readonly number[]

  constructor(low: ArrayLike<number>, high: ArrayLike<number>, shape: readonly number[] = [low.length]) {
    this.low = Float32Array.from(low)
    this.high = Float32Array.from(high)
    this.shape = shape
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
  ) {}

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
