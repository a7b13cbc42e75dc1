// Each target: the kind of its students, what they learn, and how they are read.

import { describe, expect, it } from 'vitest'
import { fitStudent, type LabelledDataset, type ObjectiveOptions, prepareObjective } from '../../src/distill/index.ts'
import type { StudentOf, TargetLike } from '../../src/distill/targets/index.ts'
import { Linear, MLP, saveParameters } from '../../src/nn/index.ts'
import { type DiscretePolicy, finish } from '../../src/rl/index.ts'
import {
  actionPreferences,
  CategoricalPolicy,
  type DiscreteAgent,
  QPolicy,
  type ValueFunction,
} from '../../src/rl/policies/discrete-policies.ts'
import { argmax, Rng, softmax, tensor } from '../../src/tensor/index.ts'
import {
  monteCarloReturns,
  softmaxOverOneClass,
  softmaxOverStates,
  valueHlGauss,
  valueListNet,
} from '../../studies/controls.ts'
import { actionValueTargets, policyTargets, prepare, targetsOfStates, valueTargets } from './every-target.ts'
import { datasetOf, formulaDataset, withColumns } from './formula-dataset.ts'

const dataset = formulaDataset(80)
const observations = tensor(dataset.column('observations'), [dataset.size, dataset.observationSize])
const actionValues = dataset.column('actionValues')
const stateValues = dataset.column('stateValues')
function learn<T extends TargetLike>(target: T, { updates = 500, ...options }: object & { updates?: number } = {}) {
  const objective = prepareObjective(target, dataset, options as ObjectiveOptions<T>)
  const network = new MLP([3, 32, objective.outputs], new Rng(5))
  const losses: number[] = []
  const training = fitStudent<StudentOf<T>>(network, dataset, objective, { updates, learningRate: 0.01, seed: 3 })
  for (;;) {
    const step = training.next()
    if (step.done) return { student: step.value, losses, network, objective }
    losses.push(step.value.loss)
  }
}

const meanOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, each) => sum + each, 0) / values.length

describe('students that act', () => {
  const best = argmax(tensor(actionValues, [dataset.size, 3]), 1).toArray()

  it.each([...policyTargets, ...actionValueTargets])(
    "of %s %j choose the teacher's actions, or as good ones",
    (target, options) => {
      const updates = target === 'q-mse' ? 1000 : 500
      const { student, losses } = learn(target, { updates, ...options })
      const chosen = argmax(actionPreferences(student as DiscreteAgent, observations), 1).toArray()
      const regrets = Array.from(chosen, (a, s) => stateValues[s]! - actionValues[3 * s + a]!)
      expect(meanOf(regrets)).toBeLessThan(0.1) // random actions: 0.9; the standard deviation of the action values: 0.8
      expect(meanOf(Array.from(chosen, (a, s) => Number(a === best[s])))).toBeGreaterThan(0.75)
      expect(meanOf(losses.slice(-20))).toBeLessThan(meanOf(losses.slice(0, 20)))
    },
  )

  it('are policies where they learned logits, and action values where they learned what an action is worth', () => {
    for (const [target, options] of policyTargets) {
      expect(learn(target, { updates: 0, ...options }).student, String(target)).toBeInstanceOf(CategoricalPolicy)
    }
    for (const [target] of [...actionValueTargets, [monteCarloReturns] as const]) {
      expect(learn(target, { updates: 0 }).student).toBeInstanceOf(QPolicy)
    }
  })
})

describe('a table of three states', () => {
  // One row of weights per state, so that a student can reach its optimum.
  const table = datasetOf(
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    [1, 0, 0.5, 10, 10.2, 9, -3, -3, -2],
  )
  const values = table.column('actionValues')
  const states = tensor(table.column('observations'), [3, 3])
  const temperature = { absolute: 0.7 }
  const softened = (tau: number) =>
    softmax(
      tensor(
        Array.from(values, (q) => q / tau),
        [3, 3],
      ),
    ).toArray()
  const expected = softened(0.7)
  const fitted = <T extends TargetLike>(target: T, options: object) => {
    const objective = prepareObjective(target, table, options as ObjectiveOptions<T>)
    const network = new Linear(3, 3, new Rng(1))
    return finish(fitStudent<StudentOf<T>>(network, table, objective, { updates: 1500, learningRate: 0.05 }))
  }
  const learned = (target: TargetLike, options: object) =>
    softmax(actionPreferences(fitted(target, options) as DiscreteAgent, states)).toArray()
  const farthest = (q: ArrayLike<number>) => Math.max(...Array.from(q, (each, i) => Math.abs(each - expected[i]!)))

  it('policy converges to softmax(Q/τ)', () => {
    expect(farthest(learned('policy', { temperature }))).toBeLessThan(1e-3)
  })

  it('q-softmax converges to Q in standard deviations of the action values, up to a constant per state', () => {
    const { actionValueStd } = prepare('q-softmax', table, { temperature }).metrics
    const read = fitted('q-softmax', { temperature }).actionValues(states).toArray()
    for (let i = 0; i < 9; i++) {
      const first = i - (i % 3)
      expect(read[i]! - read[first]!).toBeCloseTo((values[i]! - values[first]!) / actionValueStd!, 2)
    }
  })

  it('reverse-kl and jsd converge to softmax(Q/τ) up to the smoothing', () => {
    expect(farthest(learned('policy', { temperature, divergence: 'reverse-kl' }))).toBeLessThan(3e-3)
    for (const jsBeta of [0, 0.3, 1]) {
      expect(farthest(learned('policy', { temperature, divergence: 'jsd', jsBeta }))).toBeLessThan(3e-3)
    }
  })
})

describe('students that value states', () => {
  const errorsOf = (student: ValueFunction) => {
    const values = student.stateValues(observations).toArray()
    return Array.from(values, (v, s) => v - stateValues[s]!)
  }

  it.each(valueTargets.map((each) => [typeof each === 'string' ? each : each.name, each] as const))(
    "of %s give the teacher's values, in its units",
    (_, target) => {
      const { student } = learn(target, { updates: 1500 })
      expect(meanOf(errorsOf(student).map(Math.abs))).toBeLessThan(0.5) // the values have a standard deviation of 8
    },
  )

  it('of value-listnet are calibrated: their mean error on the dataset is 0 after any number of updates', () => {
    for (const updates of [0, 30]) {
      const { student } = learn(valueListNet, { updates })
      expect(Math.abs(meanOf(errorsOf(student)))).toBeLessThan(1e-4)
      expect(meanOf(errorsOf(student).map(Math.abs))).toBeGreaterThan(0.1)
    }
  })

  it('of value-listnet take the temperature in standard deviations of the values', () => {
    expect(prepareObjective(valueListNet, dataset).metrics.temperature).toBe(1)
    const { std, temperature } = prepareObjective(valueListNet, dataset, { temperature: { absolute: 4 } }).metrics
    expect(temperature).toBeCloseTo(4 / std!, 6)
  })

  it('of softmax-over-states are read without a calibration', () => {
    const { student, network, losses } = learn(softmaxOverStates, { updates: 200 })
    expect(student.stateValues(observations).toArray()).toEqual(network.forward(observations).toArray())
    expect(losses.at(-1)).toBeLessThan(losses[0]!)
  })

  it('of softmax-over-one-class have learned nothing: no bit has changed', () => {
    const objective = prepareObjective(softmaxOverOneClass, dataset)
    const network = new MLP([3, 8, 1], new Rng(4))
    const before = saveParameters(network)
    const student = finish(fitStudent(network, dataset, objective, { updates: 50, standardize: false }))
    expect(saveParameters(network)).toEqual(before)
    expect(student.stateValues(observations).toArray()).toEqual(network.forward(observations).toArray())
  })

  it('learn a value that is the same in all states, without a division by zero', () => {
    const flat = withColumns(dataset, { stateValues: new Float32Array(dataset.size).fill(7) })
    for (const target of valueTargets) {
      const objective = prepareObjective(target, flat)
      const network = new MLP([3, 8, objective.outputs], new Rng(4))
      const student = finish(fitStudent(network, flat, objective, { updates: 300, learningRate: 0.01 }))
      for (const v of student.stateValues(observations).toArray())
        expect(Math.abs(v - 7), String(target)).toBeLessThan(0.2)
    }
  })
})

describe('the unit of reward', () => {
  const others = valueTargets.map((target) => [target, {}] as const)

  it.each([...policyTargets, ...actionValueTargets, ...others])(
    'changes nothing in what %s %j learns',
    (target, options) => {
      // Times 1000, plus 5000: the same task in other units.
      const rescaled = withColumns(dataset, {
        actionValues: actionValues.map((q) => 1000 * q + 5000),
        stateValues: stateValues.map((v) => 1000 * v + 5000),
      })
      const outputs = (given: LabelledDataset) => {
        const objective = prepare(target, given, options)
        const network = new MLP([3, 8, objective.outputs], new Rng(5))
        finish(fitStudent(network, given, objective, { updates: 20, learningRate: 0.01 }))
        const z = Array.from(network.forward(observations).toArray())
        return target === valueListNet ? z.map((each) => each - meanOf(z)) : z // its loss leaves a constant open
      }
      const plain = outputs(dataset)
      for (const [i, z] of outputs(rescaled).entries()) expect(Math.abs(z - plain[i]!)).toBeLessThan(0.02)
    },
  )

  it('is tested for every target', () => {
    const tested = [...policyTargets, ...actionValueTargets, ...others].map(([target]) => target)
    expect(new Set(tested)).toEqual(new Set([...targetsOfStates, valueListNet, valueHlGauss]))
  })
})

describe('types', () => {
  it('tell students that act from students that value states', () => {
    const network = new MLP([3, 3], new Rng(0))
    const acts: DiscretePolicy = prepareObjective('q-mse', dataset).student(network)
    const values: ValueFunction = prepareObjective(valueListNet, dataset).student(new MLP([3, 1], new Rng(0)))
    expect([acts.numActions, values.numActions]).toEqual([3, 3])
    // @ts-expect-error: a value function needs a look-ahead to act
    const wrong: DiscretePolicy = prepareObjective(valueHlGauss, dataset).student(new MLP([3, 51], new Rng(0)))
    expect('act' in wrong).toBe(false)
  })
})
