import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addScaled, conjugateGradient, dot } from '../../../src/rl/on-policy/conjugate-gradient.ts'

it('solves [[4, 1], [1, 3]] x = [1, 2]', () => {
  const x = conjugateGradient(([a, b]) => Float64Array.of(4 * a! + b!, a! + 3 * b!), Float64Array.of(1, 2), 2)
  expect(x[0]).toBeCloseTo(1 / 11, 12)
  expect(x[1]).toBeCloseTo(7 / 11, 12)
})

it('solves any system in as many steps as there are unknowns', () => {
  const number = fc.double({ min: -1, max: 1, noNaN: true })
  const system = fc.integer({ min: 1, max: 6 }).chain((n) =>
    fc.record({
      root: fc.array(fc.array(number, { minLength: n, maxLength: n }), { minLength: n, maxLength: n }),
      b: fc.array(number, { minLength: n, maxLength: n }),
    }),
  )
  fc.assert(
    fc.property(system, ({ root, b }) => {
      // A = RᵀR + I is symmetric and positive definite, whatever R is.
      const product = (v: Float64Array) => {
        const image = root.map((row) => row.reduce((sum, r, j) => sum + r * v[j]!, 0))
        return v.map((x, j) => x + root.reduce((sum, row, i) => sum + row[j]! * image[i]!, 0))
      }
      const x = conjugateGradient(product, Float64Array.from(b), b.length, 0)
      product(x).forEach((value, i) => {
        expect(value).toBeCloseTo(b[i]!, 6)
      })
    }),
  )
})

it('gives nothing for nothing', () => {
  expect([...conjugateGradient((v) => v, new Float64Array(3), 5)]).toEqual([0, 0, 0])
})

it('stays finite where squares underflow', () => {
  const r = -0.9222349495085664
  const x = conjugateGradient(
    (v) => v.map((each) => each + r * (r * each)),
    Float64Array.of(1.8479668559722565e-162),
    4,
    0,
  )
  expect(x[0]).toBeGreaterThan(0)
  expect(x[0]).toBeLessThan(1e-161)
})

it('stops after the steps given, or once the residual is shorter than the tolerance times b', () => {
  let products = 0
  const halves = ([a, b]: Float64Array) => {
    products++
    return Float64Array.of(a!, 2 * b!)
  }
  const solved = (steps: number, tolerance?: number) => {
    products = 0
    const x = conjugateGradient(halves, Float64Array.of(1, 1), steps, tolerance)
    return [products, ...Array.from(x, (each) => Number(each.toFixed(6)))]
  }
  // After one step x = ⅔ b, and the residual (⅓, -⅓) is a third of b's length.
  expect(solved(0)).toEqual([0, 0, 0])
  expect(solved(1)).toEqual([1, 0.666667, 0.666667])
  expect(solved(2)).toEqual([2, 1, 0.5])
  expect(solved(9)).toEqual([2, 1, 0.5])
  expect(solved(9, 0.3)).toEqual([2, 1, 0.5])
  expect(solved(9, 0.4)).toEqual([1, 0.666667, 0.666667])
  products = 0
  conjugateGradient(halves, new Float64Array(2), 5)
  expect(products).toBe(0)
})

it('adds up products and multiples', () => {
  expect(dot(Float64Array.of(1, 2, 3), Float64Array.of(4, 5, -6))).toBe(-4)
  const to = Float64Array.of(1, 2)
  addScaled(to, Float64Array.of(10, 20), 0.5)
  expect([...to]).toEqual([6, 12])
})
