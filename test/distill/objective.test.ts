// The one-standard-error rule and what is refused, by numbers. See cross-validate.test.ts.

import { describe, expect, it } from 'vitest'
import { Discrete } from '../../src/data/spaces.ts'
import { LabelledDataset } from '../../src/distill/dataset/dataset.ts'
import { firstWithinOneError, prepareObjective, rehearsed } from '../../src/distill/objective.ts'
import { type TargetName, targetOf } from '../../src/distill/targets/index.ts'
import { ValueError } from '../../src/tensor/errors.ts'
import { datasetOf } from './formula-dataset.ts'

const two = datasetOf([[0], [1]], [1, 0, 5, 2, 2, 4]) // max - mean: 3, 4/3; max - min: 5, 2
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
    rehearsed(targetOf(target), dataset, { ...{ seed: 0, divergence: 'forward-kl', temperature: 'auto', ...options } })

  it('or hold no temperature to be chosen', () => {
    const nothing = 'temperature is auto, but there is no temperature to cross-validate; give none'
    expect(() => rehearse('policy', two, { divergence: 'hard' })).toThrow(`policy: ${nothing}`)
    expect(() => rehearse('value-mse', two)).toThrow(`value-mse: ${nothing}`)
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
