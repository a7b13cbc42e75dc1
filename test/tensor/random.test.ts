import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rng, ValueError } from '../../src/tensor/index.ts'
import type { RngState } from '../../src/tensor/random.ts'
import { forAll, property } from '../support/property.ts'

const anySeed = fc.maxSafeNat()
const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next)
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

/** Pearson's statistic of counts that should be proportional to `expected`. */
function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  const scale = counts.reduce((a, b) => a + b, 0) / expected.reduce((a, b) => a + b, 0)
  return counts.reduce((sum, count, i) => sum + (count - scale * expected[i]!) ** 2 / (scale * expected[i]!), 0)
}

/** Gives the bits it is told to. */
class Fixed extends Rng {
  left: number[] = []
  override bits(): number {
    return this.left.shift()! | 0
  }
}

// xoshiro128++ and the seeding, written once more from their definitions in whole numbers of any size.
const MASK = 0xffffffffn
const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & MASK
function* xoshiro([a, b, c, d]: readonly bigint[]): Generator<number> {
  let s = [a!, b!, c!, d!]
  for (;;) {
    const [s0, s1, s2, s3] = s as [bigint, bigint, bigint, bigint]
    yield Number((rotl((s0 + s3) & MASK, 7n) + s0) & MASK)
    const [x2, x3] = [s2 ^ s0, s3 ^ s1]
    s = [s0 ^ x3, s1 ^ x2, x2 ^ ((s1 << 9n) & MASK), rotl(x3, 11n)]
  }
}
function splitmix(mixed: bigint): [next: bigint, word: bigint] {
  const next = (mixed + 0x9e3779b9n) & MASK
  let z = next
  z = ((z ^ (z >> 16n)) * 0x21f0aaadn) & MASK
  z = ((z ^ (z >> 15n)) * 0x735a2d97n) & MASK
  return [next, z ^ (z >> 15n)]
}
function seeded(seed: number): bigint[] {
  const [low, high] = [BigInt(seed) & MASK, BigInt(seed) >> 32n]
  const words: bigint[] = []
  let mixed = low
  for (let i = 0; i < 4; i++) {
    if (i === 2) mixed ^= (high * 0x85ebca6bn) & MASK
    const [next, word] = splitmix(mixed)
    mixed = next
    words.push(word)
  }
  return [words[0]!, words[1]!, words[2]!, words[3]! | 1n]
}

describe('the generator', () => {
  it('gives the published sequence of xoshiro128++ from the state 1, 2, 3, 4', () => {
    const rng = new Rng()
    rng.state = [1, 2, 3, 4]
    expect(draw(6, () => rng.bits() >>> 0)).toEqual([641, 1573767, 3222811527, 3517856514, 836907274, 4247214768])
  })

  property('follows its definition, worked out independently, from any seed', [anySeed], (seed) => {
    const rng = new Rng(seed)
    const other = xoshiro(seeded(seed))
    for (let i = 0; i < 20; i++) expect(rng.bits() >>> 0).toBe(other.next().value)
  })

  it('never changes its numbers: these are pinned', () => {
    expect(
      draw(
        3,
        (
          (rng) => () =>
            rng.bits()
        )(new Rng(0)),
      ),
    ).toEqual([1775170340, -1986422591, 247285309])
    const rng = new Rng(42)
    expect(rng.uniform()).toBe(0.018713121146891054)
    expect(rng.normal()).toBe(1.2024773061244118)
  })

  it('different seeds give different states, also when they differ beyond 32 bits', () => {
    forAll([anySeed, anySeed], (a, b) => {
      fc.pre(a !== b)
      expect(new Rng(a).state).not.toEqual(new Rng(b).state)
    })
    // These two met when the seed was folded into 32 bits.
    expect(new Rng(2 ** 32).state).not.toEqual(new Rng(0x85ebca6b).state)
    const states = new Set(
      draw(
        10_000,
        (
          (seed) => () =>
            String(new Rng(seed++).state)
        )(0),
      ),
    )
    expect(states.size).toBe(10_000)
  })

  property('continues from a saved state with the same numbers', [anySeed, fc.nat({ max: 50 })], (seed, used) => {
    const rng = new Rng(seed)
    draw(used, () => rng.bits())
    const restored = new Rng(1)
    restored.state = JSON.parse(JSON.stringify(rng.state)) as RngState
    expect(draw(10, () => restored.bits())).toEqual(draw(10, () => rng.bits()))
  })

  it('refuses seeds that are no whole numbers from 0 to 2^53 - 1, and states that are none', () => {
    for (const seed of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => new Rng(seed)).toThrow(ValueError)
      expect(() => new Rng(seed)).toThrow(`the seed is ${seed}`)
    }
    expect(() => new Rng('7' as unknown as number)).toThrow(ValueError)
    const rng = new Rng(1)
    for (const state of [
      [0, 0, 0, 0],
      [1, 2, 3],
      [1, 2, 3, Number.NaN],
      [1, 2, 3, 0.5],
      [1, 2, 3, 2 ** 40],
      [2 ** 32, 2, 3, 4],
      [-(2 ** 31) - 1, 2, 3, 4],
      [1, 2, 3, 4, 5],
    ]) {
      expect(() => {
        rng.state = state as unknown as RngState
      }).toThrow(/^Rng: .*four 32-bit integers.*not all 0/)
    }
    expect(rng.state).toEqual(new Rng(1).state)
    rng.state = [2 ** 32 - 1, -(2 ** 31), 0, 0] // unsigned or signed
    expect(rng.state).toEqual([-1, -(2 ** 31), 0, 0])
  })
})

describe('uniform', () => {
  it('lies in [low, high), with the moments of a flat distribution', () => {
    const rng = new Rng(11)
    const values = draw(20_000, () => rng.uniform(-1, 3))
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-1)
    expect(Math.max(...values)).toBeLessThan(3)
    expect(mean(values)).toBeCloseTo(1, 1)
    expect(mean(values.map((x) => (x - 1) ** 2))).toBeCloseTo(16 / 12, 1)
    const bins = new Array<number>(16).fill(0)
    for (const x of values) bins[Math.floor(((x + 1) / 4) * 16)]!++
    expect(chiSquare(bins, new Array(16).fill(1))).toBeLessThan(37.7) // 15 degrees, p = 0.001
  })

  it('uses 53 bits: halves of the last place turn up', () => {
    const rng = new Rng(5)
    const last = draw(64, () => (rng.uniform() * 2 ** 53) % 2)
    expect(new Set(last)).toEqual(new Set([0, 1]))
  })
})

describe('integer', () => {
  it('lies in [0, n) for every n, and reaches all of a small range', () => {
    forAll([anySeed, fc.integer({ min: 1, max: 2 ** 31 - 1 })], (seed, n) => {
      const value = new Rng(seed).integer(n)
      expect(Number.isInteger(value) && value >= 0 && value < n).toBe(true)
    })
    const rng = new Rng(1)
    expect(new Set(draw(200, () => rng.integer(6))).size).toBe(6)
    expect(rng.integer(1)).toBe(0)
    expect(rng.integer(2 ** 32)).toBeGreaterThanOrEqual(0)
  })

  it('is flat', () => {
    const rng = new Rng(3)
    const counts = new Array<number>(7).fill(0)
    for (let i = 0; i < 21_000; i++) counts[rng.integer(7)]!++
    expect(chiSquare(counts, new Array(7).fill(1))).toBeLessThan(22.5) // 6 degrees, p = 0.001
  })

  it('is flat where a plain remainder is not: of 3·2^30 the lowest third would come up half of the time', () => {
    const rng = new Rng(4)
    const n = 3 * 2 ** 30
    const low = draw(4000, () => rng.integer(n)).filter((x) => x < 2 ** 30).length / 4000
    expect(low).toBeGreaterThan(0.3)
    expect(low).toBeLessThan(0.37)
  })

  it('draws again beyond the last whole run of n', () => {
    const rng = new Fixed()
    const n = 3 * 2 ** 30 // one whole run: 0 to n - 1
    rng.left = [n, 2 ** 32 - 1, n - 1]
    expect(rng.integer(n)).toBe(n - 1)
    rng.left = [2 ** 32 - 1]
    expect(rng.integer(2 ** 32)).toBe(2 ** 32 - 1)
  })

  it('refuses bounds that are none', () => {
    for (const n of [0, -1, 1.5, Number.NaN, 2 ** 32 + 1])
      expect(() => new Rng(1).integer(n)).toThrow(`the bound is ${n}`)
  })
})

describe('normal and exponential', () => {
  const moments = (values: readonly number[]) => [1, 2, 3, 4].map((k) => mean(values.map((x) => x ** k)))

  it('have the moments of their distributions', () => {
    const rng = new Rng(21)
    const [m1, m2, m3, m4] = moments(draw(40_000, () => rng.normal()))
    expect(Math.abs(m1!)).toBeLessThan(0.02)
    expect(Math.abs(m2! - 1)).toBeLessThan(0.03)
    expect(Math.abs(m3!)).toBeLessThan(0.08)
    expect(Math.abs(m4! - 3)).toBeLessThan(0.2)
    const shifted = draw(10_000, () => rng.normal(5, 2))
    expect(Math.abs(mean(shifted) - 5)).toBeLessThan(0.08)
    const waits = draw(40_000, () => rng.exponential())
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0)
    expect(Math.abs(mean(waits) - 1)).toBeLessThan(0.02)
    expect(Math.abs(mean(waits.map((x) => x * x)) - 2)).toBeLessThan(0.1)
  })
})

describe('categorical', () => {
  it('draws in proportion to weights that need not sum to 1', () => {
    const rng = new Rng(31)
    const weights = [1, 0, 3, 6, 0]
    const counts = new Array<number>(5).fill(0)
    for (let i = 0; i < 20_000; i++) counts[rng.categorical(weights)]!++
    expect([counts[1], counts[4]]).toEqual([0, 0])
    expect(chiSquare([counts[0]!, counts[2]!, counts[3]!], [1, 3, 6])).toBeLessThan(13.8) // 2 degrees, p = 0.001
  })

  it('never draws what has no weight', () => {
    const weights = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e3, noNaN: true })), { minLength: 1 })
    forAll([anySeed, weights], (seed, each) => {
      fc.pre(each.some((w) => w > 0))
      const index = new Rng(seed).categorical(Float64Array.from(each))
      expect(each[index]).toBeGreaterThan(0)
    })
  })

  it('not even when the draw falls on the edge between two', () => {
    const rng = new Fixed()
    rng.left = [0, 0, -1, -1]
    expect(rng.categorical([0, 1, 0])).toBe(1) // a uniform draw of 0
    expect(rng.categorical([0, 1, 0])).toBe(1) // one just below 1
  })

  it('draws the last one with a weight where rounding leaves a remainder', () => {
    const rng = new Fixed()
    const weights = [0.1, 0.2, 0.3, 0] // their sum, times the largest uniform draw, minus each of them is 0
    rng.left = [-1, -1]
    expect(rng.categorical(weights)).toBe(2)
  })

  it('refuses weights that are no weights, by place', () => {
    const rng = new Rng(1)
    for (const weights of [[], [0, 0], [Number.POSITIVE_INFINITY, 1]]) {
      expect(() => rng.categorical(weights)).toThrow(/^Rng\.categorical: the weights sum to/)
    }
    expect(() => rng.categorical([1, -0.5])).toThrow(/^Rng\.categorical: weight -0\.5 at index 1/)
    expect(() => rng.categorical([Number.NaN, 1])).toThrow(/^Rng\.categorical: weight NaN at index 0/)
  })
})

describe('shuffle and permutation', () => {
  property('keep every item, in place', [anySeed, fc.array(fc.integer())], (seed, items) => {
    const copy = [...items]
    expect(new Rng(seed).shuffle(copy)).toBe(copy)
    expect([...copy].sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b))
    const order = new Rng(seed).permutation(items.length)
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(items.map((_, i) => i))
  })

  it('take one draw less than there are items', () => {
    const rng = new Fixed()
    rng.left = [0, 0, 0, 7]
    expect(rng.shuffle(['a', 'b', 'c', 'd'])).toEqual(['b', 'c', 'd', 'a'])
    expect(rng.left).toEqual([7])
    expect([rng.shuffle([1]), rng.shuffle([]), rng.left]).toEqual([[1], [], [7]])
  })

  it('make each of the 24 orders of four equally often', () => {
    const rng = new Rng(41)
    const counts = new Map<string, number>()
    for (let i = 0; i < 12_000; i++) {
      const order = String(rng.permutation(4))
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(24)
    expect(chiSquare([...counts.values()], new Array(24).fill(1))).toBeLessThan(49.7) // 23 degrees, p = 0.001
  })

  it('refuse a count that is none', () => {
    for (const n of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new Rng(1).permutation(n)).toThrow(ValueError)
    }
    expect(new Rng(1).permutation(0).length).toBe(0)
  })
})

describe('split', () => {
  it('gives a generator of its own: using it does not move the parent', () => {
    const [a, b] = [new Rng(51), new Rng(51)]
    const child = a.split()
    b.split()
    draw(100, () => child.bits())
    expect(a.bits()).toBe(b.bits())
  })

  it('parent and children are uncorrelated', () => {
    const parent = new Rng(52)
    const children = [parent.split(), parent.split(), parent]
    const streams = children.map((rng) => draw(20_000, () => rng.uniform() - 0.5))
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const correlation = mean(streams[i]!.map((x, k) => x * streams[j]![k]!)) * 12
      expect(Math.abs(correlation)).toBeLessThan(0.03)
    }
    expect(children[0]!.state).not.toEqual(children[1]!.state)
  })
})
