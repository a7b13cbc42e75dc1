// Seeded random numbers by xoshiro128++ (Blackman and Vigna 2021, arXiv:1805.01407). All randomness in the library comes from an
// `Rng` argument, so a run is a function of its seed.

import { ValueError } from './errors.ts'
import { cos, log } from './portable-math.ts'

/** The state of a generator, four 32-bit words, for checkpoints. */
export type RngState = readonly [number, number, number, number]

const TWO_PI = 2 * Math.PI

export class Rng {
  private a = 0
  private b = 0
  private c = 0
  private d = 0

  /** @param seed an integer in [0, 2^53), default 0. Throws a ValueError for any other. Each seed gives a different state. */
  constructor(seed = 0) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new ValueError(`Rng: the seed is ${seed}; expected an integer from 0 to 2^53 - 1`)
    }
    // splitmix32 decorrelates neighbouring seeds. The first two words depend on the seed's low 32 bits, the others on all
    // bits; one word is odd, because the state must not be all zero.
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

  /** Throws a ValueError unless given four 32-bit integers, not all 0. */
  set state(words: RngState) {
    const [a, b, c, d] = words
    if (words.length !== 4 || !words.every(isWord) || (a | b | c | d) === 0) {
      throw new ValueError(`Rng: the state is [${words.join(', ')}]; expected four 32-bit integers, not all 0`)
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

  /** An unbiased integer in [0, n), for n up to 2^32. */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 0x1_0000_0000) {
      throw new ValueError(`Rng.integer: the bound is ${n}; expected an integer from 1 to 2^32`)
    }
    // Rejects draws from the largest multiple of n on, which is above 2^32 - n: few draws need the remainder of a double.
    let draw = this.bits() >>> 0
    while (draw > 0x1_0000_0000 - n && draw >= 0x1_0000_0000 - (0x1_0000_0000 % n)) draw = this.bits() >>> 0
    return draw - n * Math.floor(draw / n) // draw % n: exact for 32-bit integers, and faster
  }

  /** A normal draw (Box and Muller 1958) from two uniforms. */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * log(1 - this.uniform()))
    return mean + deviation * radius * cos(TWO_PI * this.uniform())
  }

  /** An exponential draw with mean 1. */
  exponential(): number {
    return -log(1 - this.uniform())
  }

  /** An index drawn by unnormalised weights. Throws a ValueError unless all are >= 0 with a positive, finite sum. */
  categorical(weights: ArrayLike<number>): number {
    let total = 0
    for (let i = 0; i < weights.length; i++) {
      if (!(weights[i]! >= 0)) {
        throw new ValueError(`Rng.categorical: weight ${weights[i]} at index ${i}; expected numbers >= 0`)
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
    return last // rounding left a remainder
  }

  /** Shuffles in place (Fisher and Yates) and returns `items`. */
  shuffle<T extends { length: number; [i: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const kept = items[i]
      items[i] = items[j]
      items[j] = kept
    }
    return items
  }

  /** A random permutation of 0 … n - 1. */
  permutation(n: number): Int32Array {
    if (!Number.isInteger(n) || n < 0 || n >= 2 ** 31) {
      throw new ValueError(`Rng.permutation: the count is ${n}; expected an integer from 0 to 2^31 - 1`)
    }
    const order = new Int32Array(n)
    for (let i = 0; i < n; i++) order[i] = i
    return this.shuffle(order)
  }

  /** A new generator, independent of the further draws of this one. */
  split(): Rng {
    const child = new Rng()
    child.state = [this.bits(), this.bits(), this.bits(), this.bits() | 1]
    return child
  }
}

// Signed or unsigned.
function isWord(x: number): boolean {
  return Number.isInteger(x) && x >= -0x8000_0000 && x <= 0xffff_ffff
}
