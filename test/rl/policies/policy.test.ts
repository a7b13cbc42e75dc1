import { expect, it } from 'vitest'
import { requireFinite } from '../../../src/rl/policies/policy.ts'
import { ShapeError, ValueError } from '../../../src/tensor/errors.ts'

it('an observation has the numbers of its size, all finite', () => {
  expect(() => requireFinite(Float32Array.of(1, 2), 2)).not.toThrow()
  expect(() => requireFinite(Float32Array.of(1, 2, 3))).not.toThrow()
  const [short, none] = [Float32Array.of(1), undefined as unknown as Float32Array]
  expect(() => requireFinite(short, 2)).toThrow(ShapeError)
  expect(() => requireFinite(short, 2)).toThrow('act: the observation has 1 numbers; expected 2')
  expect(() => requireFinite(none, 2)).toThrow('act: the observation has no numbers; expected 2')
})

it.each([Number.NaN, Infinity, -Infinity])('names the place of %s', (number) => {
  const observation = Float32Array.of(0, number, Number.NaN)
  expect(() => requireFinite(observation)).toThrow(ValueError)
  expect(() => requireFinite(observation)).toThrow(
    `act: the observation is ${number} at index 1; expected finite numbers`,
  )
})
