import { describe, expect, it } from 'vitest'
import { distillMultiTask, LabelledDataset, type MultiTask } from '../../src/distill/index.ts'
import { countParameters, type HasParameters, MLP, namedParameters, saveParameters } from '../../src/nn/index.ts'
import { type CategoricalPolicy, finish, make, QPolicy, type ValueFunction } from '../../src/rl/index.ts'
import { argmax, Rng, type Tensor, tensor, ValueError } from '../../src/tensor/index.ts'
import { valueListNet } from '../../studies/controls.ts'
import { cartPole, someAgent, someDataset } from './support.ts'

const pole = someAgent()
const swing = new QPolicy(new MLP([6, 16, 3], new Rng(5)), 6, 3)
const random = { exploration: 'fixed', epsilon: 1 } as const
const few = { labels: 60, rolloutSteps: 200, selection: 'random' } as const
const tasks: readonly MultiTask[] = [
  { teacher: pole, env: cartPole(), collect: few },
  { teacher: swing, env: make('Acrobot-v1'), collect: { ...few, ...random } },
]
type Options = NonNullable<Parameters<typeof distillMultiTask>[1]>
const run = (options: Options = {}, given = tasks) =>
  finish(distillMultiTask(given, { hidden: [24, 24], updates: 400, seed: 3, ...options }))
const bytesOf = (student: unknown) => saveParameters(student as HasParameters)

/** Largest error of a student of state values. */
function errorOf(student: unknown, dataset: LabelledDataset): number {
  const observations = tensor(dataset.column('observations'), [dataset.size, dataset.observationSize])
  const values = (student as ValueFunction).stateValues(observations).toArray()
  return Math.max(...dataset.column('stateValues').map((v, i) => Math.abs(v - values[i]!)))
}

describe('one student for two tasks', () => {
  it('chooses in each as the teacher of that task, though observations and actions differ', () => {
    const { students, datasets } = run({ updates: 800 })
    expect(datasets.map(({ envId, size, labels }) => [envId, size, labels])).toEqual([
      ['CartPole-v1', 60, 60],
      ['Acrobot-v1', 60, 60],
    ])
    for (const [i, teacher] of [pole, swing].entries()) {
      const observations = tensor(datasets[i]!.column('observations'), [60, teacher.observationSize])
      const taught = argmax(teacher.actionValues(observations), 1).toArray()
      const learned = argmax((students[i] as CategoricalPolicy).logits(observations), 1).toArray()
      expect(learned.filter((action, k) => action === taught[k]).length).toBeGreaterThan(54)
    }
  })

  it('shares its body, the same tensors, and has input and output layers of its own for each task', () => {
    const [a, b] = run({ updates: 1 }).students.map((student) => namedParameters(student as CategoricalPolicy))
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

  it("learns the mean of the tasks' losses", () => {
    const hard = { env: cartPole(), targetOptions: { divergence: 'hard' } } as const
    const datasets = [someDataset({ labels: 60 }), someDataset({ labels: 60, seed: 9 })]
    const { value } = distillMultiTask(
      datasets.map((dataset) => ({ ...hard, dataset })),
      { hidden: [8, 8] },
    ).next()
    const { loss, update } = value as { loss: number; update: number }
    expect(update).toBe(1)
    expect(loss).toBeGreaterThan(0.8 * Math.LN2) // two actions, of which nothing is known yet
    expect(loss).toBeLessThan(1.2 * Math.LN2)
  })

  it('may learn something else in each task, from datasets that exist already', () => {
    const dataset = someDataset({ labels: 60 })
    const { students, datasets } = run({ updates: 600 }, [
      { env: cartPole(), dataset, target: 'value-mse' },
      { ...tasks[1]!, target: 'q-softmax', targetOptions: { temperature: { absolute: 2 } } as never },
    ])
    expect(datasets[0]).toBe(dataset)
    expect(errorOf(students[0], dataset)).toBeLessThan(0.2)
  })

  it('learns on standardized observations, and takes raw ones in the end', () => {
    const near = someDataset({ labels: 60 })
    const far = LabelledDataset.of(near.spec, {
      observations: near.column('observations').map((x, i) => (i % 4 === 2 ? 500 + 100 * x : x)),
      stateValues: near.column('stateValues'),
    })
    const { students } = run({ updates: 600 }, [{ env: cartPole(), dataset: far, target: 'value-mse' }])
    expect(errorOf(students[0], far)).toBeLessThan(0.2)
  })

  it('takes as many updates as asked, on raw observations on request', () => {
    const task = { env: cartPole(), dataset: someDataset({ labels: 6, rolloutSteps: 12 }) }
    const two = [...distillMultiTask([task], { hidden: [3, 3], updates: 2 })]
    expect(two.map(({ update }) => update)).toEqual([1, 2])
    const untrained = (standardize: boolean) =>
      namedParameters(run({ hidden: [3, 3], updates: 0, standardize }, [task]).students[0] as CategoricalPolicy)
    const [scaled, raw] = [untrained(true), untrained(false)]
    expect(scaled['input.weight']!.toArray()).not.toEqual(raw['input.weight']!.toArray())
  })

  it('collects one round per task unless told otherwise, each with a seed of its own', () => {
    const same = { teacher: pole, env: cartPole(), collect: { ...few, labels: 12 } }
    const { datasets } = run({ updates: 1 }, [same, same, { ...same, collect: { ...same.collect, rounds: 3 } }])
    expect(datasets.map(({ provenance }) => [provenance.rounds, provenance.seed])).toEqual([
      [1, 3],
      [1, 4],
      [3, 5],
    ])
    expect(datasets[0]!.column('observations')).not.toEqual(datasets[1]!.column('observations'))
  })
})

describe('bad input is found before any play', () => {
  const untouchable = Object.assign(cartPole(), {
    step() {
      throw new Error('a step was played')
    },
  })
  const first = { teacher: pole, env: untouchable }

  it.each([
    ['no tasks', [], /no tasks/],
    ['no teacher', [first, { env: cartPole() }], /no source of labels; give a teacher, or labels/],
    ['another task', [first, { teacher: pole, env: make('Acrobot-v1') }], /observes 4 numbers; Acrobot-v1 has Box/],
    ['a target', [first, { ...first, target: 'polcy' as 'policy' }], /Did you mean "policy"/],
    ['an option of a target', [first, { ...first, targetOptions: { temprature: 1 } as object }], /"temperature"/],
    ['an option of the collection', [first, { ...first, collect: { rounds: 0 } }], /rounds is 0/],
    ['a dataset', [first, { dataset: someDataset(), env: make('Acrobot-v1') }], /is of CartPole-v1, .* is Acrobot/],
  ] as [string, MultiTask[], RegExp][])('%s', (_, given, message) => {
    expect(() => run({}, given)).toThrow(message)
  })

  it('options of the training', () => {
    expect(() => run({ hidden: [64] }, [first])).toThrow(/1 hidden layers; expected two or more/)
    expect(() => run({ updates: 0.5 }, [first])).toThrow(/distillMultiTask: updates is 0.5/)
  })

  it('and minibatches that a target cannot use before any update', () => {
    const lists = [{ env: cartPole(), dataset: someDataset(), target: valueListNet }]
    expect(() => run({ batchSize: 1 }, lists)).toThrow(/minibatches of 1 from 40 states; this target needs at least 2/)
    expect(() => run({ batchSize: 1 }, lists)).toThrow(ValueError)
    const played = [{ ...first, target: valueListNet }]
    expect(() => run({ batchSize: 1 }, played)).toThrow(/minibatches of 1 from .* states; this target needs at least 2/)
  })
})
