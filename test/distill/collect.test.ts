import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect, collectionModes } from '../../src/distill/collect.ts'
import { Teacher } from '../../src/distill/teacher.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { ActionValueAgent, PolicyAgent } from '../../src/rl/network-agents.ts'
import { make } from '../../src/rl/registry.ts'
import { Rng, ShapeError, ValueError } from '../../src/tensor/index.ts'
import { cartPole, someSet, someTeacher } from './support.ts'

describe.each(collectionModes)('%s', (mode) => {
  it('labels exactly as many states as asked, each once, and counts them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 1000 }), (labels, seed) => {
        const teacher = someTeacher(labels)
        const set = collect(teacher, cartPole(), { mode, labels, seed, poolSize: 100 })
        expect([set.labels, set.size, teacher.labels]).toEqual([labels, labels, labels])
        const states = Array.from({ length: labels }, (_, i) => set.observations.subarray(4 * i, 4 * i + 4).join())
        expect(new Set(states).size).toBe(labels)
        expect(set.environmentSteps).toBeGreaterThanOrEqual(labels)
      }),
      { numRuns: 15 },
    )
  })

  it('is a function of its seed', () => {
    expect(someSet({ mode, seed: 5 })).toEqual(someSet({ mode, seed: 5 }))
    expect(someSet({ mode, seed: 5 }).observations).not.toEqual(someSet({ mode, seed: 6 }).observations)
  })
})

it('keeps the teacher’s whole output, with V = max Q, and the returns that were seen', () => {
  const set = someSet({ mode: 'teacherContiguous', labels: 6, gamma: 0.5 })
  for (let i = 0; i < set.size; i++) {
    const row = set.actionValues!.subarray(2 * i, 2 * i + 2)
    expect(set.stateValues![i]).toBe(Math.max(...row))
    expect(set.returns[i]).toBeGreaterThanOrEqual(1) // at least the reward of its own step
    expect(set.returns[i]).toBeLessThanOrEqual(2) // 1 + ½ + ¼ + …
  }
  expect(set.logits).toBeUndefined()
})

it('plays the teacher greedily but for epsilon', () => {
  const set = someSet({ mode: 'teacherIid', epsilon: 0, labels: 100 })
  for (let i = 0; i < set.size; i++) {
    const [left, right] = set.actionValues!.subarray(2 * i, 2 * i + 2)
    expect(set.actions[i]).toBe(right! > left! ? 1 : 0)
  }
})

describe('bad input', () => {
  it('more labels than the teacher may give', () => {
    expect(() => collect(someTeacher(10), cartPole(), { labels: 11, seed: 0 })).toThrow(
      /11 more states after 0; .* may label 10/,
    )
  })

  it.each([
    [{ labels: 0 }, /0 labels; expected a whole number from 1/],
    [{ labels: 1.5 }, /1.5 labels/],
    [{ labels: 101, poolSize: 100 }, /101 labels from a pool of 100 states/],
    [{ epsilon: 2 }, /epsilon is 2/],
    [{ mode: 'teacherIdi' as 'teacherIid' }, /Did you mean "teacherIid"/],
  ])('%j', (options, message) => {
    expect(() => someSet(options)).toThrow(ValueError)
    expect(() => someSet(options)).toThrow(message)
  })

  it('a teacher for other spaces', () => {
    const threeActions = new Teacher(new ActionValueAgent(new MLP([4, 3], new Rng(0)), 4, 3), 'three')
    expect(() => collect(threeActions, cartPole(), { labels: 1, seed: 0 })).toThrow(
      /"three" has 3 actions, CartPole-v1 has Discrete/,
    )
    expect(() => collect(someTeacher(), make('Acrobot-v1'), { labels: 1, seed: 0 })).toThrow(ShapeError)
  })

  it('observations that are not numbers', () => {
    const teacher = new Teacher(new PolicyAgent(new MLP([4, 2], new Rng(0)), 4, 2), 'policy')
    expect(() => teacher.agent.act(Float32Array.of(0, Number.NaN, 0, 0))).toThrow(/observation is NaN at place 1/)
  })
})
