import { describe, expect, it } from 'vitest'
import { distillMultiTask, type MultiTaskOptions, trainMultiTask } from '../../src/distill/multi-task.ts'
import type { DistillReport } from '../../src/distill/train-student.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { countParameters, type HasParameters, namedParameters } from '../../src/nn/module.ts'
import { ActionValueAgent, type PolicyAgent, type StateValueAgent } from '../../src/rl/discrete-policies.ts'
import { make } from '../../src/rl/registry.ts'
import { finish } from '../../src/rl/training.ts'
import { argmax, Rng, type Tensor, tensor, ValueError } from '../../src/tensor/index.ts'
import { cartPole, someSet, someTeacher } from './support.ts'

const pole = someTeacher().agent
const swing = new ActionValueAgent(new MLP([6, 16, 3], new Rng(5)), 6, 3)
const tasks = [
  { teacher: pole, env: cartPole(), labels: 60, poolSize: 200 },
  { teacher: swing, env: make('Acrobot-v1'), labels: 60, poolSize: 200, mode: 'random' as const },
]
const run = (options: Partial<MultiTaskOptions> = {}) =>
  distillMultiTask({ tasks, hidden: [24, 24], updates: 400, seed: 3, ...options })
const bytesOf = (student: unknown) => saveParameters(student as HasParameters)

describe('one student for two tasks', () => {
  it('chooses in each as that task’s teacher does, though they see and do other things', () => {
    const { students, sets } = run({ updates: 800 })
    expect(sets.map(({ envId, size, labels }) => [envId, size, labels])).toEqual([
      ['CartPole-v1', 60, 60],
      ['Acrobot-v1', 60, 60],
    ])
    for (const [i, teacher] of [pole, swing].entries()) {
      const { observations, observationSize } = sets[i]!
      const batch = tensor(observations, [60, observationSize])
      const taught = argmax(teacher.actionValues!(batch), 1).toArray()
      const learned = argmax((students[i] as PolicyAgent).logits(batch), 1).toArray()
      expect(learned.filter((action, k) => action === taught[k]).length).toBeGreaterThan(54)
    }
  })

  it('shares its body, the same tensors, and has ends of its own for each task', () => {
    const [a, b] = run({ updates: 1 }).students.map((student) => namedParameters(student as PolicyAgent))
    const shared = Object.keys(a!).filter((name) => name.startsWith('body.'))
    expect(shared).toEqual(['body.0.weight', 'body.0.bias'])
    for (const name of shared) expect(a![name]).toBe(b![name])
    expect(new Set([...Object.values(a!), ...Object.values(b!)]).size).toBe(2 + 4 + 4)
    const all: Tensor[] = [...Object.values(a!), ...Object.values(b!)]
    expect(countParameters(all)).toBe(4 * 24 + 24 + (24 * 2 + 2) + (6 * 24 + 24) + (24 * 3 + 3) + (24 * 24 + 24))
  })

  it('is a function of its seed', () => {
    const bytes = (seed: number) => run({ updates: 20, seed }).students.map(bytesOf)
    expect(bytes(1)).toEqual(bytes(1))
    expect(bytes(1)).not.toEqual(bytes(2))
  })

  it('learns the mean of the tasks’ losses, in which some states may count more', () => {
    const sets = [someSet({ labels: 60 }), someSet({ labels: 60, seed: 9 })].map((set) => ({
      set,
      target: 'hard' as const,
    }))
    const { value } = trainMultiTask(sets, { hidden: [8, 8] }).next()
    expect((value as DistillReport).loss).toBeGreaterThan(0.8 * Math.LN2) // two actions, of which nothing is known yet
    expect((value as DistillReport).loss).toBeLessThan(1.2 * Math.LN2)
    const bytes = (stateWeights: 'none' | 'gap') =>
      bytesOf(finish(trainMultiTask([{ set: someSet(), stateWeights }], { hidden: [8, 8], updates: 5 }))[0])
    expect(bytes('gap')).not.toEqual(bytes('none'))
  })

  it('may learn something else in each task, from sets that are there already', () => {
    const set = someSet({ labels: 60 })
    const { students, sets } = run({
      tasks: [
        { env: cartPole(), set, target: 'stateValues' },
        { ...tasks[1]!, target: 'hlGaussQ', stateWeights: 'viper' },
      ],
      updates: 600,
    })
    expect(sets[0]).toBe(set)
    const values = (students[0] as StateValueAgent).stateValues(tensor(set.observations, [60, 4])).toArray()
    expect(Math.max(...values.map((v, i) => Math.abs(v - set.stateValues![i]!)))).toBeLessThan(0.2)
  })

  it('learns on observations of order one, and takes them as they are in the end', () => {
    const set = someSet({ labels: 60 })
    const far = { ...set, observations: set.observations.map((x, i) => (i % 4 === 2 ? 500 + 100 * x : x)) }
    const { students } = run({ tasks: [{ env: cartPole(), set: far, target: 'stateValues' }], updates: 600 })
    const values = (students[0] as StateValueAgent).stateValues(tensor(far.observations, [60, 4])).toArray()
    expect(Math.max(...values.map((v, i) => Math.abs(v - set.stateValues![i]!)))).toBeLessThan(0.2)
  })
})

describe('bad input is found before anything is played', () => {
  const untouchable = Object.assign(cartPole(), {
    step() {
      throw new Error('a step was played')
    },
  })
  const first = { teacher: pole, env: untouchable }

  it.each([
    [{ tasks: [] }, /no tasks/],
    [{ hidden: [64] }, /1 hidden layers; .* it takes two to share one/],
    [{ tasks: [first, { env: cartPole() }] }, /no teacher for CartPole-v1/],
    [{ tasks: [first, { teacher: pole, env: make('Acrobot-v1') }] }, /has 2 actions, Acrobot-v1 has Discrete/],
    [{ tasks: [first, { teacher: pole, env: cartPole(), target: 'polcy' as 'policy' }] }, /Did you mean "policy"/],
    [
      { tasks: [first, { set: someSet(), env: make('Acrobot-v1') }] },
      /set is of CartPole-v1, the environment is Acrobot/,
    ],
  ])('%j', (options, message) => {
    expect(() => run(options)).toThrow(message)
  })

  it('and minibatches that a target cannot use before any update', () => {
    const lists = [{ env: cartPole(), set: someSet(), target: 'listwise' as const }]
    expect(() => run({ tasks: lists, batchSize: 1 })).toThrow(/minibatches of 1 from 40 states of CartPole-v1/)
    expect(() => run({ tasks: lists, batchSize: 1 })).toThrow(ValueError)
    expect(() => run({ tasks: lists, updates: 0.5 })).toThrow(/trainMultiTask: 0.5 updates/)
  })
})
