// A label is paid for once: exactly as many states as asked are labelled, none twice, and whatever cannot work throws before the
// first step of the environment and before the teacher labels anything.

import { describe, expect, it } from 'vitest'
import { type DistillOptions, distill, ensembleOf, LabelledDataset, viper } from '../../src/distill/index.ts'
import { Teacher, type TeacherSource } from '../../src/distill/teachers/teacher.ts'
import { LayerNorm, Linear, MLP, Sequential } from '../../src/nn/index.ts'
import { type AnyEnv, CategoricalPolicy, finish, make, makeVec, QPolicy, Rollout } from '../../src/rl/index.ts'
import { GaussianPolicy } from '../../src/rl/policies/continuous-policies.ts'
import type { TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { AlambicError, Rng } from '../../src/tensor/index.ts'
import { monteCarloReturns, valueListNet } from '../../studies/controls.ts'
import { someAgent, someDataset, somePendulumTeachers, someTeacher, statesOf, ways } from './support.ts'

/** Counts its steps. */
function counted(id: string): { env: AnyEnv; steps: () => number } {
  let steps = 0
  const env = make(id) as AnyEnv
  const step = env.step.bind(env)
  Object.assign(env, {
    step(action: never) {
      steps++
      return step(action)
    },
  })
  return { env, steps: () => steps }
}

const short = { hidden: [4], updates: 2, roundUpdates: 2, rolloutSteps: 200, selection: 'random' } as const

describe('exactly as many labels as asked, none twice', () => {
  it.each(Object.entries(ways))('%s', (_, way) => {
    const teacher = someTeacher()
    const rounds = way.rounds ?? 1
    const { dataset } = finish(distill(make('CartPole-v1'), teacher, { ...short, ...way, rounds, labels: 23 }))
    expect([teacher.labels, dataset.labels, dataset.size]).toEqual([23, 23, 23])
    expect(new Set(statesOf(dataset)).size).toBe(23)
  })

  it.each(Object.entries(somePendulumTeachers))('continuous actions: %s', (_, teacher) => {
    for (const [name, way] of Object.entries(ways)) {
      const { dataset } = finish(distill(make('Pendulum-v1'), teacher(), { ...short, rounds: 1, ...way, labels: 23 }))
      expect([dataset.labels, dataset.size], name).toEqual([23, 23])
      expect(new Set(statesOf(dataset)).size, name).toBe(23)
    }
  })

  it('an ensemble labels each state once', () => {
    const teacher = new Teacher(ensembleOf([1, 2].map(someAgent)), 'both')
    finish(distill(make('CartPole-v1'), teacher, { ...short, rounds: 1, labels: 20 }))
    expect(teacher.labels).toBe(20)
  })

  it('a function is asked about as many states, but for the one that tells what it gives and for play', () => {
    const states: string[] = []
    const teacher = (observation: Float32Array) => {
      states.push(observation.join())
      return { stateValues: observation[0]! }
    }
    const random = { exploration: 'fixed', epsilon: 1, rounds: 1 } as const
    const options = { ...short, ...random, labels: 20, target: 'value-mse' } as const
    finish(distill(make('CartPole-v1'), teacher, options))
    expect(states).toHaveLength(1 + 20)
  })

  it('viper pays for as many labels as it is given', () => {
    const teacher = someTeacher()
    const options = { labels: 30, rounds: 3, maxDepth: 2, evaluationEpisodes: 1, rolloutSteps: 100 }
    const { dataset } = finish(viper(() => make('CartPole-v1'), teacher, options))
    expect([teacher.labels, dataset.labels]).toEqual([30, 30])
  })
})

describe('before the first step', () => {
  type Case = readonly [string, DistillOptions, RegExp, { env?: string; teacher?: TeacherSource | null }?]
  const policy = new CategoricalPolicy(new MLP([4, 8, 2], new Rng(1)), 4, 2)
  const critic = (x: Float32Array) => ({ stateValues: x[0]! })
  const target = (name: string | typeof valueListNet) => ({ target: name as never })
  const { gaussian, deterministic } = somePendulumTeachers
  const pendulum = (teacher: TeachingPolicy = gaussian()) => ({ env: 'Pendulum-v1', teacher })
  const wide = new GaussianPolicy(new MLP([3, 2], new Rng(0)), 3, { low: [-3], high: [3] })

  const cases: readonly Case[] = [
    ['a misspelt option', { learningrate: 1 } as never, /unknown option "learningrate".*Did you mean "learningRate"/],
    ['a misspelt option of the collection', { candidate: 3 } as never, /Did you mean "candidates"/],
    ['a misspelt option of the target', { divergance: 'jsd' } as never, /Did you mean "divergence"/],
    ['a misspelt object', { reseume: 1 } as never, /Did you mean "resume"/],
    ['an option of another target', { ...target('q-mse'), divergence: 'jsd' }, /unknown option "divergence"/],
    ['a misspelt target', target('polcy'), /Did you mean "policy"/],
    [
      'labels that the teacher lacks',
      target('q-softmax'),
      /learns from actionValues; the labels are/,
      { teacher: policy },
    ],
    ['values that the teacher lacks', target('value-mse'), /learns from stateValues/, { teacher: policy }],
    [
      'returns of states that are not played',
      { target: monteCarloReturns as never, selection: 'box' },
      /learns from returns/,
    ],
    [
      'values of a policy in rounds',
      { ...target('value-mse'), rounds: 2, exploration: 'fixed', epsilon: 1 },
      /has no "actionValues"/,
      { teacher: critic },
    ],
    ['a teacher that cannot play', target('value-mse'), /cannot choose actions/, { teacher: critic }],
    ['no teacher', {}, /no source of labels; give a teacher/, { teacher: null }],
    ['a teacher of other observations', {}, /observes 4 numbers; Acrobot-v1 has Box/, { env: 'Acrobot-v1' }],
    [
      'a teacher of other actions',
      {},
      /chooses among 3 actions; CartPole-v1 has/,
      { teacher: new QPolicy(new MLP([4, 3], new Rng(0)), 4, 3) },
    ],
    ['a discrete teacher of a continuous task', {}, /Pendulum-v1 has/, { env: 'Pendulum-v1', teacher: policy }],
    ['a teacher of other bounds', {}, /gives actions in/, pendulum(wide)],
    ['a network of other outputs', { network: new MLP([4, 3], new Rng(0)) }, /gives 3 outputs a state; expected 2/],
    ['a network of other inputs', { network: new MLP([5, 2], new Rng(0)) }, /5/],
    [
      'a continuous network of other outputs',
      { network: new MLP([3, 1], new Rng(0)) },
      /gives 1 outputs a state; expected 2/,
      pendulum(),
    ],
    [
      'a network that cannot be standardized',
      { network: new Sequential(new LayerNorm(4), new Linear(4, 2, new Rng(0))) },
      /pass standardize: false/,
    ],
    ['a temperature of 0', { temperature: { relative: 0 } }, /temperature is {"relative":0}; expected/],
    ['a temperature of two kinds', { temperature: { relative: 1, absolute: 1 } as never }, /temperature is/],
    [
      'a temperature to be chosen without action values',
      { temperature: 'auto' },
      /has no "actionValues"/,
      { teacher: policy },
    ],
    [
      'a temperature to be chosen where there is none',
      { temperature: 'auto', divergence: 'hard' },
      /no temperature to cross-validate/,
    ],
    ['a temperature to be chosen from one label', { temperature: 'auto', labels: 1 }, /at least 2/],
    ['a ranking of one label', { ...target(valueListNet), labels: 1 }, /at least 2/],
    [
      'a ranking of the last of two labels',
      { ...target(valueListNet), labels: 2, rounds: 2, aggregate: false },
      /at least 2/,
    ],
    [
      'a temperature to be chosen from a first round of one label',
      { temperature: 'auto', labels: 3, rounds: 3 },
      /at least 2/,
    ],
    ['a ranking in minibatches of one', { ...target(valueListNet), batchSize: 1 }, /minibatches of 1/],
    ['no labels', { labels: 0 }, /labels is 0/],
    ['more labels than states', { labels: 201 }, /201 labels in round 0 from 200 states/],
    [
      'more labels in a round than states',
      { rounds: 2, roundSteps: 3, labels: 20 },
      /10 labels in round 1 from 3 states/,
    ],
    ['rounds without labels', { labels: 3, rounds: 5 }, /leave a round empty/],
    ['a box in rounds', { selection: 'box', rounds: 2 }, /selection is box in 2 rounds/],
    [
      'a Jensen-Shannon divergence of Gaussians',
      { divergence: 'jsd' },
      /divergence is jsd, but Pendulum-v1/,
      pendulum(),
    ],
    [
      'the best of several actions where there are none',
      { divergence: 'hard' },
      /divergence is hard/,
      pendulum(deterministic()),
    ],
    ['action values of continuous actions', target('q-mse'), /learns from actionValues/, pendulum()],
    [
      'a rollout of another environment',
      { rollout: Rollout.ofStates('Acrobot-v1', 6, new Float32Array(120), 20) },
      /the rollout is of Acrobot-v1/,
    ],
    [
      'a dataset of another environment',
      { dataset: someDataset({ env: make('Pendulum-v1') as AnyEnv, teacher: gaussian() }) },
      /the dataset is of Pendulum-v1/,
    ],
    ['an empty dataset', { dataset: new LabelledDataset(someDataset().spec) }, /the dataset is empty/],
    [
      'a state to resume of something else',
      { resume: { algorithm: 'ppo', options: {}, parts: {} } as never },
      /saved training is of ppo/,
    ],
  ]

  it.each(cases)('%s', (_, options, message, given) => {
    const { env: id = 'CartPole-v1', teacher = someAgent() } = (given ?? {}) as {
      env?: string
      teacher?: TeacherSource
    }
    const { env, steps } = counted(id)
    const start = () => distill(env, teacher, { ...short, rounds: 1, labels: 20, ...(options as DistillOptions) })
    expect(start).toThrow(AlambicError)
    expect(start).toThrow(message as RegExp)
    expect(steps()).toBe(0)
  })

  it('the counting environment counts', () => {
    const { env, steps } = counted('CartPole-v1')
    finish(distill(env, someAgent(), { ...short, rounds: 1, labels: 20 }))
    expect(steps()).toBeGreaterThanOrEqual(200)
    expect(() => finish(distill(makeVec('Acrobot-v1', 2), someAgent()))).toThrow(AlambicError)
  })
})
