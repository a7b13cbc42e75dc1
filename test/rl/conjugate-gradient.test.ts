import fc from 'fast-check'
import { expect, it } from 'vitest'
import { conjugateGradient } from '../../src/rl/conjugate-gradient.ts'

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
