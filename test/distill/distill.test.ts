import { describe, expect, it } from 'vitest'
import { type Distilled, type DistillOptions, distill } from '../../src/distill/index.ts'
import { type TargetLike, targetNames } from '../../src/distill/targets/index.ts'
import { type HasParameters, MLP, namedParameters, saveParameters } from '../../src/nn/index.ts'
import { type CategoricalPolicy, type EnvLike, evaluatePolicy, finish, makeVec } from '../../src/rl/index.ts'
import { argmax, Rng, tensor } from '../../src/tensor/index.ts'
import { monteCarloReturns } from '../../studies/controls.ts'
import {
  type Changes,
  cartPole,
  constantly,
  contentsOf,
  corridor,
  quick,
  someAgent,
  someDataset,
  statesOf,
  ways,
} from './support.ts'

const agent = someAgent()
const base = { labels: 25, rounds: 1, selection: 'random', rolloutSteps: 100, updates: 40, seed: 4 } as const
function run<T extends TargetLike = 'policy'>(changes: Changes | DistillOptions<T> = {}): Distilled<unknown> {
  const { teacher = agent, env = cartPole(), ...options } = changes as Changes
  return finish(distill(env as EnvLike, options.dataset ? null : teacher, { ...base, ...options }))
}
const bytesOf = (student: unknown) => saveParameters(student as HasParameters)

describe('distillation', () => {
  it('turns a teacher into a student that chooses as it does, from as many labels as asked', () => {
    const network = new MLP([4, 8, 2], new Rng(1))
    const { student, dataset } = run({ network, labels: 50, rolloutSteps: 300, updates: 500 })
    expect([dataset.labels, dataset.size]).toEqual([50, 50])
    const observations = tensor(dataset.column('observations'), [50, 4])
    const taught = argmax(agent.actionValues(observations), 1).toArray()
    const learned = argmax((student as CategoricalPolicy).logits(observations), 1).toArray()
    expect(learned.filter((action, i) => action === taught[i]).length).toBeGreaterThan(45)
  })

  it('is a generator: a report per round of labels and per gradient step', () => {
    const options = { ...base, rounds: 3, labels: 9, updates: 4, roundUpdates: 1, roundStudents: 2, finalStudents: 1 }
    const reports = [...distill(cartPole(), agent, options)]
    expect(reports.map(({ phase, round, update }) => `${phase} ${round} ${update}`)).toEqual([
      ...['label 0 0', 'fit 0 1', 'fit 0 2', 'label 1 0', 'fit 1 1', 'fit 1 2'],
      ...['label 2 0', 'fit 2 1', 'fit 2 2', 'fit 2 3', 'fit 2 4'],
    ])
    expect(reports.every(({ rounds }) => rounds === 3)).toBe(true)
    expect(reports.map(({ updates }) => updates)).toEqual([2, 2, 2, 2, 2, 2, 4, 4, 4, 4, 4])
    expect(reports.map(({ loss }) => Number.isNaN(loss))).toEqual(reports.map(({ phase }) => phase === 'label'))
    const sizes: number[] = []
    for (const { phase, dataset } of distill(cartPole(), agent, options)) {
      if (phase === 'label') sizes.push(dataset.size)
    }
    expect(sizes).toEqual([3, 6, 9])
  })

  it('reports the numbers of its target', () => {
    expect(run({ temperature: { absolute: 0.5 } }).metrics).toEqual({ temperature: 0.5 })
    expect(run({ divergence: 'jsd', jsBeta: 0.3 }).metrics.jsBeta).toBe(0.3)
  })

  it('takes a student where it goes: from a rule that balances the pole, one that balances it too', () => {
    const teacher = ([, , angle, speed]: Float32Array) => ({
      logits: [-10 * (angle! + speed!), 10 * (angle! + speed!)],
    })
    const { student } = run({
      ...{ teacher, env: makeVec('CartPole-v1', 8), rounds: 5, labels: 100, rolloutSteps: 1000 },
      ...{ hidden: [16], updates: 600, selection: 'farthest' },
    })
    expect(evaluatePolicy(student as CategoricalPolicy, cartPole, { episodes: 10 }).mean).toBeGreaterThan(400)
  })

  it('plays a vector environment with all its copies at once', () => {
    const { dataset } = run({ env: makeVec('CartPole-v1', 8), rounds: 5 })
    expect([dataset.envId, dataset.size]).toEqual(['CartPole-v1', 25])
  })
})

describe.each(Object.entries(ways))('with states of %s', (_, way) => {
  const some = (options: object = {}) => run({ ...way, roundUpdates: 5, ...options })

  it('the same seed gives the same bits, another others', () => {
    const [one, same, other] = [some(), some(), some({ seed: 5 })]
    expect(contentsOf(one.dataset)).toEqual(contentsOf(same.dataset))
    expect([one.dataset.size, one.dataset.labels]).toEqual([25, 25])
    expect(bytesOf(one.student)).toEqual(bytesOf(same.student))
    expect(bytesOf(one.student)).not.toEqual(bytesOf(other.student))
  })

  it('every target is learned', () => {
    for (const target of [...targetNames, monteCarloReturns]) {
      if (target === monteCarloReturns && way.selection === 'box') continue
      if (target === 'value-successors' && way.selection === 'box') continue
      expect(some({ target, updates: 3, roundUpdates: 2 }).dataset.size).toBe(25)
    }
  })
})

describe('rounds', () => {
  it('have cooler labels, where the temperature is not given: 0.5 in place of 1', () => {
    const temperature = (options: object) => run({ updates: 0, ...options }).metrics.temperature!
    const of = (relative: number, rounds: number) => temperature({ rounds, temperature: { relative } })
    expect(temperature({ rounds: 1 })).toBe(of(1, 1))
    expect(temperature({ rounds: 5 })).toBe(of(0.5, 5))
    expect(temperature({ rounds: 5 })).not.toBe(of(1, 5))
    const { dataset } = run({ rounds: 5, updates: 0 })
    expect(run({ dataset, updates: 0 }).metrics.temperature).toBe(temperature({ rounds: 5 }))
  })

  it('start a network that was given afresh each time, from the parameters that it came with', () => {
    const network = new MLP([4, 8, 2], new Rng(1))
    const { student, dataset } = run({ network, rounds: 3 })
    const again = run({ network: new MLP([4, 8, 2], new Rng(1)), dataset })
    expect((student as CategoricalPolicy).network).toBe(network)
    expect(bytesOf(student)).toEqual(bytesOf(again.student))
  })

  it('go on training the student of the round before with warmStart', () => {
    const network = new MLP([4, 8, 2], new Rng(1))
    const { student, dataset } = run({ network, rounds: 3, warmStart: true })
    const fresh = run({ network: new MLP([4, 8, 2], new Rng(1)), dataset })
    expect(bytesOf(student)).not.toEqual(bytesOf(fresh.student))
    // Without updates in the last round the student is that of the rounds before, but for rounding: it takes raw observations.
    const still = run({
      network: new MLP([4, 8, 2], new Rng(1)),
      rounds: 3,
      warmStart: true,
      updates: 0,
      roundUpdates: 40,
    })
    const states = tensor(dataset.column('observations'), [25, 4])
    const outputs = (each: unknown) => (each as CategoricalPolicy).logits(states).toArray()
    const untrained = new MLP([4, 8, 2], new Rng(1)).forward(states).toArray()
    const change = outputs(still.student).map((z, i) => Math.abs(z - untrained[i]!))
    expect(Math.max(...change)).toBeGreaterThan(0.05)
  })

  it('warm or not, learn values in the last round alone, from a fresh network', () => {
    const value = (warmStart: boolean) => run({ target: 'value-mse' as never, rounds: 3, warmStart, roundStudents: 1 })
    expect(bytesOf(value(true).student)).toEqual(bytesOf(value(false).student))
  })

  it('may learn from the labels of the last round alone', () => {
    const { dataset } = run({ rounds: 5, aggregate: false })
    expect([dataset.size, dataset.labels]).toEqual([5, 25])
  })

  it('label no state twice, even one whose label has been dropped', () => {
    const seen: string[] = []
    const options = { rounds: 2, labels: 8, aggregate: false, selection: 'random', rolloutSteps: 100 } as const
    for (const { phase, dataset } of distill(corridor(30), constantly(0, 1), { ...quick, ...options })) {
      if (phase === 'label') seen.push(...statesOf(dataset))
    }
    expect(seen).toHaveLength(8)
    expect(new Set(seen).size).toBe(8)
  })

  it('let the given network play, with the parameters that it came with, where the student does before there is one', () => {
    const always = (action: number) => {
      const network = new MLP([4, 2], new Rng(1))
      for (const parameter of Object.values(namedParameters(network))) parameter.view().fill(0)
      namedParameters(network)['0.bias']!.view()[action] = 1
      return network
    }
    const actionsOf = (changes: DistillOptions) => {
      const options = {
        ...quick,
        firstBeta: 0,
        exploration: 'fixed',
        epsilon: 0,
        selection: 'random',
        ...changes,
      } as const
      const { dataset } = finish(distill(cartPole(), agent, { ...options, rounds: 1, labels: 20, rolloutSteps: 100 }))
      return new Set(dataset.column('actions'))
    }
    expect(actionsOf({ network: always(1) })).toEqual(new Set([1]))
    expect(actionsOf({ network: always(0) })).toEqual(new Set([0]))
  })

  it('may train for less on the way, which changes the states but not the last training', () => {
    const all = run({ rounds: 5 })
    const some = run({ rounds: 5, roundUpdates: 1 })
    expect(statesOf(some.dataset).slice(0, 5)).toEqual(statesOf(all.dataset).slice(0, 5))
    expect(statesOf(some.dataset)).not.toEqual(statesOf(all.dataset))
    expect(bytesOf(run({ dataset: some.dataset }).student)).toEqual(bytesOf(some.student))
  })

  it('are as many as there are labels for, from 5 to 10, unless given', () => {
    const { rounds: _, ...automatic } = base
    const roundsOf = (labels: number) =>
      distill(cartPole(), agent, { ...automatic, labels, updates: 0 }).next().value as { rounds: number }
    expect([3, 40, 90].map((labels) => roundsOf(labels).rounds)).toEqual([3, 5, 5])
  })
})

it('hands the options of target and fit on', () => {
  const bytes = (options: DistillOptions) => bytesOf(run(options).student)
  const plain = bytes({})
  for (const options of [
    { temperature: { relative: 3 } },
    { divergence: 'hard' },
    { hidden: [8] },
    { learningRate: 1e-3 },
    { batchSize: 7 },
    { maxGradNorm: 1e-3 },
    { standardize: false },
  ] as const) {
    expect(bytes(options), JSON.stringify(options)).not.toEqual(plain)
  }
})

it('learns from labels that exist already, without a teacher and without play', () => {
  const notAllowed = () => {
    throw new Error('nothing may be played')
  }
  const dataset = someDataset()
  const before = contentsOf(dataset)
  const env = Object.assign(cartPole(), { reset: notAllowed, step: notAllowed })
  const one = run({ env, dataset })
  expect(one.dataset).toBe(dataset)
  expect(contentsOf(dataset)).toEqual(before)
  expect(bytesOf(one.student)).toEqual(bytesOf(run({ env, dataset }).student))
})
