import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorWeights, ranksActions } from '../../src/distill/collecting/selection.ts'
import { distill } from '../../src/distill/distill.ts'
import { teacherOf } from '../../src/distill/teachers/teacher.ts'
import { functionTeacher } from '../../src/distill/teachers/teacher-sources.ts'
import { MLP, Rng } from '../../src/index.ts'
import { Box, Discrete, ValueFunction } from '../../src/rl/index.ts'
import { forAll } from '../support/property.ts'
import { cartPole } from './support.ts'

const choosing = (...actions: number[]) => ({ actBatch: () => Float32Array.from(actions) })
const three = new Discrete(3)
const valued = (valuesOf: (x: Float32Array) => number[]) =>
  functionTeacher((x) => ({ actionValues: valuesOf(x) }), three, new Float32Array(1))

describe('errors of students', () => {
  it('are what the teacher loses by their actions, in mean deviations of its action values', () => {
    // Values 0, 3, 6 and 0, 0, 3 have deviations √6 and √2, of mean (√6 + √2) / 2.
    const teacher = valued(([x]) => (x === 0 ? [0, 3, 6] : [0, 0, 3]))
    const unit = (Math.sqrt(6) + Math.sqrt(2)) / 2
    const states = Float32Array.of(0, 1)
    const weights = errorWeights([choosing(0, 2)], teacher, states, three)
    expect(weights[0]).toBeCloseTo(0.1 + 6 / unit, 6)
    expect(weights[1]).toBeCloseTo(0.1, 12)
    const both = errorWeights([choosing(0, 2), choosing(1, 1)], teacher, states, three)
    expect(both[0]).toBeCloseTo(0.1 + (6 + 3) / 2 / unit, 6)
    expect(both[1]).toBeCloseTo(0.1 + 3 / 2 / unit, 6)
  })

  it('of vectors are distances from the action of the teacher, in deviations of its actions', () => {
    const space = new Box([-2, -2], [2, 2])
    const teacher = functionTeacher(([x]) => [x!, 0], space, new Float32Array(1))
    // Its actions (1, 0) and (-1, 0) have the deviation √½.
    const weights = errorWeights([choosing(1, 0, 0, 1)], teacher, Float32Array.of(1, -1), space)
    expect(weights[0]).toBeCloseTo(0.1, 6)
    expect(weights[1]).toBeCloseTo(0.1 + 1 / Math.SQRT1_2, 5)
  })

  it('do not depend on the scale of the values, and are none for the best action', () => {
    const value = fc.integer({ min: -50, max: 50 })
    const values = fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 6 })
    forAll([values, fc.integer({ min: -5, max: 5 }), fc.nat(2)], (table, power, action) => {
      const states = Float32Array.from(table, (_, i) => i)
      const actions = table.map(() => action)
      const weights = (scale: number) =>
        errorWeights(
          [choosing(...actions)],
          valued(([x]) => table[x!]!.map((y) => y * scale)),
          states,
          three,
        )
      const [once, scaled] = [weights(1), weights(2 ** power)]
      once.forEach((weight, i) => {
        expect(scaled[i]).toBeCloseTo(weight, 4)
        const isBest = table[i]![action] === Math.max(...table[i]!)
        expect(weight > 0.1).toBe(!isBest)
      })
    })
  })

  it('are not asked of look-aheads, which take environment steps', () => {
    const options = { target: 'value-successors', selection: 'errors' } as const
    const critic = new ValueFunction(new MLP([4, 1], new Rng(0)), 4, 2)
    expect(() => distill(cartPole(), critic, options)).toThrow(/selection is errors.*look-ahead.*use farthest/)
  })

  it('need a teacher that ranks actions', () => {
    const critic = new ValueFunction(new MLP([4, 1], new Rng(0)), 4, 2)
    expect(ranksActions(teacherOf(critic, cartPole()))).toBe(false)
    expect(ranksActions(teacherOf(() => 1, cartPole()))).toBe(true)
  })
})
