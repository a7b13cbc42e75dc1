// Values that act: the labels, the loss and the student of the target value-successors.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Checkpoint } from '../../src/data/checkpoint.ts'
import { type DistillReport, distill } from '../../src/distill/distill.ts'
import { type DistillOptions, fitStudent, LabelledDataset, prepareObjective } from '../../src/distill/index.ts'
import { Teacher } from '../../src/distill/teachers/teacher.ts'
import { MLP, saveParameters } from '../../src/nn/index.ts'
import { evaluatePolicy } from '../../src/rl/evaluate.ts'
import { Discrete, type Env, finish, Lookahead, loadSb3Policy, make, makeVec } from '../../src/rl/index.ts'
import { CategoricalPolicy, QPolicy, type ValueFunction } from '../../src/rl/policies/discrete-policies.ts'
import { gradcheck, Rng, tensor } from '../../src/tensor/index.ts'
import { forAll } from '../support/property.ts'
import { cartPole, contentsOf, pendulum, someAgent, somePendulumTeachers } from './support.ts'

/** One number a state and two actions; successors are given by their rewards, discounts and values. */
function labelled(rewards: number[], discounts: number[], values: number[]): LabelledDataset {
  const size = values.length / 2
  const numbers = (length: number) => Float32Array.from({ length }, (_, i) => (i * i) % 7)
  return LabelledDataset.of(
    { envId: 'formula', observationSize: 1, actionSpace: new Discrete(2) },
    {
      observations: numbers(size),
      successors: numbers(2 * size),
      successorRewards: Float32Array.from(rewards),
      successorDiscounts: Float32Array.from(discounts),
      successorValues: Float32Array.from(values),
    },
  )
}

/** The loss of a student with the values V of the successors, in the order of the dataset. */
function lossOf(dataset: LabelledDataset, V: readonly number[], options = {}): number {
  const objective = prepareObjective('value-successors', dataset, options)
  const { mean, std } = objective.metrics
  const z = tensor(
    V.map((each) => (each - mean!) / std!),
    [V.length, 1],
  )
  return objective.loss(z, tensor(objective.labels, [dataset.size, objective.width])).item()
}

describe('the loss', () => {
  const absolute = { temperature: { absolute: 1 } }

  it('is KL(softmax(s_T/τ) ‖ softmax(s_S/τ)) of s = r + γ V, plus c ((s_T - s_S)/σ)²', () => {
    // Scores of the teacher: 1 + ½ · 2 = 2 and 0 + ½ · 4 = 2, so ½ and ½. Of the student: 1 + ½ · 2 = 2 and ½ · (4 + 2 ln 3) = 2 + ln 3,
    // so ¼ and ¾. KL = ½ ln 2 + ½ ln ⅔ = ½ ln 4/3. σ is 1: the error is (0 + ln² 3)/2.
    const dataset = labelled([1, 0], [0.5, 0.5], [2, 4])
    const student = [2, 4 + 2 * Math.log(3)]
    expect(lossOf(dataset, student, { ...absolute, valueCoef: 0 })).toBeCloseTo(Math.log(4 / 3) / 2, 5)
    expect(lossOf(dataset, student, { ...absolute, valueCoef: 0.2 })).toBeCloseTo(
      Math.log(4 / 3) / 2 + 0.1 * Math.log(3) ** 2,
      5,
    )
  })

  it('takes V = 0 after a termination, whatever the networks give there', () => {
    const dataset = labelled([1, 0, 0, 0], [0.5, 0.5, 0, 0.5], [2, 4, 99, 6])
    const [one, other] = [5, -5].map((terminal) => lossOf(dataset, [3, 1, terminal, 2], absolute))
    expect(one).toBeCloseTo(other!, 6)
    expect(one).toBeGreaterThan(0)
    expect(prepareObjective('value-successors', dataset).metrics.mean).toBeCloseTo(4, 6)
  })

  it('has the gradient that central differences give', () => {
    const entries = (n: number) => fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: n, maxLength: n })
    const dataset = labelled([1, 0, 0, 2], [0.9, 0.9, 0, 0.9], [2, 4, 1, 3])
    const { loss, labels, width } = prepareObjective('value-successors', dataset)
    const given = tensor(Array.from(labels), [2, width], { dtype: 'float64' })
    forAll([entries(4), fc.double({ min: -2, max: 2, noNaN: true })], { numRuns: 40 }, (z, w) => {
      gradcheck((x) => loss(x, given), tensor(z, [4, 1], { dtype: 'float64' }), [w])
    })
  })

  it("is 0 without the regression if and only if the values are the teacher's, up to a constant", () => {
    const values = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 6, maxLength: 6 })
    forAll(
      [values, fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: 0.5, max: 5, noNaN: true })],
      (V, constant, change) => {
        fc.pre(Math.max(...V) - Math.min(...V) > 0.1)
        const dataset = labelled([1, 0, 0, 1, 1, 1], new Array(6).fill(0.9), V)
        const ranking = { ...absolute, valueCoef: 0 }
        const shifted = V.map((each) => each + constant)
        expect(lossOf(dataset, shifted, ranking)).toBeLessThan(1e-5)
        expect(lossOf(dataset, shifted.with(2, shifted[2]! + change), ranking)).toBeGreaterThan(1e-5)
      },
    )
  })

  it('has a temperature that a few large differences do not set', () => {
    const temperatureOf = (values: number[]) => {
      const dataset = labelled(new Array(values.length).fill(0), new Array(values.length).fill(1), values)
      return prepareObjective('value-successors', dataset).metrics.temperature!
    }
    const alike = [0, 2, 5, 7, 3, 1, 0, 2, 9, 7]
    expect(temperatureOf(alike)).toBeCloseTo(0.3, 6) // differences of 2, deviations of 1
    expect(temperatureOf([...alike, 0, 4])).toBeCloseTo(0.3 * (7 / 6), 6)
    expect(temperatureOf([...alike, 0, 5000])).toBeCloseTo(0.3 * (15 / 6), 6) // as ten medians
    expect(temperatureOf([0, 0, 1, 1, 0, 6])).toBeCloseTo(0.3, 6) // a median of 0 limits nothing
  })

  it('does not depend on the unit of reward', () => {
    const [rewards, discounts, values] = [[1, 0, 0, 2], new Array(4).fill(0.9), [2, 4, 1, 3]]
    const times = (factor: number) =>
      labelled(
        rewards.map((r) => factor * r),
        discounts,
        values.map((v) => factor * v),
      )
    expect(lossOf(times(1000), [1000, 3000, 0, 2000])).toBeCloseTo(lossOf(times(1), [1, 3, 0, 2]), 4)
  })
})

const few = { labels: 12, rounds: 3, rolloutSteps: 60, hidden: [6], roundUpdates: 5, updates: 7, seed: 2 } as const
const single = { roundStudents: 1, finalStudents: 1 } as const
const start = (env: Env, teacher = new Teacher(someAgent(), 'some'), options: object = {}) =>
  distill(env, teacher, { ...few, target: 'value-successors', ...options })

describe('the labels', () => {
  it('are two successors of each state, their rewards and discounts, and the values of the teacher', () => {
    const { dataset } = finish(start(cartPole(), undefined, { gamma: 0.9 }))
    const [env, agent] = [cartPole(), someAgent()]
    const Q = agent.actionValues(tensor(dataset.column('successors'), [24, 4])).toArray()
    env.reset({ seed: 0 })
    for (let i = 0; i < dataset.size; i++) {
      for (const a of [0, 1]) {
        env.state = Array.from(dataset.observation(i))
        const { observation, terminated } = env.step(a)
        const row = 2 * i + a
        const found = dataset.column('successors').subarray(4 * row, 4 * row + 4)
        for (const [j, x] of observation.entries()) expect(found[j]).toBeCloseTo(x, 5)
        expect(dataset.column('successorDiscounts')[row]).toBeCloseTo(terminated ? 0 : 0.9, 6)
        expect(dataset.column('successorRewards')[row]).toBe(1)
        expect(dataset.column('successorValues')[row]).toBeCloseTo(Math.max(Q[2 * row]!, Q[2 * row + 1]!), 5)
      }
    }
  })

  it('are of the two successors that lie farthest apart', () => {
    const { dataset } = finish(
      start(make('MountainCar-v0') as Env, new Teacher(new QPolicy(new MLP([2, 4, 3], new Rng(1)), 2, 3), 'car')),
    )
    const successors = dataset.column('successors')
    const gaps = Array.from({ length: dataset.size }, (_, i) => successors[4 * i + 3]! - successors[4 * i + 1]!)
    for (const gap of gaps) expect(gap).toBeCloseTo(0.002, 6) // full throttle to the right and to the left
  })

  it('are counted: two evaluations a state, and the environment steps of labels and look-aheads', () => {
    const teacher = new Teacher(someAgent(), 'some')
    const random = { ...single, exploration: 'fixed', epsilon: 1, studentEpsilon: 1 }
    const { dataset } = finish(start(cartPole(), teacher, random))
    const { dataset: plain } = finish(distill(cartPole(), someAgent(), { ...few, ...random } as DistillOptions))
    expect([teacher.labels, dataset.labels, dataset.size]).toEqual([24, 12, 12])
    expect(dataset.environmentSteps - plain.environmentSteps).toBe(2 * 12) // random play needs no look-ahead
    expect(dataset.cost.teacherEvaluations).toBe(24) // random play asks for nothing
    const { cost } = finish(start(cartPole(), undefined, { ...random, studentEpsilon: 0, finalStudents: 2 }))
    expect(cost.environmentSteps.laterRounds).toBeGreaterThanOrEqual(3 * 2 * 60 + 2 * 8)
    expect(cost.environmentSteps.choice).toBe(3 * 2 * 600)
  })
})

describe('a distillation', () => {
  it('goes on from every report as if it had not stopped', () => {
    const run = (resume?: Checkpoint) => start(cartPole(), undefined, { resume })
    const whole = finish(run())
    const length = few.rounds + 2 * 2 * few.roundUpdates + 4 * few.updates
    for (let stop = 0; stop < length; stop += 3) {
      const stopped = run()
      for (let i = 0; i < stop; i++) stopped.next()
      const { save } = stopped.next().value as DistillReport
      const resumed = finish(run(save()))
      expect(contentsOf(resumed.dataset)).toEqual(contentsOf(whole.dataset))
      expect(saveParameters(resumed.student)).toEqual(saveParameters(whole.student))
    }
  })

  it('learns values by which a look-ahead balances a pole, from 100 values of a critic', () => {
    const file = new URL('../golden/teachers/sb3-ppo-cartpole.safetensors', import.meta.url)
    const options = { labels: 50, rolloutSteps: 500, exploration: 'fixed', epsilon: 1, learningRate: 5e-3 } as const
    const { student } = finish(
      distill(cartPole(), loadSb3Policy(readFileSync(file)), {
        ...{ ...options, target: 'value-successors', rounds: 5, hidden: [12, 12], updates: 1500, seed: 1 },
      }),
    )
    expect(evaluatePolicy(new Lookahead(student, cartPole()), cartPole(), { episodes: 5 }).mean).toBeGreaterThan(400)
  })

  it('learns from labels that exist already, and a network without standardization', () => {
    const { dataset } = finish(start(cartPole()))
    const objective = prepareObjective('value-successors', dataset)
    const options = { updates: 3, standardize: false }
    const student: ValueFunction = finish(fitStudent(new MLP([4, 6, 1], new Rng(1)), dataset, objective, options))
    const again = finish(distill(cartPole(), null, { target: 'value-successors', dataset, hidden: [6], updates: 3 }))
    expect([student.numActions, again.dataset.size]).toEqual([2, 12])
  })
})

it.each<[string, () => unknown, RegExp]>([
  ['several environments', () => start(makeVec('CartPole-v1', 2) as never), /is a vector environment/],
  [
    'continuous actions',
    () => distill(pendulum(), somePendulumTeachers.gaussian(), { ...few, target: 'value-successors' }),
    /compares discrete actions; Pendulum-v1 has/,
  ],
  [
    'a teacher without values',
    () => start(cartPole(), new Teacher(new CategoricalPolicy(new MLP([4, 2], new Rng(1)), 4, 2), 'actor')),
    /teacher "actor" gives logits; expected state values or action values/,
  ],
  ['jacobians', () => start(cartPole(), undefined, { jacobians: true }), /derivatives of labels of the states/],
  [
    'states that are not played',
    () => start(cartPole(), undefined, { selection: 'box', rounds: 1 }),
    /other selection than box/,
  ],
  [
    'labels of the states alone',
    () => distill(cartPole(), null, { target: 'value-successors', dataset: stateLabels() }),
    /learns from successorValues/,
  ],
])('refuses %s before any play', (_, run, message) => expect(run).toThrow(message))

function stateLabels(): LabelledDataset {
  return finish(distill(cartPole(), someAgent(), { ...few, updates: 0 })).dataset
}
