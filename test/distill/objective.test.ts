// Weights of states, the one-standard-error rule and what is refused, by numbers. See cross-validate.test.ts and sample-weights.test.ts.

import { describe, expect, it } from 'vitest'
import { Discrete } from '../../src/data/spaces.ts'
import { LabelledDataset } from '../../src/distill/dataset/dataset.ts'
import { firstWithinOneError, prepareObjective, rehearsed, sampleWeightsOf } from '../../src/distill/objective.ts'
import { type TargetName, targetOf } from '../../src/distill/targets/index.ts'
import { ValueError } from '../../src/tensor/errors.ts'
import { datasetOf, withColumns } from './formula-dataset.ts'

const two = datasetOf([[0], [1]], [1, 0, 5, 2, 2, 4]) // max - mean: 3, 4/3; max - min: 5, 2
const expectWeights = (got: Float32Array | undefined, expected: readonly number[]) => {
  expect(got).toHaveLength(expected.length)
  for (const [i, weight] of expected.entries()) expect(got![i]).toBeCloseTo(weight, 6)
}

describe('sample weights', () => {
  it('are costs of other actions over their mean', () => {
    expectWeights(sampleWeightsOf('regret', two, { relative: 1 }), [18 / 13, 8 / 13])
    expectWeights(sampleWeightsOf('viper', two, { relative: 1 }), [10 / 7, 4 / 7])
    expect(sampleWeightsOf('none', two, { relative: 1 })).toBeUndefined()
    expectWeights(sampleWeightsOf('regret', datasetOf([[0], [1]], [2, 2, 1, 0]), { relative: 1 }), [0, 2])
    expect(() => sampleWeightsOf('regret', datasetOf([[0]], [3, 3]), { relative: 1 })).toThrow(
      'sampleWeights: all actions have the same value in every labelled state; use "none"',
    )
  })

  it('are the confidence of softmax(scores/τ), of logits or else of action values', () => {
    const confident = datasetOf([[0], [1]], [2 * Math.log(3), 0, 0, 0])
    expectWeights(sampleWeightsOf('confidence', confident, { absolute: 2 }), [1.2, 0.8]) // of ¾ and ½
    const both = withColumns(two, { logits: Float32Array.of(0, 0, 0, 0, 0, Math.log(2)) })
    expectWeights(sampleWeightsOf('confidence', both, { absolute: 1 }), [0.8, 1.2]) // of ⅓ and ½
    // Standard deviations of 2 and 0, so that τ is as given: 0.9 and ½.
    const relative = datasetOf([[0], [1]], [4, 0, 0, 0])
    expectWeights(sampleWeightsOf('confidence', relative, { relative: 4 / Math.log(9) }), [
      (2 * 0.9) / 1.4,
      (2 * 0.5) / 1.4,
    ])
  })

  it('are part of an objective where they are asked for', () => {
    expect(prepareObjective('policy', two).sampleWeights).toBeUndefined()
    expectWeights(prepareObjective('policy', two, { sampleWeights: 'viper' }).sampleWeights, [10 / 7, 4 / 7])
    expect(prepareObjective('value-listnet', two, { sampleWeights: 'none' }).outputs).toBe(1)
    expect(() => prepareObjective('value-listnet', two, { sampleWeights: 'viper' })).toThrow(
      'value-listnet: sampleWeights is viper, but this target has no weights; use none',
    )
  })
})

describe('the one-standard-error rule', () => {
  it('takes the first row whose mean exceeds the least by no more than the error of their difference', () => {
    // Differences 1 and 0: mean ½, variance ½ (n - 1 in the denominator), standard error √(½ / 2) = ½.
    expect(firstWithinOneError([[1, 0], [0, 0]])).toBe(0) // biome-ignore format: a row a candidate
    expect(firstWithinOneError([[1.5, 0.25], [0, 0]])).toBe(1) // biome-ignore format: mean 0.875, error 0.625
    expect(firstWithinOneError([[3, 3], [1, 0], [0, 0]])).toBe(1) // biome-ignore format: a row a candidate
    expect(firstWithinOneError([[0, 0], [1, 0]])).toBe(0) // biome-ignore format: a row a candidate
    // Differences 2, 0, 1: mean 1, variance 1, standard error 0.577.
    expect(firstWithinOneError([[2, 1, 3], [0, 1, 2]])).toBe(1) // biome-ignore format: a row a candidate
  })
})

describe('labels that a target cannot learn from', () => {
  const spec = { envId: 'some', observationSize: 1, actionSpace: new Discrete(2) }
  const observations = Float32Array.of(1)

  it('are named', () => {
    const states = LabelledDataset.of(spec, { observations })
    expect(() => prepareObjective('q-mse', states)).toThrow('q-mse: learns from actionValues; the labels are missing')
    const values = LabelledDataset.of(spec, {
      observations,
      stateValues: Float32Array.of(2),
      returns: Float32Array.of(1),
    })
    expect(() => prepareObjective('policy', values)).toThrow(
      'policy: learns from logits or actionValues or mean or actions; the labels are returns, stateValues',
    )
    expect(() => prepareObjective('q-mse', new LabelledDataset(spec))).toThrow('q-mse: the dataset is empty')
  })

  const rehearse = (target: TargetName, dataset: LabelledDataset, options: object = {}) =>
    rehearsed(targetOf(target), dataset, {
      ...{ seed: 0, sampleWeights: 'none', divergence: 'forward-kl', temperature: 'auto', ...options },
    })

  it('or hold no temperature to be chosen', () => {
    const nothing = 'temperature is auto, but there is no temperature to cross-validate; give none'
    expect(() => rehearse('policy', two, { divergence: 'hard' })).toThrow(`policy: ${nothing}`)
    expect(() => rehearse('value-listnet', two)).toThrow(`value-listnet: ${nothing}`)
    expect(() => rehearse('policy', datasetOf([[0]], [0, 1]))).toThrow('at least 2 labels, the dataset has 1')
    const logits = LabelledDataset.of(spec, { observations, logits: Float32Array.of(1, 2) })
    expect(() => rehearse('policy', logits)).toThrow('has no "actionValues"')
    expect(() => rehearse('policy', logits, { temperature: { relative: 1 } })).not.toThrow()
    expect(() => rehearse('policy', logits, { divergence: 'hard' })).toThrow(ValueError)
    // Two states are enough. Rehearsed with the default: a standard deviation of the action values.
    const { metrics } = rehearse('policy', datasetOf([[0], [1]], [0, 2, 0, 6]))
    expect(metrics.temperature).toBeCloseTo(2, 6)
  })
})
