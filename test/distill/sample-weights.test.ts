import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LabelledDataset } from '../../src/distill/dataset/dataset.ts'
import { fitStudent } from '../../src/distill/fit.ts'
import {
  prepareObjective,
  type SampleWeighting,
  sampleWeightings,
  sampleWeightsOf,
} from '../../src/distill/objective.ts'
import { MLP } from '../../src/nn/layers/mlp.ts'
import { actionPreferences, type DiscreteAgent } from '../../src/rl/policies/discrete-policies.ts'
import { finish } from '../../src/rl/training/training.ts'
import { Rng, tensor, ValueError } from '../../src/tensor/index.ts'
import { monteCarloReturns, softmaxOverOneClass, softmaxOverStates } from '../../studies/controls.ts'
import { datasetOf, formulaDataset, withColumns } from './formula-dataset.ts'

const weightsOf = (weighting: SampleWeighting, dataset: LabelledDataset) =>
  sampleWeightsOf(weighting, dataset, { relative: 1 })!

describe('sample weights', () => {
  const dataset = datasetOf([[0], [1]], [1, 0, 5, 2, 2, 4]) // max - mean: 3, 4/3; max - min: 5, 2

  it('are the cost of a random action with regret, of the worst with viper, and absent with none', () => {
    const [first, second] = weightsOf('regret', dataset)
    expect(first! / second!).toBeCloseTo(9 / 4, 6)
    const [worstFirst, worstSecond] = weightsOf('viper', dataset)
    expect(worstFirst! / worstSecond!).toBeCloseTo(5 / 2, 6)
    expect(weightsOf('none', dataset)).toBeUndefined()
  })

  it("are the largest probability of the teacher's policy with confidence", () => {
    const two = datasetOf([[0], [1]], [Math.log(3), 0, 0, 0]) // softmax: 3/4 and 1/2
    const byLogits = withColumns(two, { actionValues: undefined, logits: two.column('actionValues') })
    for (const labels of [two, byLogits]) {
      const [sure, unsure] = sampleWeightsOf('confidence', labels, { absolute: 1 })!
      expect(sure! / unsure!).toBeCloseTo(3 / 2, 6)
    }
  })

  it('have mean 1, are never negative, and do not change with what all actions of a state share', () => {
    const labels = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(labels, fc.integer({ min: -50, max: 50 }), (values, shared) => {
        fc.pre(values[0] !== values[1])
        const rows = [[0], [1], [2], [3]]
        const moved = datasetOf(
          rows,
          values.map((v, i) => v + (i < 3 ? shared : 0)),
        )
        for (const weighting of ['regret', 'viper', 'confidence'] as const) {
          const weights = weightsOf(weighting, datasetOf(rows, values))
          expect(weights.reduce((sum, w) => sum + w, 0) / 4).toBeCloseTo(1, 5)
          expect(Math.min(...weights)).toBeGreaterThanOrEqual(0)
          const shifted = weightsOf(weighting, moved)
          for (const [i, w] of weights.entries()) expect(shifted[i]).toBeCloseTo(w, 4)
        }
      }),
    )
  })

  it('throw on a misspelt name, on missing labels, and where all actions have the same value', () => {
    const misspelt = { sampleWeights: 'vipr' as SampleWeighting }
    expect(() => prepareObjective('policy', dataset, misspelt)).toThrow(
      'sampleWeights is "vipr"; expected one of none, regret, viper, confidence',
    )
    const without = withColumns(dataset, { actionValues: undefined })
    expect(() => weightsOf('regret', without)).toThrow(/has no "actionValues"/)
    expect(() => weightsOf('viper', datasetOf([[0]], [2, 2]))).toThrow(/all actions have the same value/)
  })
})

describe('a weighted target', () => {
  // The same observation twice, with opposite labels: the state with the larger weight decides.
  const torn = datasetOf([[1], [1]], [5, 0, 0, 1])
  const training = { learningRate: 0.02, standardize: false }

  it.each([
    ['policy'],
    ['policy', { divergence: 'reverse-kl' }],
    ['policy', { divergence: 'jsd' }],
    ['policy', { divergence: 'hard' }],
    ['expected-regret'],
    ['soft-actor'],
    ['q-softmax'],
    ['soft-and-hard'],
    ['q-hl-gauss'],
    ['advantage-mse'],
  ] as const)('%s %j follows the state with the larger weight', (target, options = undefined) => {
    const objective = prepareObjective(target as 'policy', torn, { sampleWeights: 'regret', ...options })
    expect(objective.sampleWeights![0]).toBeCloseTo(5 / 3, 5)
    const network = new MLP([1, 8, objective.outputs], new Rng(1))
    const student = finish(fitStudent(network, torn, objective, { updates: 300, ...training }))
    const [first, second] = actionPreferences(student as DiscreteAgent, tensor([[1]])).toArray()
    expect(first).toBeGreaterThan(second!)
  })

  it('learns the weighted mean of the values', () => {
    const objective = prepareObjective('value-mse', torn, { sampleWeights: 'viper' })
    const network = new MLP([1, 8, 1], new Rng(1))
    const student = finish(fitStudent(network, torn, objective, { updates: 1000, ...training }))
    expect(student.stateValues(tensor([[1]])).item()).toBeCloseTo((5 * 5 + 1 * 1) / 6, 2)
  })

  it('does not exist for rankings of a minibatch, nor for the control without a teacher', () => {
    const dataset = formulaDataset(8)
    for (const target of ['value-listnet', softmaxOverStates, softmaxOverOneClass, monteCarloReturns] as const) {
      for (const sampleWeights of sampleWeightings.filter((each) => each !== 'none')) {
        const prepare = () => prepareObjective(target, dataset, { sampleWeights })
        expect(prepare).toThrow(ValueError)
        expect(prepare).toThrow(/this target has no weights; use none/)
      }
    }
  })
})
