import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { functionTeacher, type TeacherFunction } from '../../src/distill/function-teacher.ts'
import { labelsBy, playerOf } from '../../src/distill/teaching-agent.ts'
import type { DiscreteAgent } from '../../src/rl/discrete-policies.ts'
import { Box, Discrete } from '../../src/rl/spaces.ts'
import { ShapeError, ValueError } from '../../src/tensor/index.ts'
import { pendulum, someDataset, statesOf } from './support.ts'

const numbers = (n: number) =>
  fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: n, maxLength: n })

describe('a function', () => {
  it('is called state by state', () => {
    const agent = functionTeacher(
      (o) => ({ actionValues: [o[0]!, o[3]!], stateValues: o[1]! }),
      new Discrete(2),
      new Float32Array(4),
    )
    fc.assert(
      fc.property(numbers(12), (x) => {
        const labels = labelsBy(agent, Float32Array.from(x), 3)
        expect(labels.actionValues).toEqual(Float32Array.from([0, 3, 4, 7, 8, 11], (i) => x[i]!))
        expect(labels.stateValues).toEqual(Float32Array.from([1, 5, 9], (i) => x[i]!))
      }),
    )
  })

  it('must give labels, always the same ones, and one per action', () => {
    const agent = (f: TeacherFunction) => functionTeacher(f, new Discrete(2), new Float32Array(1)) as DiscreteAgent
    expect(() => agent(() => ({}))).toThrow(/returned {}; expected { logits }, { actionValues } or { stateValues }/)
    let first = true
    const fickle = agent(() => {
      const labels = first ? { logits: [0, 1] } : {}
      first = false
      return labels
    })
    expect(() => fickle.act(new Float32Array(1))).toThrow(/gave logits at first, then none/)
    expect(() => agent(() => ({ logits: [1, 2, 3] })).act(new Float32Array(1))).toThrow(ShapeError)
  })
})

describe('a function of continuous actions', () => {
  const space = new Box([-2, 0], [2, 10])

  it('gives an action in the units of the environment, which plays as it is and is learned in [-1, 1]', () => {
    const agent = functionTeacher(([x]) => ({ action: [x!, 5 + x!] }), space, new Float32Array(1))
    expect(labelsBy(agent, Float32Array.of(0, 1), 2).mean).toEqual(Float32Array.of(0, 0, 0.5, Math.fround(0.2)))
    fc.assert(
      fc.property(fc.float({ min: -2, max: 2, noNaN: true }), (x) => {
        const [first, second] = Array.from(playerOf(agent).act(Float32Array.of(x), undefined))
        expect(first).toBeCloseTo(x, 5)
        expect(second).toBeCloseTo(5 + x, 5)
      }),
    )
  })

  it('is clipped to the bounds', () => {
    const agent = functionTeacher(() => ({ action: [99, -99] }), space, new Float32Array(1))
    expect(labelsBy(agent, new Float32Array(1), 1).mean).toEqual(Float32Array.of(1, -1))
    expect(Array.from(playerOf(agent).act(new Float32Array(1), undefined))).toEqual([2, 0])
  })

  it('teaches a whole distillation', () => {
    const teacher: TeacherFunction = ([cosine, sine, speed]) => ({ action: [cosine! - sine! - speed!] })
    const dataset = someDataset({ env: pendulum(), teacher })
    expect([dataset.size, dataset.labels]).toEqual([40, 40])
    statesOf(dataset).forEach((_, i) => {
      const [cosine, sine, speed] = dataset.observation(i)
      const action = Math.min(Math.max(cosine! - sine! - speed!, -2), 2)
      expect(dataset.column('mean')[i]).toBeCloseTo(action / 2, 5)
    })
  })

  it('may give state values alone, which cannot play', () => {
    const teacher: TeacherFunction = ([x]) => ({ stateValues: x! })
    const options = { env: pendulum(), teacher, target: 'value-mse' as never }
    expect(() => someDataset(options)).toThrow(/gives stateValues, so it cannot choose actions/)
    const dataset = someDataset({ ...options, exploration: 'fixed', epsilon: 1 })
    expect(dataset.column('stateValues')[7]).toBe(dataset.observation(7)[0])
    expect(() => someDataset({ ...options, exploration: 'fixed', epsilon: 1, rounds: 2 })).toThrow(ValueError)
  })

  it('must give labels that continuous actions have', () => {
    for (const labels of [{}, { logits: [1, 2] }, { actionValues: [1, 2] }]) {
      expect(() => functionTeacher(() => labels, space, new Float32Array(1))).toThrow(
        /for continuous actions { action } or { stateValues }/,
      )
    }
    expect(() => functionTeacher(() => ({ action: [1] }), new Discrete(2), new Float32Array(1))).toThrow(ValueError)
    const one = functionTeacher(() => ({ action: [1] }), space, new Float32Array(1))
    expect(() => labelsBy(one, new Float32Array(1), 1)).toThrow(/gave 1 action; expected 2/)
  })
})
