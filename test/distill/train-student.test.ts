import { describe, expect, it } from 'vitest'
import { prepareTarget, type TargetName, targetNames } from '../../src/distill/targets.ts'
import { trainStudent } from '../../src/distill/train-student.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { ActionValueAgent, PolicyAgent, StateValueAgent } from '../../src/rl/discrete-policies.ts'
import type { DiscretePolicy } from '../../src/rl/policy.ts'
import { finish } from '../../src/rl/training.ts'
import { argmax, DivergenceError, Rng, ShapeError, tensor, ValueError } from '../../src/tensor/index.ts'
import { someSet, someTeacher } from './support.ts'

const set = someSet({ labels: 60 })
const train = (name: TargetName, options = {}) => {
  const target = prepareTarget(name, set)
  const network = new MLP([4, 16, target.outputs], new Rng(2))
  return { network, student: finish(trainStudent(network, set, target, { updates: 600, seed: 4, ...options })) }
}
const observations = tensor(set.observations, [set.size, 4])
const teacherActions = argmax(tensor(set.actionValues!, [set.size, 2]), 1).toArray()
const agreement = (scores: Int32Array) => scores.filter((action, i) => action === teacherActions[i]).length / set.size

describe('a student', () => {
  it.each(['policy', 'actionValues', 'actionValuesMse', 'hard'] as const)(
    'of %s chooses as its teacher does',
    (name) => {
      const student = train(name).student as DiscretePolicy
      const scores = student.logits?.(observations) ?? student.actionValues!(observations)
      expect(agreement(argmax(scores, 1).toArray() as Int32Array)).toBeGreaterThan(0.95)
    },
  )

  it('of state values gives the teacher’s, in the teacher’s units', () => {
    const student = train('stateValues').student as StateValueAgent
    const values = student.stateValues(observations).toArray()
    const off = set.stateValues!.map((v, i) => Math.abs(v - values[i]!))
    expect(Math.max(...off)).toBeLessThan(0.1)
  })

  it('without a teacher learns the returns that were seen', () => {
    expect(train('returns').student).toBeInstanceOf(ActionValueAgent)
  })

  it('is read as what it was trained to be', () => {
    expect(train('policy', { updates: 1 }).student).toBeInstanceOf(PolicyAgent)
    expect(train('stateValues', { updates: 1 }).student).toBeInstanceOf(StateValueAgent)
  })

  it('is a function of the seed, bit for bit', () => {
    const bytes = (seed: number) => saveParameters(train('policy', { seed, updates: 50 }).network)
    expect(bytes(1)).toEqual(bytes(1))
    expect(bytes(1)).not.toEqual(bytes(2))
  })
})

it('the teacher stays as it was: no gradient reaches it and no bit changes', () => {
  const teacher = someTeacher()
  const agent = teacher.agent as ActionValueAgent
  const before = saveParameters(agent)
  const labels = teacher.label(set.observations, set.size)
  const own = { ...set, ...labels }
  for (const name of targetNames) {
    const target = prepareTarget(name, own)
    finish(trainStudent(new MLP([4, 8, target.outputs], new Rng(0)), own, target, { updates: 3 }))
  }
  expect(saveParameters(agent)).toEqual(before)
  for (const parameter of Object.values(agent.parameters())) expect(parameter.grad).toBeNull()
})

describe('bad input', () => {
  const target = prepareTarget('policy', set)
  const start = (network: MLP, given = set, options = {}) => trainStudent(network, given, target, options).next()

  it('a student with another action count than its teacher, before any training', () => {
    expect(() => start(new MLP([4, 8, 3], new Rng(0)))).toThrow(ShapeError)
    expect(() => start(new MLP([4, 8, 3], new Rng(0)))).toThrow(/gives 3 outputs a state; expected 2/)
  })

  it('an empty set, a foreign target, a target the teacher has no labels for', () => {
    const empty = { ...set, size: 0, observations: new Float32Array(0) }
    expect(() => start(new MLP([4, 2], new Rng(0)), empty)).toThrow(/labelled set is empty/)
    expect(() => prepareTarget('polcy' as TargetName, set)).toThrow(/Did you mean "policy"/)
    const { actionValues: _, ...without } = set
    expect(() => prepareTarget('actionValues', without)).toThrow(/gave no actionValues; it gave stateValues/)
  })

  it('a number of updates that is none', () => {
    expect(() => start(new MLP([4, 2], new Rng(0)), set, { updates: -1 })).toThrow(ValueError)
  })

  it('a batch too small to rank, whatever the set', () => {
    const ranking = prepareTarget('listwise', set)
    const network = new MLP([4, 1], new Rng(0))
    for (const batchSize of [1, 0, -3, 1.5, Number.NaN]) {
      const training = trainStudent(network, set, ranking, { batchSize })
      expect(() => training.next()).toThrow(ValueError)
    }
    expect(() => trainStudent(network, set, ranking, { batchSize: 1 }).next()).toThrow(
      /minibatches of 1 from 60 states; this target needs a whole number from 2/,
    )
    expect(() => start(new MLP([4, 2], new Rng(0)), set, { batchSize: 0 })).toThrow(/minibatches of 0/)
  })

  it('a student whose width does not fit its target, for every target', () => {
    for (const name of targetNames) {
      const fitting = prepareTarget(name, set)
      const network = new MLP([4, 8, fitting.outputs + 1], new Rng(0))
      expect(() => trainStudent(network, set, fitting).next(), name).toThrow(ShapeError)
      expect(() => trainStudent(network, set, fitting).next(), name).toThrow(
        new RegExp(`gives ${fitting.outputs + 1} outputs a state; expected ${fitting.outputs}`),
      )
    }
    expect(() => start(new MLP([3, 2], new Rng(0)))).toThrow(/takes 3 inputs; expected 4/)
  })

  it('a target of another set, or with numbers that are none', () => {
    const other = prepareTarget('policy', someSet({ labels: 40 }))
    expect(() => trainStudent(new MLP([4, 2], new Rng(0)), set, other).next()).toThrow(
      /80 numbers of labels, the set of 60 states needs 120; prepare the target from the set/,
    )
    const labels = target.labels.map((each, i) => (i === 7 ? Number.NaN : each))
    const weights = new Float32Array(60).fill(Infinity)
    for (const [broken, message] of [
      [{ ...target, labels }, /labels hold NaN for state 3/],
      [{ ...target, weights }, /weights hold Infinity for state 0/],
      [{ ...target, weights: weights.subarray(1) }, /59 numbers of weights/],
    ] as const) {
      expect(() => trainStudent(new MLP([4, 2], new Rng(0)), set, broken).next()).toThrow(message)
    }
  })

  it('leaves the network as it was', () => {
    const network = new MLP([4, 8, 2], new Rng(0))
    const before = saveParameters(network)
    const labels = target.labels.map(() => Number.NaN)
    expect(() => trainStudent(network, set, { ...target, labels }).next()).toThrow(ValueError)
    expect(() => start(network, set, { batchSize: 0 })).toThrow(ValueError)
    expect(() => start(network, set, { updates: 0.5 })).toThrow(ValueError)
    expect(saveParameters(network)).toEqual(before)
  })

  it('a loss that is not a number stops the training and names the step', () => {
    const training = trainStudent(new MLP([4, 8, 2], new Rng(0)), set, target, {
      learningRate: 1e30,
      maxGradNorm: 1e30,
    })
    expect(() => finish(training)).toThrow(DivergenceError)
    expect(() =>
      finish(trainStudent(new MLP([4, 8, 2], new Rng(0)), set, target, { learningRate: 1e30, maxGradNorm: 1e30 })),
    ).toThrow(/of step \d+ is/)
  })
})
