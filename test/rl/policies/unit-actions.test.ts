import { expect, it } from 'vitest'
import { fromUnit, toUnit } from '../../../src/rl/policies/distributions/squashed-gaussian.ts'

const bounds = { low: Float32Array.of(-2, 10), high: Float32Array.of(2, 30) }

it('scales the bounds of each number to [-1, 1] and back, row by row', () => {
  const actions = Float32Array.of(-2, 30, 1, 15)
  expect([...toUnit(actions, bounds)]).toEqual([-1, 1, 0.5, -0.5])
  expect(fromUnit(toUnit(actions, bounds), bounds)).toEqual(actions)
})

it('clips to either', () => {
  expect([...toUnit(Float32Array.of(-9, 99), bounds)]).toEqual([-1, 1])
  expect([...fromUnit(Float32Array.of(-3, 3), bounds)]).toEqual([-2, 30])
})
