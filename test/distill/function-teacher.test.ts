import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Box, Discrete, MultiDiscrete } from '../../src/data/spaces.ts'
import { Teacher } from '../../src/distill/teachers/teacher.ts'
import { functionTeacher, type TeacherFunction } from '../../src/distill/teachers/teacher-sources.ts'
import { playedActions } from '../../src/rl/policies/policy.ts'
import { ShapeError, ValueError } from '../../src/tensor/index.ts'
import { forAll } from '../support/property.ts'

const teach = (f: TeacherFunction, observationSize = 1) =>
  functionTeacher(f, new Discrete(2), new Float32Array(observationSize))

describe('a function', () => {
  it('is called once per state', () => {
    const agent = teach((o) => ({ actionValues: [o[0]!, o[3]!], stateValues: o[1]! }), 4)
    forAll([fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 12, maxLength: 12 })], (x) => {
      const labels = new Teacher(agent, 'f').label(Float32Array.from(x), 3)
      expect(labels.actionValues).toEqual(Float32Array.from([0, 3, 4, 7, 8, 11], (i) => x[i]!))
      expect(labels.stateValues).toEqual(Float32Array.from([1, 5, 9], (i) => x[i]!))
    })
  })

  it('gets a copy of each observation, which it may change', () => {
    const agent = teach((o) => {
      o[0]! += 1
      return { logits: [o[0]!, 0] }
    })
    const states = Float32Array.of(1, 2)
    const twice = [0, 1].map(() => new Teacher(agent, 'f').label(states, 2).logits)
    expect(twice[0]).toEqual(Float32Array.of(2, 0, 3, 0))
    expect(twice[1]).toEqual(twice[0])
    expect(states).toEqual(Float32Array.of(1, 2))
  })

  it('must return labels, always the same, one for each action', () => {
    const nothing = () => teach(() => ({}))
    expect(nothing).toThrow(ValueError)
    expect(nothing).toThrow(/returned {}; expected an action, { logits }, { actionValues } or { stateValues }/)
    expect(() => teach((() => undefined) as unknown as TeacherFunction)).toThrow(/returned undefined; expected/)
    let isFirst = true
    const fickle = teach(() => {
      const labels = isFirst ? { logits: [0, 1] } : {}
      isFirst = false
      return labels
    })
    expect(() => playedActions(fickle, new Float32Array(1))).toThrow(/gave logits at first, then none/)
    const three = teach(() => ({ logits: [1, 2, 3] }))
    expect(() => playedActions(three, new Float32Array(1))).toThrow(ShapeError)
    expect(() => playedActions(three, new Float32Array(1))).toThrow(/gave 3 logits; expected 2/)
  })

  it('may return the action alone: a choice becomes logits that are all but certain, a vector an action', () => {
    const rule = teach(([x]) => (x! > 0 ? 1 : 0))
    expect(Array.from(playedActions(rule, Float32Array.of(3, -3)))).toEqual([1, 0])
    expect(new Teacher(rule, 'rule').label(Float32Array.of(3), 1)).toEqual({ logits: Float32Array.of(-20, 0) })
    const push = functionTeacher(([x]) => [x!], new Box([-2], [2]), new Float32Array(1))
    expect(new Teacher(push, 'push').label(Float32Array.of(1), 1)).toEqual({ mean: Float32Array.of(0.5) })
    expect(() => teach(() => 2)).toThrow('returned the action 2; the action space is Discrete(0 … 1)')
  })

  it('must fit the action space', () => {
    const box = new Box([-2], [2])
    expect(() => functionTeacher(() => ({ logits: [0] }), box, new Float32Array(3))).toThrow(
      /continuous actions an action, { action }.*; the action space is Box/,
    )
    expect(() => functionTeacher(() => ({ action: [0] }), new Discrete(2), new Float32Array(3))).toThrow(ValueError)
    expect(() => functionTeacher(() => ({ logits: [0] }), new MultiDiscrete([2, 2]), new Float32Array(3))).toThrow(
      /the action space is MultiDiscrete/,
    )
  })
})

describe('a function of continuous actions', () => {
  const space = new Box([-2, 0], [2, 10])
  const agent = functionTeacher(([x]) => ({ action: [x!, 5 * x!] }), space, new Float32Array(1))

  it('acts in the units of the environment, within its bounds', () => {
    const actions = playedActions(agent, Float32Array.of(1, 0.5, 9))
    expect(Array.from(actions, (x) => Number(x.toFixed(5)))).toEqual([1, 5, 0.5, 2.5, 2, 10])
  })

  it('is labelled by its actions in [-1, 1], as a deterministic policy', () => {
    const teacher = new Teacher(agent, 'f')
    expect(teacher.kinds).toEqual(['mean'])
    const { mean } = teacher.label(Float32Array.of(1, -9), 2)
    expect(Array.from(mean!, (x) => Number(x.toFixed(5)))).toEqual([0.5, 0, -1, -1])
  })

  it('may give state values alone, of which no play follows', () => {
    const critic = new Teacher(
      functionTeacher(([x]) => ({ stateValues: x! }), space, new Float32Array(1)),
      'critic',
    )
    expect(critic.kinds).toEqual(['stateValues'])
    expect(critic.label(Float32Array.of(3, 4), 2)).toEqual({ stateValues: Float32Array.of(3, 4) })
    expect(() => critic.player()).toThrow(/"critic" gives stateValues, so it cannot choose actions/)
  })
})
