import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect, collectionModes, playPool } from '../../src/distill/collect.ts'
import { boxAround } from '../../src/distill/collection/bounding-box.ts'
import { learnPolicy } from '../../src/distill/collection/students.ts'
import { requireSetOf, requireUsable } from '../../src/distill/labelled-set.ts'
import { prepareTarget } from '../../src/distill/targets.ts'
import { Teacher } from '../../src/distill/teacher.ts'
import { functionAgent } from '../../src/distill/teachers/function-agent.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { ActionValueAgent, PolicyAgent } from '../../src/rl/discrete-policies.ts'
import { Corridor } from '../../src/rl/envs/corridor.ts'
import { make } from '../../src/rl/registry.ts'
import type { Box } from '../../src/rl/spaces.ts'
import { TimeLimit } from '../../src/rl/wrappers/episode.ts'
import { Rng, ShapeError, ValueError } from '../../src/tensor/index.ts'
import { cartPole, someSet, someTeacher } from './support.ts'

// Students that are trained on the way know next to nothing; what they play is play all the same.
const quick = { learn: learnPolicy([4], { updates: 2 }), learnMember: learnPolicy([4], { updates: 2 }), committee: 2 }

describe.each(collectionModes)('%s', (mode) => {
  it('labels exactly as many states as asked, each once, and counts them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 60 }), fc.integer({ min: 0, max: 1000 }), (labels, seed) => {
        const teacher = someTeacher(labels)
        const set = collect(teacher, cartPole(), { ...quick, mode, labels, seed, poolSize: 100 })
        expect([set.labels, set.size, teacher.labels]).toEqual([labels, labels, labels])
        const states = Array.from({ length: labels }, (_, i) => set.observations.subarray(4 * i, 4 * i + 4).join())
        expect(new Set(states).size).toBe(labels)
        expect(set.environmentSteps).toBeGreaterThanOrEqual(labels)
      }),
      { numRuns: 8 },
    )
  })

  it('is a function of its seed', () => {
    expect(someSet({ ...quick, mode, seed: 5 })).toEqual(someSet({ ...quick, mode, seed: 5 }))
    expect(someSet({ ...quick, mode, seed: 5 }).observations).not.toEqual(
      someSet({ ...quick, mode, seed: 6 }).observations,
    )
  })

  it('gives a set that can be trained on, with the environment’s name and sizes', () => {
    const set = someSet({ ...quick, mode })
    requireUsable('test', set)
    requireSetOf('test', set, cartPole())
    expect(set.provenance).toEqual({ mode, seed: 3, teacher: 'untrained' })
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

it.each(['teacherIid', 'mixedEpsilon', 'random', 'student', 'active'] as const)(
  'labels no state twice with %s, where there are few and play comes back to them all the time',
  (mode) => {
    const corridor = new TimeLimit(new Corridor({ length: 10 }), 60)
    const right = functionAgent(([x]) => ({ logits: [0, x! + 1] }), { actionCount: 2, example: new Float32Array(1) })
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 9 }), fc.integer({ min: 0, max: 1000 }), (labels, seed) => {
        const teacher = new Teacher(right, 'right', labels)
        const set = collect(teacher, corridor, { ...quick, mode, labels, seed, poolSize: 500, randomActions: 0.5 })
        expect([new Set(set.observations).size, set.size, teacher.labels]).toEqual([labels, labels, labels])
      }),
      { numRuns: 10 },
    )
  },
)

describe('boundingBox', () => {
  it('draws from the box that was visited, 1.5 interquartile ranges wider to each side', () => {
    const columns = [
      [0, 1, 2, 3, 4], // quartiles 1 and 3
      [-8, -8, -8, -8, -8],
      [-0.4, -0.2, 0, 0.2, 0.4], // CartPole’s pole is within 0.418… on either side
      [0, 0, 0, 0, 100], // quartiles 0 and 0
    ]
    const observations = Float32Array.from({ length: 20 }, (_, i) => columns[i % 4]![Math.floor(i / 4)]!)
    const pool = { ...playPool(someTeacher(), cartPole(), { seed: 0, poolSize: 5 }), observations }
    const { low, high } = boxAround(pool, cartPole())
    expect([low[0], high[0]]).toEqual([-3, Math.fround(4.8)]) // 0 - 3 and, of 4 + 3, what the track allows
    expect([low[1], high[1]]).toEqual([-8, -8])
    const { observationSpace } = cartPole() as unknown as { observationSpace: Box }
    expect([low[2], high[2]]).toEqual([observationSpace.low[2], observationSpace.high[2]])
    expect([low[3], high[3]]).toEqual([0, 100])
  })

  it('knows no actions and returns, and labels states that nobody visited', () => {
    const set = someSet({ mode: 'boundingBox' })
    expect([set.actions.length, set.returns.length]).toEqual([0, 0])
    const pool = playPool(someTeacher(), cartPole(), { seed: 3, poolSize: 200 })
    const { low, high } = boxAround(pool, cartPole())
    for (let i = 0; i < set.observations.length; i++) {
      expect(set.observations[i]).toBeGreaterThanOrEqual(low[i % 4]!)
      expect(set.observations[i]).toBeLessThanOrEqual(high[i % 4]!)
    }
    expect(() => prepareTarget('returns', set)).toThrow(/returns: nobody played .* \(mode boundingBox\)/)
  })
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
    [{ gamma: Number.NaN }, /gamma is NaN/],
    [{ poolSize: 0, mode: 'boundingBox' as const }, /a pool of 0 states/],
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
