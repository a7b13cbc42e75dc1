// Against figures of 600 digits, rounded once: sums of the defining series in Python's decimal arithmetic.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  erf,
  erfc,
  expm1,
  gelu,
  geluSlope,
  geluTanh,
  geluTanhSlope,
  log1p,
  normalCdf,
  normalDensity,
  pow,
  sigmoid,
  softplus,
} from '../../src/tensor/special-math.ts'
import { forAll, property } from '../support/property.ts'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

const functions = {
  ...{ erf, erfc, normalCdf, normalDensity, log1p, expm1, sigmoid, softplus, gelu, geluSlope, geluTanh },
  geluTanhSlope,
} as const

// [x, f(x)]
const known: Record<keyof typeof functions, readonly (readonly [number, number])[]> = {
  erf: [
    [-4, -0.9999999845827421],
    [-2.75, -0.9998993780778803],
    [-1.5, -0.9661051464753108],
    [-0.5, -0.5204998778130465],
    [-0.001, -0.0011283787909692365],
    [1e-10, 1.1283791670955126e-10],
    [0.1, 0.1124629160182849],
    [0.7, 0.6778011938374184],
    [1, 0.8427007929497149],
    [2.4, 0.999311486103355],
    [2.5, 0.999593047982555],
    [2.6, 0.9997639655834707],
    [3.5, 0.9999992569016276],
    [5, 0.9999999999984626],
  ],
  erfc: [
    [-3, 1.9999779095030015],
    [-1, 1.8427007929497148],
    [0, 1.0],
    [0.5, 0.4795001221869535],
    [1, 0.15729920705028513],
    [2, 0.004677734981047266],
    [2.49, 0.0004292878677339129],
    [2.5, 0.0004069520174449589],
    [3, 2.209049699858544e-5],
    [4, 1.541725790028002e-8],
    [5, 1.537459794428035e-12],
    [8, 1.1224297172982926e-29],
    [12, 1.3562611692059042e-64],
    [20, 5.395865611607901e-176],
    [26, 5.663192408856307e-296],
  ],
  normalCdf: [
    [-30, 4.906713927148187e-198],
    [-12, 1.776482112077679e-33],
    [-8, 6.220960574271784e-16],
    [-5, 2.866515718791939e-7],
    [-3.5, 0.00023262907903552504],
    [-2, 0.02275013194817921],
    [-1, 0.15865525393145705],
    [-0.1, 0.460172162722971],
    [0, 0.5],
    [0.3, 0.6179114221889527],
    [1, 0.8413447460685429],
    [2, 0.9772498680518208],
    [4, 0.9999683287581669],
    [9, 1.0],
  ],
  normalDensity: [
    [-10, 7.694598626706419e-23],
    [-3, 0.0044318484119380075],
    [-1, 0.24197072451914334],
    [0, 0.3989422804014327],
    [0.5, 0.35206532676429947],
    [2, 0.05399096651318805],
    [6, 6.075882849823285e-9],
    [25, 7.653929736419392e-137],
  ],
  log1p: [
    [-0.999, -6.907755278982136],
    [-0.5, -Math.LN2],
    [-0.1, -0.10536051565782631],
    [-1e-5, -1.0000050000333337e-5],
    [-1e-12, -1.0000000000005e-12],
    [1e-300, 1e-300],
    [1e-17, 1e-17],
    [1e-8, 9.999999950000001e-9],
    [0.001, 0.0009995003330835331],
    [0.3, 0.26236426446749106],
    [1, Math.LN2],
    [7, 2.0794415416798357],
    [10000000000.0, 23.025850930040455],
  ],
  expm1: [
    [-40, -1.0],
    [-5, -0.9932620530009145],
    [-0.6, -0.45118836390597356],
    [-0.5, -0.3934693402873666],
    [-0.3, -0.2591817793182821],
    [-0.0001, -9.999500016666251e-5],
    [-1e-12, -9.999999999995e-13],
    [1e-300, 1e-300],
    [1e-9, 1.0000000005000001e-9],
    [0.001, 0.0010005001667083417],
    [0.25, 0.2840254166877415],
    [0.5, 0.6487212707001282],
    [0.51, 0.6652911949458863],
    [2, 6.38905609893065],
    [30, 10686474581523.463],
    [700, 1.0142320547350045e304],
  ],
  sigmoid: [
    [-700, 9.85967654375977e-305],
    [-40, 4.248354255291589e-18],
    [-5, 0.0066928509242848554],
    [-1, 0.2689414213699951],
    [-0.001, 0.4997500000208333],
    [0, 0.5],
    [0.5, 0.6224593312018546],
    [2, 0.8807970779778824],
    [10, 0.9999546021312976],
    [36, 0.9999999999999998],
  ],
  softplus: [
    [-700, 9.85967654375977e-305],
    [-40, 4.248354255291589e-18],
    [-5, 0.006715348489118068],
    [-1, 0.3132616875182228],
    [-0.001, 0.6926473055599401],
    [0, Math.LN2],
    [0.5, 0.9740769841801067],
    [2, 2.1269280110429727],
    [10, 10.000045398899218],
    [40, 40.0],
    [1000, 1000.0],
  ],
  gelu: [
    [-12, -2.1317785344932147e-32],
    [-5, -1.4332578593959695e-6],
    [-2, -0.04550026389635842],
    [-0.7, -0.1693745565561511],
    [-0.001, -0.000499601057786089],
    [0, 0.0],
    [0.3, 0.1853734266566858],
    [1, 0.8413447460685429],
    [3, 2.99595030590511],
    [10, 10.0],
  ],
  geluSlope: [
    [-12, -2.5578956616748956e-31],
    [-5, -7.146946001792295e-6],
    [-2, -0.0852318010781969],
    [-0.7, 0.023385898866340155],
    [-0.001, 0.4992021157051586],
    [0, 0.5],
    [0.3, 0.7323277668271099],
    [1, 1.0833154705876864],
    [3, 1.011945647204184],
    [10, 1.0],
  ],
  geluTanh: [
    [-3, -0.003637392081773019],
    [-2, -0.04540230591222498],
    [-0.7, -0.16942986529488324],
    [-0.001, -0.000499601057786418],
    [0, 0.0],
    [0.3, 0.18537092354275925],
    [1, 0.8411919906082767],
    [3, 2.996362607918227],
    [10, 10.0],
  ],
  geluTanhSlope: [
    [-3, -0.011584166630969726],
    [-2, -0.08609925662361838],
    [-0.7, 0.023642781343896056],
    [-0.001, 0.499202115706475],
    [0, 0.5],
    [0.3, 0.7322954516388018],
    [1, 1.0829640838457826],
    [3, 1.0115841666309697],
    [10, 1.0],
  ],
}

// [x, y, x^y]
const powers: readonly (readonly [number, number, number])[] = [
  [2, 0.5, Math.SQRT2],
  [2, 10, 1024.0],
  [3, -2, 0.1111111111111111],
  [10, 0.1, 1.2589254117941673],
  [0.1, 10.5, 3.1622776601683813e-11],
  [1.0000001, 10000000.0, 2.7182816941320818],
  [7, 65, 8.538323413450849e54],
  [1.5, -100, 2.4596544265798292e-18],
  [123.456, 7.89, 3.1771028258180936e16],
  [1e-5, 0.3, 0.0316227766016838],
  [2, 1023, 8.98846567431158e307],
  [2, -1074, 5e-324],
  [1000.0, 100.5, 3.1622776601683795e301],
  [0.9, 2000, 3.0550539125986597e-92],
]

/** Relative, with the rounding of the least normal number allowed; the tails of erfc lose digits to the square in e^(-x²). */
function expectAccurate(got: number, wanted: number, bound: number): void {
  if (!(Math.abs(got - wanted) <= Math.max(bound * Math.abs(wanted), 5e-324))) expect(got).toBe(wanted)
}

const bounds: Partial<Record<keyof typeof known, number>> = {
  ...{ erfc: 1e-13, normalCdf: 1e-13, normalDensity: 1e-13, gelu: 1e-12, geluSlope: 1e-12, geluTanh: 1e-12 },
  ...{ geluTanhSlope: 1e-12, sigmoid: 5e-16 },
}

describe.each(Object.keys(known) as (keyof typeof known)[])('%s', (name) => {
  it.each(known[name])('at %d', (x, wanted) => {
    expectAccurate(functions[name](x), wanted, bounds[name] ?? 1e-15)
  })
})

describe('values at the ends', () => {
  it.each([
    ['erf', [-1, 1, 0, nan]],
    ['erfc', [2, 0, 1, nan]],
    ['normalCdf', [0, 1, 0.5, nan]],
    ['normalDensity', [0, 0, 0.3989422804014327, nan]],
    ['sigmoid', [0, 1, 0.5, nan]],
    ['softplus', [0, inf, Math.LN2, nan]],
    ['log1p', [nan, inf, 0, nan]],
    ['expm1', [-1, inf, 0, nan]],
    ['gelu', [nan, inf, 0, nan]],
    ['geluTanh', [nan, inf, 0, nan]],
  ] as const)('%s of -Infinity, Infinity, 0 and NaN', (name, wanted) => {
    expect([-inf, inf, 0, nan].map((x) => functions[name](x))).toEqual(wanted)
  })

  it('log1p has its pole at -1 and is not defined below; -0 stays -0 where a function is odd', () => {
    expect(log1p(-1)).toBe(-inf)
    expect(log1p(-1.5)).toBeNaN()
    expect(erf(-0)).toBe(-0)
    expect(log1p(-0)).toBe(-0)
    expect(expm1(-0)).toBe(-0)
  })
})

describe('pow', () => {
  it.each(powers)('%d ^ %d', (x, y, wanted) => {
    expectAccurate(pow(x, y), wanted, 1e-12)
  })

  it('treats signs, zeros, infinities and NaN as Math.pow does', () => {
    const edge = [-inf, -2, -1.5, -1, -0.5, -0, 0, 0.5, 1, 2, 3, 65, 66, 100.5, inf, nan, -3, -65, -66]
    for (const x of edge) {
      for (const y of edge) {
        const [got, wanted] = [pow(x, y), x ** y]
        const isNear = Math.abs(got - wanted) <= 1e-13 * Math.abs(wanted)
        const same = Object.is(got, wanted) || (wanted !== 0 && Number.isFinite(wanted) && isNear)
        if (!same) expect.fail(`pow(${x}, ${y}) is ${got}, Math.pow gives ${wanted}`)
      }
    }
  })

  it('of whole numbers is exact while the result is', () => {
    forAll([fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 16 })], (x, n) => {
      expect(pow(x, n)).toBe(Number(BigInt(x) ** BigInt(n)))
    })
  })
})

describe('results that are exact', () => {
  it('roots, as Math.sqrt rounds them, and powers of 2 up to ±64', () => {
    for (const x of [0.1, 2, 3, 5, 7, 1e-300, 1e300]) expect(pow(x, 0.5)).toBe(Math.sqrt(x))
    for (const n of [1, 10, 63, 64]) expect([pow(2, n), pow(2, -n)]).toEqual([2 ** n, 2 ** -n])
  })

  it('-0 to an odd power of more than 64 keeps its sign', () => {
    expect([pow(-0, 65), pow(-0, 66), pow(-0, -65), pow(-0, -66)]).toEqual([-0, 0, -inf, inf])
  })

  it('erfc is 0 beyond 27, where it is subnormal', () => {
    expect(erfc(27) * 1e300 * 1e19).toBeCloseTo(5.237, 3)
    expect([erfc(27.1), erfc(inf)]).toEqual([0, 0])
  })
})

describe('identities', () => {
  const x = fc.double({ min: -6, max: 6, noNaN: true })

  property('erf is odd, and erf + erfc = 1', [x], (v) => {
    expect(erf(-v)).toBe(-erf(v))
    expect(erf(v) + erfc(v)).toBeCloseTo(1, 14)
  })

  it('they are monotone across the point where the method changes', () => {
    let [before, after] = [-1, 2]
    for (let v = 1.95; v < 2.05; v += 1e-5) {
      expect(erf(v)).toBeGreaterThanOrEqual(before)
      expect(erfc(v)).toBeLessThanOrEqual(after)
      ;[before, after] = [erf(v), erfc(v)]
    }
  })

  property('σ(-x) = 1 - σ(x), softplus(x) - softplus(-x) = x, expm1 and log1p undo each other', [x], (v) => {
    expect(sigmoid(v) + sigmoid(-v)).toBeCloseTo(1, 14)
    expect(softplus(v) - softplus(-v)).toBeCloseTo(v, 13)
    expectAccurate(log1p(expm1(v)), v, 2e-13)
    expect(normalCdf(v) + normalCdf(-v)).toBeCloseTo(1, 14)
  })

  property('the slopes of gelu are those of its central difference', [x], (v) => {
    const slope = (f: (x: number) => number) => (f(v + 1e-5) - f(v - 1e-5)) / 2e-5
    expect(geluSlope(v)).toBeCloseTo(slope(gelu), 8)
    expect(geluTanhSlope(v)).toBeCloseTo(slope(geluTanh), 8)
  })
})
