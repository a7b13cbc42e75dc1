import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { relabel } from '../../src/distill/dataset-operations.ts'
import { fitStudent } from '../../src/distill/fit.ts'
import { prepareObjective } from '../../src/distill/objective.ts'
import { sampleWeightings, sampleWeightsOf } from '../../src/distill/sample-weights.ts'
import type { Objective } from '../../src/distill/targets/target.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { actionScores, type DiscreteAgent, type StateValueAgent } from '../../src/rl/discrete-policies.ts'
import { finish } from '../../src/rl/training.ts'
import { Rng, tensor, ValueError } from '../../src/tensor/index.ts'
import { monteCarloReturns, softmaxOverOneClass, softmaxOverStates } from '../../studies/controls.ts'
import { acting, prepare } from './every-target.ts'
import { datasetOf, formulaDataset } from './formula-dataset.ts'
import { cartPole, someDataset } from './support.ts'

const one = { relative: 1 }

describe('sample weights', () => {
  const dataset = datasetOf([[0], [1]], [1, 0, 5, 2, 2, 4]) // max - mean: 3, 4/3; max - min: 5, 2

  it('by regret are the cost of a random action, by viper that of the worst, both divided by their mean', () => {
    const [first, second] = sampleWeightsOf('regret', dataset, one)!
    expect(first! / second!).toBeCloseTo(9 / 4, 6)
    const [worstFirst, worstSecond] = sampleWeightsOf('viper', dataset, one)!
    expect(worstFirst! / worstSecond!).toBeCloseTo(5 / 2, 6)
    expect(sampleWeightsOf('none', dataset, one)).toBeUndefined()
  })

  it('by confidence are the largest probability of the teacher’s policy', () => {
    const two = datasetOf([[0], [1]], [Math.log(3), 0, 0, 0]) // softmax: 3/4 and 1/2
    const logits = relabel(two, { logits: two.column('actionValues') }, 'policy')
    for (const given of [two, logits]) {
      const [sure, unsure] = sampleWeightsOf('confidence', given, { absolute: 1 })!
      expect(sure! / unsure!).toBeCloseTo(3 / 2, 6)
    }
  })

  it('have the mean 1, are never negative, and do not depend on what all actions of a state share', () => {
    const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(values, fc.integer({ min: -50, max: 50 }), (numbers, shared) => {
        fc.pre(numbers[0] !== numbers[1])
        const rows = [[0], [1], [2], [3]]
        for (const weighting of ['regret', 'viper', 'confidence'] as const) {
          const weights = sampleWeightsOf(weighting, datasetOf(rows, numbers), one)!
          expect(weights.reduce((sum, w) => sum + w, 0) / 4).toBeCloseTo(1, 5)
          expect(Math.min(...weights)).toBeGreaterThanOrEqual(0)
          const shifted = numbers.map((v, i) => v + (i < 3 ? shared : 0))
          const others = sampleWeightsOf(weighting, datasetOf(rows, shifted), one)!
          for (const [i, w] of weights.entries()) expect(others[i]).toBeCloseTo(w, 4)
        }
      }),
    )
  })

  it('are refused by another name, without labels, and where all actions are worth the same', () => {
    expect(() => prepare('policy', dataset, { sampleWeights: 'vipr' })).toThrow(
      /sampleWeights is "vipr"; expected one of none, regret, viper, confidence/,
    )
    const values = relabel(dataset, { stateValues: dataset.column('stateValues') }, 'critic')
    expect(() => sampleWeightsOf('regret', values, one)).toThrow(/has no "actionValues"/)
    expect(() => sampleWeightsOf('viper', datasetOf([[0]], [2, 2]), one)).toThrow(/all actions have the same value/)
  })
})

describe('a weighted target', () => {
  // The same observation twice, with opposite labels: the state that counts more decides.
  const torn = datasetOf([[1], [1]], [5, 0, 0, 1])
  const options = { learningRate: 0.02, standardize: false }
  const learn = (objective: Objective<unknown>, updates: number) =>
    finish(fitStudent(new MLP([1, 8, objective.outputs], new Rng(1)), torn, objective, { ...options, updates }))

  it.each(Object.entries(acting).filter(([name]) => name !== 'q-mse'))(
    '%s follows the state that counts more',
    (_, [name, own]) => {
      const objective = prepare(name, torn, { ...own, sampleWeights: 'regret' })
      expect(objective.sampleWeights![0]).toBeCloseTo(5 / 3, 5)
      const [first, second] = actionScores(learn(objective, 300) as DiscreteAgent, tensor([[1]])).toArray()
      expect(first).toBeGreaterThan(second!)
    },
  )

  it('settles on the weighted mean of the values', () => {
    const student = learn(prepare('value-mse', torn, { sampleWeights: 'viper' }), 1000) as StateValueAgent
    expect(student.stateValues(tensor([[1]])).item()).toBeCloseTo((5 * 5 + 1 * 1) / 6, 2)
  })

  it('does not exist for rankings of a whole batch, nor for the control without a teacher', () => {
    const dataset = formulaDataset(8)
    const targets = ['value-listnet', softmaxOverStates, softmaxOverOneClass, monteCarloReturns] as const
    for (const target of targets) {
      for (const sampleWeights of sampleWeightings.filter((each) => each !== 'none')) {
        const refused = () => prepareObjective(target, dataset, { sampleWeights })
        expect(refused).toThrow(ValueError)
        expect(refused).toThrow(/sampleWeights is .*this target has no weights; use none/)
      }
    }
  })

  it('is refused by distill before anything is played where it cannot be', () => {
    const refused = (changes: object) => () =>
      someDataset({ env: Object.assign(cartPole(), { step: undefined }) as never, ...changes })
    expect(refused({ target: 'value-listnet', sampleWeights: 'regret' })).toThrow(/this target has no weights/)
    expect(refused({ teacher: () => ({ logits: [0, 1] }), sampleWeights: 'viper' })).toThrow(/has no "actionValues"/)
  })
})
