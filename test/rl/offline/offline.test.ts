// Learning from a log: the loss by hand, a small task in closed form, the same bits after a resume, and what is refused.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../../src/data/checkpoint-file.ts'
import { constant, crossEntropy, type HasParameters, Linear, namedParameters } from '../../../src/nn/index.ts'
import { Box, Discrete, EpisodeLog, finish, meanOf, type NetworkFunction } from '../../../src/rl/index.ts'
import { conservativeLoss, cql } from '../../../src/rl/offline/cql.ts'
import {
  behaviourCloning,
  monteCarloQ,
  monteCarloV,
  monteCarloVAlgorithm,
} from '../../../src/rl/offline/log-regression.ts'
import {
  learnOffline,
  type OfflineAlgorithm,
  type OfflineReport,
  type offlineOptions,
  stepsOf,
  unitsOf,
} from '../../../src/rl/offline/offline.ts'
import type { DeterministicPolicy } from '../../../src/rl/policies/continuous-policies.ts'
import type { CategoricalPolicy } from '../../../src/rl/policies/discrete-policies.ts'
import { gradcheck, noGrad, Rng, type Tensor, tensor } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'

const float64 = (numbers: readonly number[], shape: readonly number[]) => tensor(numbers, shape, { dtype: 'float64' })
const reals = (count: number, min: number, max: number) =>
  fc.array(fc.double({ min, max, noNaN: true }), { minLength: count, maxLength: count })

describe('the loss of CQL(H)', () => {
  it('is ½ (Q(s, a) - y)² + α (ln Σ exp Q(s, ·) - Q(s, a)), equation 4 of the paper', () => {
    const loss = conservativeLoss(float64([1, 3], [1, 2]), tensor(Int32Array.of(0), [1, 1]), float64([2], [1]), 0.5)
    // ½ (1 - 2)² = 0.5; ln(e + e³) - 1 = 2.126928; 0.5 + 0.5 · 2.126928
    expect(loss.item()).toBeCloseTo(1.563464, 6)
  })

  it('has the gradient of its differences, and is half the squared error plus α times the loss of behaviour cloning', () => {
    const actions = fc.array(fc.nat({ max: 2 }), { minLength: 2, maxLength: 2 })
    forAll(
      [reals(6, -2, 2), reals(2, -2, 2), reals(1, 0, 3), actions],
      { numRuns: 40 },
      (values, goals, [alpha], taken) => {
        const [targets, choices] = [float64(goals, [2]), tensor(Int32Array.from(taken), [2, 1])]
        gradcheck((q) => conservativeLoss(q, choices, targets, alpha!), float64(values, [2, 3]), [1])
        const q = float64(values, [2, 3])
        const squares = taken.map((action, i) => (values[3 * i + action]! - goals[i]!) ** 2)
        const imitation = crossEntropy(q, tensor(Int32Array.from(taken))).item()
        const expected = (squares[0]! + squares[1]!) / 4 + alpha! * imitation
        expect(conservativeLoss(q, choices, targets, alpha!).item()).toBeCloseTo(expected, 10)
      },
    )
  })
})

/** States 0, 1, 2 in a row; `right` leaves the last one and ends the task; a step costs 1. The log goes left three times of four. */
function corridor(): EpisodeLog {
  const bounds = new Box([0, 0, 0], [1, 1, 1])
  const log = new EpisodeLog({ id: 'row', observationSpace: bounds, actionSpace: new Discrete(2) })
  const oneHot = (state: number) => Float32Array.from({ length: 3 }, (_, i) => (i === state ? 1 : 0))
  for (const state of [0, 1, 2]) {
    for (const right of [0, 0, 0, 1]) {
      log.begin(oneHot(state))
      const next = right === 1 ? state + 1 : Math.max(0, state - 1)
      log.add(right, -1, oneHot(next), next === 3, next < 3)
    }
  }
  return log
}

const states = tensor(Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), [3, 3])
const numbersOf = (outputs: () => Tensor) => noGrad(() => Array.from(outputs().view()))

/** Without hidden layers, the network of one-hot states is a table. */
const table = { hidden: [], standardize: false, updates: 700, learningRate: 0.05, batchSize: 32 }

describe('on a log that covers a small task', () => {
  const valuesOf = (options: object) => {
    const agent = finish(cql(corridor(), { ...table, gamma: 0.9, targetUpdateInterval: 10, ...options }))
    return numbersOf(() => agent.actionValues(states))
  }

  it.each([
    ['Q-learning', { alpha: 0 }],
    ['with one Q′ for choice and value', { alpha: 0, double: false }],
    ['CQL of a small α, on standardized numbers', { alpha: 1e-4, standardize: true }],
  ])('%s finds the optimal values', (_, options) => {
    // right: -1 from state 2, -1 - 0.9 from 1, -1 - 0.9 · 1.9 from 0; left: -1 + 0.9 V*.
    const optimal = [-3.439, -2.71, -3.439, -1.9, -2.71, -1]
    for (const [i, each] of valuesOf(options).entries()) expect(each).toBeCloseTo(optimal[i]!, 1)
  })

  it('CQL of a large α prefers the actions of the log, by their frequencies', () => {
    const q = valuesOf({ alpha: 100 })
    for (const left of [0, 2, 4]) expect(Math.abs(q[left]! - q[left + 1]! - Math.log(3))).toBeLessThan(0.2)
  })

  // With no room to learn, the loss is that of zeros: ½ (0 - (-1))². With one target network for all updates, y = -1 + 0.9 · 0.
  const zeros: NetworkFunction = ({ inputs, outputs, rng }) =>
    new Linear(inputs, outputs, rng, { weightInit: constant(0), biasInit: constant(0) })

  it('reports the mean loss since the last report', () => {
    const reports = [...monteCarloV(corridor(), { ...table, network: zeros, updates: 150, learningRate: 1e-30 })]
    expect(reports.map(({ update, loss }) => [update, loss])).toEqual([
      [100, 0.5],
      [150, 0.5],
    ])
  })

  it('copies the network into the target network in the given interval', () => {
    for (const each of valuesOf({ alpha: 0, network: zeros, targetUpdateInterval: 1e6 }))
      expect(each).toBeCloseTo(-1, 2)
  })

  it('behaviour cloning learns the frequencies of the actions, Monte Carlo regression the returns', () => {
    const policy = finish(behaviourCloning(corridor(), table)) as CategoricalPolicy
    const logits = numbersOf(() => policy.logits(states))
    expect(Math.abs(logits[0]! - logits[1]! - Math.log(3))).toBeLessThan(0.2)
    const [q, v] = [finish(monteCarloQ(corridor(), table)), finish(monteCarloV(corridor(), table))]
    const values = [...numbersOf(() => q.actionValues(states)), ...numbersOf(() => v.stateValues(states))]
    for (const each of values) expect(each).toBeCloseTo(-1, 1)
  })
})

/** Vector observations in other units than 1, actions of either kind and rewards that depend on them. */
function someLog(actionSpace: Discrete | Box, seed = 1): EpisodeLog {
  const log = new EpisodeLog({ id: 'some', observationSpace: new Box([-9, -9], [999, 999]), actionSpace })
  const rng = new Rng(seed)
  const observe = () => [rng.uniform(100, 300), rng.uniform(-0.1, 0.1)]
  for (let episode = 0; episode < 10; episode++) {
    log.begin(observe())
    for (let step = 1; step <= 8; step++) {
      const action = actionSpace.sample(rng)
      log.add(action, 50 + 10 * Number(Array.from([action].flat())[0] ?? 0), observe(), step === 8, false)
    }
  }
  return log
}

type Learn = (log: EpisodeLog, options: object) => Generator<OfflineReport<HasParameters>, HasParameters, void>
const learners: Readonly<Record<string, Learn>> = { cql, behaviourCloning, monteCarloQ, monteCarloV }
const quick = { updates: 230, hidden: [8], batchSize: 16 }

describe.each(Object.entries(learners))('%s', (_, learn) => {
  const parametersOf = (agent: HasParameters) => Object.values(namedParameters(agent)).map((each) => each.toArray())

  it('goes on from a saved training with the same bits, in the same log alone', () => {
    const log = someLog(new Discrete(3))
    const reports = [...learn(log, quick)]
    expect(reports.map(({ update }) => update)).toEqual([100, 200, 230])
    const training = learn(log, quick)
    const first = training.next().value as OfflineReport<HasParameters>
    const saved = readCheckpoint(writeCheckpoint(first.save()))
    const before = parametersOf(first.agent)
    const resumed = finish(learn(log, { ...quick, resume: saved }))
    expect(parametersOf(resumed)).toEqual(parametersOf(reports[2]!.agent))
    expect(parametersOf(first.agent)).toEqual(before) // looking at an agent changes nothing
    expect(() => learn(someLog(new Discrete(3), 2), { ...quick, resume: saved }).next()).toThrow(/has log = /)
  })
})

it('measures returns in standard deviations from their mean, or in their own units', () => {
  expect(unitsOf(Float32Array.of(1, 3), true)).toEqual({ mean: 2, std: 1 })
  expect(unitsOf(Float32Array.of(1, 3), false)).toEqual({ mean: 0, std: 1 })
})

it('measures each number of an observation in its deviations from its mean in the log', () => {
  const log = someLog(new Discrete(3))
  const raw = log.columns(0).observations
  const observed = (options: object) => {
    let seen: Float32Array | undefined
    const algorithm: OfflineAlgorithm<typeof offlineOptions> = {
      ...monteCarloVAlgorithm,
      learner(log, o, observe) {
        seen = observe(raw)
        return monteCarloVAlgorithm.learner(log, { ...o, gamma: 0 }, observe)
      },
    }
    finish(learnOffline(algorithm, log, { ...quick, updates: 1, ...options }))
    return seen!
  }
  for (const j of [0, 1]) {
    const column = [...observed({})].filter((_, i) => i % 2 === j)
    expect(meanOf(column)).toBeCloseTo(0, 5)
    expect(meanOf(column.map((each) => each ** 2))).toBeCloseTo(1, 4)
  }
  expect(observed({ standardize: false })).toEqual(raw)
})

it('the steps of a log have vector actions in [-1, 1] and returns, which no value follows', () => {
  const spaces = { observationSpace: new Box([0], [9]), actionSpace: new Box([-3, 0], [5, 2]) }
  const log = new EpisodeLog({ id: 'plane', ...spaces })
  log.begin([0])
  log.add([-3, 1], 8, [1], false, false)
  log.add([1, 2], 4, [2], true, false)
  const { buffer } = stepsOf(log, { gamma: 0.5, standardize: false }, (raw) => raw)
  const { observations, actions, rewards, terminated } = buffer.gather(Int32Array.of(0, 1))
  expect([observations, actions, rewards, terminated].map((each) => [...each])).toEqual([
    [0, 1],
    [-1, 0, 0, 1],
    [10, 4], // 8 + 0.5 · 4, and 4
    [1, 1],
  ])
})

it('learns on standardized numbers; the agent takes raw observations and gives raw values', () => {
  const log = someLog(new Discrete(3))
  const { returns } = log.columns(0.99)
  const values = finish(monteCarloV(log, { ...quick, updates: 600, learningRate: 0.01 }))
  const means = numbersOf(() => values.stateValues(tensor(Float32Array.of(150, 0, 250, 0.05), [2, 2])))
  for (const each of means) expect(each).toBeGreaterThan(Math.min(...returns))
  for (const each of means) expect(each).toBeLessThan(Math.max(...returns))
  // Without a discount the value of an action is its reward.
  const rewarding = { ...quick, gamma: 0, updates: 600, learningRate: 0.01 }
  for (const agent of [finish(monteCarloQ(log, rewarding)), finish(cql(log, { ...rewarding, alpha: 0 }))]) {
    const rewards = numbersOf(() => agent.actionValues(tensor(Float32Array.of(150, 0), [1, 2])))
    for (const [action, each] of rewards.entries()) expect(Math.abs(each - 50 - 10 * action)).toBeLessThan(6)
  }
})

it('behaviour cloning imitates vector actions within their bounds; the others refuse them', () => {
  const log = new EpisodeLog({
    id: 'line',
    observationSpace: new Box([0], [9]),
    actionSpace: new Box([-3, 0], [5, 10]),
  })
  log.begin([0])
  for (let i = 1; i <= 100; i++) log.add([(i - 1) % 5, 9 - ((i - 1) % 5)], 0, [i % 5], false, i === 100)
  const policy = finish(behaviourCloning(log, { hidden: [32], updates: 800, batchSize: 32 })) as DeterministicPolicy
  for (const x of [0, 1, 2, 3, 4]) {
    const [first, second] = policy.act(Float32Array.of(x))
    expect(first).toBeCloseTo(x, 0)
    expect(second).toBeCloseTo(9 - x, 0)
  }
  expect(() => cql(log).next()).toThrow(/^cql: line takes Box.*Discrete/)
  expect(() => monteCarloQ(log).next()).toThrow(/^monte-carlo-q: line takes Box.*Discrete/)
  expect(() => monteCarloV(log).next()).toThrow(/^monte-carlo-v: line takes Box.*Discrete/)
})
