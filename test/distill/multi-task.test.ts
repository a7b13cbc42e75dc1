import { describe, expect, it } from 'vitest'
import { LabelledDataset } from '../../src/distill/dataset.ts'
import { distillMultiTask, type MultiTask, type multiTaskOptions } from '../../src/distill/multi-task.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { countParameters, type HasParameters, namedParameters } from '../../src/nn/module.ts'
import { SquashedGaussianAgent } from '../../src/rl/continuous-policies.ts'
import { ActionValueAgent, type PolicyAgent, type StateValueAgent } from '../../src/rl/discrete-policies.ts'
import type { GivenOptions } from '../../src/rl/options.ts'
import { make } from '../../src/rl/registry.ts'
import { finish } from '../../src/rl/training.ts'
import { argmax, Rng, type Tensor, tensor, ValueError } from '../../src/tensor/index.ts'
import { cartPole, pendulum, someAgent, someDataset, somePendulumTeachers } from './support.ts'

const pole = someAgent()
const swing = new ActionValueAgent(new MLP([6, 16, 3], new Rng(5)), 6, 3)
const collect = { labels: 60, rolloutSteps: 200, selection: 'random' } as const
const tasks: readonly MultiTask[] = [
  { teacher: pole, env: cartPole(), collect },
  { teacher: swing, env: make('Acrobot-v1'), collect: { ...collect, exploration: 'fixed', epsilon: 1 } },
]
type Changes = GivenOptions<typeof multiTaskOptions> & { readonly tasks?: readonly MultiTask[] }
const start = ({ tasks: given = tasks, ...options }: Changes = {}) =>
  distillMultiTask(given, { hidden: [24, 24], updates: 400, seed: 3, ...options })
const run = (changes: Changes = {}) => finish(start(changes))
const bytesOf = (student: unknown) => saveParameters(student as HasParameters)

describe('one student for two tasks', () => {
  it('chooses in each as the teacher of that task does, though observations and actions differ', () => {
    const { students, datasets } = run({ updates: 800 })
    expect(datasets.map(({ envId, size, labels }) => [envId, size, labels])).toEqual([
      ['CartPole-v1', 60, 60],
      ['Acrobot-v1', 60, 60],
    ])
    for (const [i, teacher] of [pole, swing].entries()) {
      const batch = tensor(datasets[i]!.column('observations'), [60, datasets[i]!.observationSize])
      const taught = argmax(teacher.actionValues(batch), 1).toArray()
      const learned = argmax((students[i] as PolicyAgent).logits(batch), 1).toArray()
      expect(learned.filter((action, k) => action === taught[k]).length).toBeGreaterThan(54)
    }
  })

  it('shares its body, the same tensors, and has an input and an output layer per task', () => {
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

  it('learns the mean of the losses of the tasks, in which some states may count more', () => {
    const hard: readonly MultiTask<'policy'>[] = [3, 9].map((seed) => ({
      env: cartPole(),
      dataset: someDataset({ labels: 60, seed }),
      targetOptions: { divergence: 'hard' },
    }))
    const { value } = start({ tasks: hard, hidden: [8, 8] }).next()
    const { loss } = value as { loss: number }
    expect(loss).toBeGreaterThan(0.8 * Math.LN2) // two actions, about which nothing is known yet
    expect(loss).toBeLessThan(1.2 * Math.LN2)
    const bytes = (sampleWeights: 'none' | 'regret') => {
      const task = { env: cartPole(), dataset: someDataset(), targetOptions: { sampleWeights } }
      return bytesOf(run({ tasks: [task], hidden: [8, 8], updates: 5 }).students[0])
    }
    expect(bytes('regret')).not.toEqual(bytes('none'))
  })

  it('may have another target per task, and labels that exist already', () => {
    const dataset = someDataset({ labels: 60 })
    const { students, datasets } = run({
      tasks: [
        { env: cartPole(), dataset, target: 'value-mse' },
        { ...tasks[1]!, target: 'q-hl-gauss', targetOptions: { sampleWeights: 'viper' } },
      ],
      updates: 600,
    })
    expect(datasets[0]).toBe(dataset)
    const states = tensor(dataset.column('observations'), [60, 4])
    const values = (students[0] as StateValueAgent).stateValues(states).toArray()
    const labels = dataset.column('stateValues')
    expect(Math.max(...values.map((v, i) => Math.abs(v - labels[i]!)))).toBeLessThan(0.2)
  })

  it('may have discrete actions in one task and continuous ones in another', () => {
    const teacher = somePendulumTeachers.gaussian()
    const { students, datasets } = run({ tasks: [tasks[0]!, { env: pendulum(), teacher, collect }], updates: 1500 })
    const student = students[1] as SquashedGaussianAgent
    expect(student).toBeInstanceOf(SquashedGaussianAgent)
    const states = datasets[1]!.column('observations')
    const [theirs, ours] = [teacher, student].map((each) => each.actBatch(states))
    expect(Math.max(...theirs!.map((x, i) => Math.abs(x - ours![i]!)))).toBeLessThan(0.1)
  })

  it('learns on standardized observations, and takes them as they are in the end', () => {
    const dataset = someDataset({ labels: 60 })
    const labels = dataset.column('stateValues')
    const observations = dataset.column('observations').map((x, i) => (i % 4 === 2 ? 500 + 100 * x : x))
    const far = LabelledDataset.of(dataset.spec, { observations, stateValues: labels })
    const { students } = run({ tasks: [{ env: cartPole(), dataset: far, target: 'value-mse' }], updates: 600 })
    const values = (students[0] as StateValueAgent).stateValues(tensor(observations, [60, 4])).toArray()
    expect(Math.max(...values.map((v, i) => Math.abs(v - labels[i]!)))).toBeLessThan(0.2)
  })
})

describe('bad input is found before anything is played', () => {
  const untouchable = Object.assign(cartPole(), {
    step() {
      throw new Error('a step was played')
    },
  })
  const first: MultiTask = { teacher: pole, env: untouchable }

  it.each<[Changes, RegExp]>([
    [{ tasks: [] }, /no tasks/],
    [{ hidden: [64] }, /1 hidden layers; expected two or more/],
    [{ update: 3 } as Changes, /Did you mean "updates"/],
    [{ tasks: [first, { env: cartPole() }] }, /no source of labels/],
    [{ tasks: [first, { teacher: pole, env: make('Acrobot-v1') }] }, /observes 4 numbers; Acrobot-v1 has Box/],
    [{ tasks: [first, { teacher: pole, env: cartPole(), target: 'polcy' as 'policy' }] }, /Did you mean "policy"/],
    [
      { tasks: [first, { dataset: someDataset(), env: make('Acrobot-v1') }] },
      /dataset is of CartPole-v1, the environment is Acrobot/,
    ],
    [
      { tasks: [first, { dataset: someDataset(), env: cartPole(), targetOptions: { divergance: 'jsd' } as never }] },
      /Did you mean "divergence"/,
    ],
  ])('%#', (options, message) => {
    expect(() => run(options)).toThrow(message)
  })

  it('and minibatches that a target cannot use before any update', () => {
    const lists: readonly MultiTask[] = [{ env: cartPole(), dataset: someDataset(), target: 'value-listnet' }]
    expect(() => run({ tasks: lists, batchSize: 1 })).toThrow(/minibatches of 1 from 40 states/)
    expect(() => run({ tasks: lists, batchSize: 1 })).toThrow(ValueError)
    expect(() => run({ tasks: lists, updates: 0.5 })).toThrow(/distillMultiTask: updates is 0.5/)
  })
})
