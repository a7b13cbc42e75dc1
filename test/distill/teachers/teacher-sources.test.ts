// What can teach, by numbers. See function-teacher.test.ts and ensemble.test.ts for properties.

import { describe, expect, it } from 'vitest'
import { Box, Discrete, MultiDiscrete } from '../../../src/data/spaces.ts'
import {
  actsByGaussian,
  ensembleOf,
  functionTeacher,
  type TeacherFunction,
} from '../../../src/distill/teachers/teacher-sources.ts'
import { labelsBy } from '../../../src/distill/teachers/teaching-agent.ts'
import { playedActions, type TeachingPolicy } from '../../../src/rl/policies/policy.ts'
import { ShapeError, type Tensor, tensor, ValueError } from '../../../src/tensor/index.ts'

const states = Float32Array.of(1, 2)
const teach = (f: TeacherFunction, space: Discrete | Box = new Discrete(2)) =>
  functionTeacher(f, space, new Float32Array(1))
const labelsOf = (agent: TeachingPolicy) => labelsBy(agent, states, 2)
const actionsOf = (agent: TeachingPolicy, x = states) => [...Array.from(playedActions(agent, x))]

describe('a function of discrete actions', () => {
  it('gives logits, action values and state values, whichever it returns', () => {
    const f: TeacherFunction = ([x]) => ({ logits: [x!, 0], actionValues: [0, x!], stateValues: 5 * x! })
    const all = labelsOf(teach(f))
    expect(all).toEqual({
      ...{ logits: Float32Array.of(1, 0, 2, 0), actionValues: Float32Array.of(0, 1, 0, 2) },
      stateValues: Float32Array.of(5, 10),
    })
    for (const kind of ['logits', 'actionValues', 'stateValues'] as const) {
      const only = teach((o) => ({ [kind]: (f(o) as typeof all)[kind] }) as never)
      expect(labelsOf(only)[kind]).toEqual(all[kind])
      expect(only.logits !== undefined).toBe(kind === 'logits')
      expect(only.actionValues !== undefined).toBe(kind === 'actionValues')
    }
    const { shape } = teach(f).stateValues!(tensor(states, [2, 1]))
    expect(shape).toEqual([2])
  })

  it('may choose alone, from the first action of its space on', () => {
    const from3 = teach(([x]) => (x! > 1 ? 5 : 3), new Discrete(3, 3))
    expect(labelsOf(from3)).toEqual({ logits: Float32Array.of(0, -20, -20, -20, -20, 0) })
    expect(() => teach(() => 2, new Discrete(3, 3))).toThrow(
      'returned the action 2; the action space is Discrete(3 … 5)',
    )
    expect(() => teach(() => 2)).toThrow(ValueError)
  })

  it('must return something, and as many numbers as there are actions', () => {
    for (const nothing of [() => ({}), () => null, () => undefined, () => [1]]) {
      expect(() => teach(nothing as never)).toThrow(
        'expected an action, { logits }, { actionValues } or { stateValues }',
      )
    }
    expect(() => labelsOf(teach(() => ({ logits: [1, 2, 3] })))).toThrow(ShapeError)
    expect(() => labelsOf(teach(() => ({ logits: [1, 2, 3] })))).toThrow(
      'the teacher function gave 3 logits; expected 2',
    )
    expect(() => labelsOf(teach(([x]) => (x === 2 ? {} : { stateValues: 1 })))).toThrow(
      'the teacher function gave stateValues at first, then none; it must always give the same labels',
    )
    const many = new MultiDiscrete([2, 2])
    expect(() => functionTeacher(() => ({ logits: [0, 0] }), many, new Float32Array(1))).toThrow(/is MultiDiscrete/)
  })
})

describe('a function of vectors', () => {
  const box = new Box([0, -4], [10, 4])

  it('gives the action, as a number, a list or an object; its labels lie in [-1, 1]', () => {
    const agent = teach(([x]) => [5 * x!, -2 * x!], box)
    expect(labelsOf(agent)).toEqual({ mean: Float32Array.of(0, -0.5, 1, -1) })
    expect(actionsOf(agent)).toEqual([5, -2, 10, -4])
    expect(actionsOf(teach(([x]) => ({ action: [2.5 * x!, x!] }), box))).toEqual([2.5, 1, 5, 2])
    expect(labelsOf(teach(([x]) => 0.5 * x!, new Box([-1], [1])))).toEqual({ mean: Float32Array.of(0.5, 1) })
    expect(agent.squashed).toBe(false)
  })

  it('may give state values alone or beside', () => {
    const critic = teach(([x]) => ({ stateValues: x! }), box)
    expect([labelsOf(critic), critic.actBatch, critic.bounds]).toEqual([{ stateValues: states }, undefined, box])
    const both = labelsOf(teach(([x]) => ({ stateValues: x!, action: [5, 0] }), box))
    expect(both).toEqual({ stateValues: states, mean: new Float32Array(4) })
    expect(() => teach(() => ({ logits: [1, 2] }), box)).toThrow('the action space is Box([0, -4] … [10, 4])')
  })
})

describe('an agent that acts by a Gaussian', () => {
  const mean = (x: Tensor) => ({ mean: x })
  const bounds = { low: Float32Array.of(-2), high: Float32Array.of(2) }

  it('takes the mean, through tanh if it is squashed, over the bounds', () => {
    const acts = (squashed: boolean) => actionsOf(actsByGaussian({ observationSize: 1, bounds }, mean, squashed))
    expect(acts(false)).toEqual([2, 2])
    expect(acts(true)[0]).toBeCloseTo(2 * Math.tanh(1), 6)
    const own = { observationSize: 1, bounds, toEnvironment: () => Float32Array.of(7, 8) }
    expect(actionsOf(actsByGaussian(own, mean, false))).toEqual([7, 8])
  })
})

describe('an ensemble by numbers', () => {
  const agent = (outputs: Partial<TeachingPolicy>): TeachingPolicy => ({
    observationSize: 1,
    numActions: 2,
    ...outputs,
  })
  const constant =
    (...row: number[]) =>
    (x: Tensor) =>
      tensor(Array.from({ length: x.dims[0]! }, () => row))
  const expectClose = (got: Float32Array | undefined, expected: number[]) => {
    expect(got).toHaveLength(expected.length)
    for (const [i, each] of expected.entries()) expect(got![i]).toBeCloseTo(each, 5)
  }

  it('has the mean of probabilities and of values', () => {
    // ½ and ½, ¾ and ¼: ⅝ and ⅜.
    const members = [agent({ logits: constant(0, 0) }), agent({ logits: constant(Math.log(3), 0) })]
    expectClose(labelsOf(ensembleOf(members)).logits?.subarray(0, 2), [Math.log(5 / 8), Math.log(3 / 8)])
    const valued = [agent({ actionValues: constant(1, 2) }), agent({ actionValues: constant(5, 0) })]
    expectClose(labelsOf(ensembleOf(valued)).actionValues, [3, 1, 3, 1])
    expect(ensembleOf(valued).members).toEqual(valued)
  })

  it('has the outputs that all have', () => {
    const first = agent({ logits: constant(0, 0), actionValues: constant(1, 2) })
    const kinds = (...members: TeachingPolicy[]) => Object.keys(labelsOf(ensembleOf(members)))
    expect(kinds(first, agent({ logits: constant(0, 0) }))).toEqual(['logits'])
    expect(kinds(first, agent({ actionValues: constant(0, 0) }))).toEqual(['actionValues', 'stateValues'])
    const values = (x: Tensor) => tensor(new Float32Array(x.dims[0]!))
    expect(kinds(agent({ stateValues: values }), agent({ stateValues: values, logits: constant(1, 2) }))).toEqual([
      'stateValues',
    ])
    expect(() => ensembleOf([agent({ logits: constant(0, 0) }), agent({ stateValues: values })])).toThrow(
      'no output that all members have; combine policies with policies, values with values',
    )
    expect(ensembleOf([{ observationSize: 1, stateValues: values }]).actBatch).toBeUndefined()
    expect(() => ensembleOf([])).toThrow('ensembleOf: no members; expected at least one agent')
    expect(() => ensembleOf([first, { ...first, numActions: 3 }])).toThrow(
      'member 1 observes 1 numbers and has 3 actions, member 0 observes 1 numbers and has 2 actions; all must be of one task',
    )
  })

  const bounds = { low: Float32Array.of(-2), high: Float32Array.of(2) }
  const gaussian = (mean: number, logStd?: number, squashed = false): TeachingPolicy => ({
    ...{ observationSize: 1, bounds, squashed },
    gaussian: (x) => ({ mean: constant(mean)(x), ...(logStd !== undefined && { logStd: constant(logStd)(x) }) }),
  })

  it('of Gaussians has the mean and the variance of their mixture', () => {
    // Variances 1 and 4 about 0 and 3: means of 2.5 and 2.25.
    const { mean, logStd } = labelsOf(ensembleOf([gaussian(0, 0), gaussian(3, Math.log(2))]))
    expectClose(mean, [1.5, 1.5])
    expectClose(logStd, [Math.log(4.75) / 2, Math.log(4.75) / 2])
    expect(labelsOf(ensembleOf([gaussian(0), gaussian(3)]))).toEqual({ mean: Float32Array.of(1.5, 1.5) })
    expect([ensembleOf([gaussian(0, 0, true)]).squashed, ensembleOf([gaussian(0, 0)]).squashed]).toEqual([true, false])
  })

  it('of Gaussians has members alike', () => {
    for (const other of [gaussian(3), gaussian(3, 0, true)]) {
      expect(() => ensembleOf([gaussian(0, 0), other])).toThrow('no output that all members have')
    }
    const critic = { observationSize: 1, bounds, stateValues: (x: Tensor) => tensor(new Float32Array(x.dims[0]!)) }
    expect(labelsOf(ensembleOf([critic, critic]))).toEqual({ stateValues: new Float32Array(2) })
    expect(ensembleOf([critic]).bounds).toBe(bounds)
    const wide = { ...gaussian(0, 0), bounds: { low: Float32Array.of(-3), high: Float32Array.of(2) } }
    expect(() => ensembleOf([gaussian(0, 0), wide])).toThrow('has actions in [-3] … [2], member 0')
  })
})
