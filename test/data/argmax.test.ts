import { expect, it } from 'vitest'
import { argmaxAtRandom, argmaxOf } from '../../src/data/argmax.ts'
import { Rng } from '../../src/tensor/random.ts'

it.each<[values: number[], at: number]>([
  [[1], 0],
  [[1, 3, 2], 1],
  [[3, 3, 1], 0],
  [[-5, -2, -2], 1],
])('argmaxOf(%o) is the first maximum, %i', (values, at) => expect(argmaxOf(values)).toBe(at))

it('counts from the offset, and looks at so many values', () => {
  const values = [9, 1, 5, 2, 7]
  const choices = [argmaxOf(values, 1), argmaxOf(values, 1, 3), argmaxOf(values, 2), argmaxOf(values, 2, 1)]
  expect(choices).toEqual([3, 1, 2, 0])
  const rng = new Rng(1)
  const atRandom = [[1], [1, 3], [2], [2, 1]].map(([offset, count]) => argmaxAtRandom(values, rng, offset, count))
  expect(atRandom).toEqual(choices)
})

it('argmaxAtRandom draws among the ties alone, and no random number without ties', () => {
  const rng = new Rng(3)
  const before = rng.state
  expect(argmaxAtRandom([1, 4, 2], rng)).toBe(1)
  expect(rng.state).toEqual(before)
  const counts = [0, 0, 0, 0, 0]
  for (let i = 0; i < 300; i++) counts[argmaxAtRandom([9, 5, 7, 5, 7, 7], rng, 1)]!++
  expect([counts[0], counts[2]]).toEqual([0, 0])
  for (const at of [1, 3, 4]) expect(counts[at]).toBeGreaterThan(70)
})
