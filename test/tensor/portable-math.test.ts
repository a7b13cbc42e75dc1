import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cos, exp, integerPower, log, power, sin, sinCos, tanh } from '../../src/tensor/portable-math.ts'
import { forAll, property } from '../support/property.ts'

// Spread evenly over the interval; fc.double spreads over bit patterns, most of which are tiny numbers.
const evenly = (min: number, max: number) => fc.maxSafeNat().map((n) => min + (max - min) * (n / 2 ** 53))
const doubles = (min: number, max: number) => fc.oneof(fc.double({ min, max, noNaN: true }), evenly(min, max))
const runs = { numRuns: 2000 }

/** |got - wanted| within `bound` of the wanted size, or of the least normal number where that is larger. */
function expectRelative(got: number, wanted: number, bound: number): void {
  const slack = Math.max(bound * Math.abs(wanted), 5e-324)
  if (!(Math.abs(got - wanted) <= slack)) expect(got).toBe(wanted)
}

describe('sin, cos and sinCos', () => {
  it.each([1, 100, 1e4, 1e6])('stay within 4e-16 of Math.sin and Math.cos for |x| <= %d', (size) => {
    forAll([doubles(-size, size)], runs, (x) => {
      expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(4e-16)
      expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThan(4e-16)
    })
  })

  it('keep the accuracy next to whole quarter turns, where the remainder is small', () => {
    forAll([fc.integer({ min: -600_000, max: 600_000 }), doubles(-1e-6, 1e-6)], runs, (quarters, offset) => {
      const x = quarters * (Math.PI / 2) + offset
      expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(4e-16)
      expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThan(4e-16)
    })
  })

  it('give the same bits one by one and together', () => {
    const out = new Float64Array(2)
    forAll([fc.oneof(doubles(-1, 1), doubles(-1e8, 1e8))], runs, (x) => {
      sinCos(x, out, 0)
      expect(out[0]).toBe(sin(x))
      expect(out[1]).toBe(cos(x))
    })
  })

  property('are odd and even to the last bit', [doubles(-1e4, 1e4)], (x) => {
    expect(sin(-x) + sin(x)).toBe(0)
    expect(cos(-x)).toBe(cos(x))
  })

  it('decay gently beyond a million and stay in [-1, 1]', () => {
    forAll([doubles(-1e15, 1e15)], (x) => {
      expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(4e-16 + 5e-17 * Math.abs(x))
      expect(Math.abs(cos(x))).toBeLessThanOrEqual(1)
    })
    expect(Math.abs(sin(1.7e308))).toBeLessThanOrEqual(1)
  })

  it('have their special values', () => {
    expect(sin(0)).toBe(0)
    expect(cos(0)).toBe(1)
    const out = new Float64Array(2)
    for (const x of [Number.NaN, Infinity, -Infinity]) {
      sinCos(x, out, 0)
      expect([sin(x), cos(x), out[0], out[1]]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
    }
  })
})

describe('exp', () => {
  it.each([1, 30, 700])('stays within 4e-16 of Math.exp, relatively, for |x| <= %d', (size) => {
    forAll([doubles(-size, size)], runs, (x) => expectRelative(exp(x), Math.exp(x), 4e-16))
  })

  it('reaches the subnormal numbers and the last binade', () => {
    forAll([doubles(-745.2, -700)], runs, (x) => expectRelative(exp(x), Math.exp(x), 4e-16))
    forAll([doubles(709, 709.782712893384)], runs, (x) => expectRelative(exp(x), Math.exp(x), 4e-16))
  })

  it('has its special values', () => {
    expect([exp(0), exp(-0), exp(Infinity), exp(-Infinity)]).toEqual([1, 1, Infinity, 0])
    expect([exp(709.79), exp(-745.14)]).toEqual([Infinity, 0])
    expect(exp(Number.NaN)).toBeNaN()
  })
})

describe('log', () => {
  it('stays within 4e-16 of Math.log, relatively, over all positive numbers', () => {
    const positive = doubles(5e-324, Number.MAX_VALUE)
    forAll([fc.oneof(positive, doubles(0.5, 2), doubles(1e-300, 1e-3))], runs, (x) =>
      expectRelative(log(x), Math.log(x), 4e-16),
    )
  })

  it('is exact in the exponent of powers of two', () => {
    for (const k of [-1074, -1023, -1022, -1, 1, 52, 1023]) expectRelative(log(2 ** k), k * Math.LN2, 2.3e-16)
  })

  it('has its special values', () => {
    expect([log(1), log(0), log(-0), log(Infinity)]).toEqual([0, -Infinity, -Infinity, Infinity])
    for (const x of [-1, -Infinity, -5e-324, Number.NaN]) expect(log(x)).toBeNaN()
  })
})

describe('tanh', () => {
  it('stays within 1e-15 of Math.tanh, relatively', () => {
    forAll([fc.oneof(doubles(-1, 1), doubles(-25, 25), doubles(-1e-8, 1e-8))], runs, (x) =>
      expectRelative(tanh(x), Math.tanh(x), 1e-15),
    )
  })

  it('is odd, and has its special values', () => {
    forAll([doubles(-30, 30)], (x) => {
      expect(tanh(-x) + tanh(x)).toBe(0)
    })
    expect([tanh(0), tanh(-0), tanh(Infinity), tanh(-Infinity)]).toEqual([0, -0, 1, -1])
    expect(tanh(Number.NaN)).toBeNaN()
  })
})

describe('power and integerPower', () => {
  it('come within their stated error of Math.pow', () => {
    forAll([doubles(1e-3, 1e3), doubles(-20, 20)], (x, y) => {
      expectRelative(power(x, y), x ** y, 1e-15 + 4e-16 * Math.abs(y * Math.log(x)))
    })
    forAll([doubles(0.5, 2), fc.nat(60)], (x, n) => expectRelative(integerPower(x, n), x ** n, 1.2e-16 * (n + 2)))
  })

  it('have their special values', () => {
    expect([power(0, 0), power(0, 2), power(0, -2), power(7, 0)]).toEqual([1, 0, Infinity, 1])
    expect([integerPower(2, 10), integerPower(-2, 3), integerPower(5, 0)]).toEqual([1024, -8, 1])
  })
})

it('all of them: give these very bits, in every engine', () => {
  const out = new Float64Array(6)
  const halves = new Int32Array(out.buffer)
  let digest = 0
  for (let i = 1; i <= 20_000; i++) {
    const x = (i * i) / 5_000_000 - 40
    out.set([sin(x), cos(x), exp(x), log(x * x), tanh(x), power(i, 0.3)])
    for (const half of halves) digest = (Math.imul(digest, 31) + half) | 0
  }
  expect(digest).toBe(-2115032865)
})
