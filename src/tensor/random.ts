// Seeded random numbers. The generator is xoshiro128++ (Blackman and Vigna 2021, arXiv:1805.01407), its state four 32-bit
// words that can be saved and put back. Everything random in the library takes an `Rng` as an argument: a run is a
// function of its seed.

import { ValueError } from './errors.ts'
import { cos, log, sin } from './portable-math.ts'

/** The four words of a generator, for checkpoints. */
export type RngState = readonly [number, number, number, number]

const TWO_PI = 2 * Math.PI

export class Rng {
  private a = 0
  private b = 0
  private c = 0
  private d = 0

  /** @param seed any integer in [0, 2^53), each with a state of its own; other seeds throw. */
  constructor(seed = 0) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new ValueError(`Rng: the seed is ${seed}; it must be a whole number from 0 to 2^53 - 1`)
    }
    // splitmix32 spreads neighbouring seeds over the whole state, which must not be all zero. The first two words come
    // from the seed's low 32 bits, the other two from its high bits as well.
    let mixed = seed >>> 0
    const next = () => {
      mixed = (mixed + 0x9e3779b9) | 0
      let z = mixed
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return z ^ (z >>> 15)
    }
    const [a, b] = [next(), next()]
    mixed ^= Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b)
    this.state = [a, b, next(), next() | 1]
  }

  get state(): RngState {
    return [this.a, this.b, this.c, this.d]
  }

  /** Throws a ValueError for what is no state: four whole numbers of 32 bits, not all 0. */
  set state(words: RngState) {
    const [a, b, c, d] = words
    if (words.length !== 4 || !words.every(isWord) || (a | b | c | d) === 0) {
      throw new ValueError(`Rng: the state is [${words.join(', ')}]; expected four whole numbers of 32 bits, not all 0`)
    }
    this.a = a | 0
    this.b = b | 0
    this.c = c | 0
    this.d = d | 0
  }

  /** 32 random bits, as a signed integer. */
  bits(): number {
    const sum = (this.a + this.d) | 0
    const result = (((sum << 7) | (sum >>> 25)) + this.a) | 0
    const shifted = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= shifted
    this.d = (this.d << 11) | (this.d >>> 21)
    return result
  }

  /** Uniform in [low, high), from 53 random bits. */
  uniform(low = 0, high = 1): number {
    const unit = ((this.bits() >>> 5) * 67108864 + (this.bits() >>> 6)) / 9007199254740992
    return low + (high - low) * unit
  }

  /** A whole number in [0, n), without bias. */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 0x1_0000_0000) {
      throw new ValueError(`Rng.integer: the bound is ${n}; it must be a whole number from 1 to 2^32`)
    }
    // Rejecting the last incomplete run of n keeps every result equally likely.
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % n)
    let draw = this.bits() >>> 0
    while (draw >= limit) draw = this.bits() >>> 0
    return draw % n
  }

  /** Normal with the given mean and standard deviation (Box and Muller 1958; two uniforms a number, nothing kept back). */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * log(1 - this.uniform()))
    return mean + deviation * radius * cos(TWO_PI * this.uniform())
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -log(1 - this.uniform())
  }

  /** Two independent standard normals from one Box-Muller draw, into `out[at]` and `out[at + 1]`. */
  normalPair(out: Float32Array | Float64Array, at: number): void {
    const radius = Math.sqrt(-2 * log(1 - this.uniform()))
    const angle = TWO_PI * this.uniform()
    out[at] = radius * cos(angle)
    out[at + 1] = radius * sin(angle)
  }

  /** The index of a draw from weights that need not sum to one. Weights must be >= 0 with a positive, finite sum. */
  categorical(weights: ArrayLike<number>): number {
    let total = 0
    for (let i = 0; i < weights.length; i++) {
      if (!(weights[i]! >= 0)) {
        throw new ValueError(`Rng.categorical: weight ${weights[i]} at index ${i}; weights are numbers from 0`)
      }
      total += weights[i]!
    }
    if (!(total > 0) || total === Infinity) {
      throw new ValueError(`Rng.categorical: the weights sum to ${total}; expected a positive, finite sum`)
    }
    let left = this.uniform() * total
    let last = 0
    for (let i = 0; i < weights.length; i++) {
      if (weights[i]! > 0) last = i
      left -= weights[i]!
      if (left < 0) return i
    }
    return last // rounding left a crumb
  }

  /** Shuffles in place (Fisher and Yates) and returns the same array. */
  shuffle<T extends { length: number; [i: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const kept = items[i]
      items[i] = items[j]
      items[j] = kept
    }
    return items
  }

  /** 0 … n-1 in random order. */
  permutation(n: number): Int32Array {
    if (!Number.isInteger(n) || n < 0 || n >= 2 ** 31) {
      throw new ValueError(`Rng.permutation: the count is ${n}; it must be a whole number from 0 to 2^31 - 1`)
    }
    const order = new Int32Array(n)
    for (let i = 0; i < n; i++) order[i] = i
    return this.shuffle(order)
  }

  /** A new generator, independent of what this one gives from here on. */
  split(): Rng {
    const child = new Rng()
    child.state = [this.bits(), this.bits(), this.bits(), this.bits() | 1]
    return child
  }
}

// As a signed or as an unsigned number.
function isWord(x: number): boolean {
  return Number.isInteger(x) && x >= -0x8000_0000 && x <= 0xffff_ffff
}
