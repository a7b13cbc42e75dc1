// A temperature chosen from the labelled states alone.

import { describe, expect, it } from 'vitest'
import { actionValueStd, type LabelledDataset, type Objective, type Temperature } from '../../src/distill/index.ts'
import {
  crossValidateTemperature,
  firstWithinOneError,
  type ObjectiveOptions,
  prepareObjective,
  rehearsed,
} from '../../src/distill/objective.ts'
import { type TargetLike, targetOf } from '../../src/distill/targets/index.ts'
import type { DiscreteAgent } from '../../src/rl/policies/discrete-policies.ts'
import { ValueError } from '../../src/tensor/index.ts'
import { monteCarloReturns, valueListNet } from '../../studies/controls.ts'
import { datasetOf, formulaDataset, withColumns } from './formula-dataset.ts'

const CANDIDATES = [1, 0.3, 3, 0.1, 0.03]
const dataset = formulaDataset(15)
const relativeOf = (temperature: Temperature) => ('relative' in temperature ? temperature.relative : Number.NaN)
const statesOf = (part: LabelledDataset) => Array.from({ length: part.size }, (_, row) => part.observation(row).join())

describe('firstWithinOneError', () => {
  it('prefers the first unless another is better by more than a standard error', () => {
    // Differences of mean 0.5: at [1, 0, 1, 0] the standard error is 0.29, at [2, -1, 2, -1] it is 0.87.
    expect(
      firstWithinOneError([
        [1, 0, 1, 0],
        [0, 0, 0, 0],
      ]),
    ).toBe(1)
    expect(
      firstWithinOneError([
        [2, 0, 2, 0],
        [0, 1, 0, 1],
      ]),
    ).toBe(0)
    expect(
      firstWithinOneError([
        [3, 3, 3, 3],
        [2, 0, 2, 0],
        [0, 1, 0, 1],
      ]),
    ).toBe(1)
  })

  it('takes the first of equals, and compares state by state: a loss common to all candidates has no effect', () => {
    expect(
      firstWithinOneError([
        [1, 2],
        [1, 2],
      ]),
    ).toBe(0)
    expect(
      firstWithinOneError([
        [100.1, 0.1, 50.1, 0.1],
        [100, 0, 50, 0],
      ]),
    ).toBe(1)
  })
})

describe('crossValidateTemperature', () => {
  it('chooses the temperature whose students have clearly the least regret on held-out states', () => {
    const negated = (part: LabelledDataset) =>
      withColumns(part, { actionValues: part.column('actionValues').map((q) => -q) })
    const prepare = (part: LabelledDataset, temperature: Temperature) =>
      prepareObjective('policy', relativeOf(temperature) === 0.1 ? part : negated(part), {
        temperature,
      }) as Objective<DiscreteAgent>
    const { temperature, validationRegret } = crossValidateTemperature(prepare, dataset, 0)
    expect(temperature).toEqual({ relative: 0.1 })
    expect(validationRegret).toBeLessThan(0.5)
  })

  it('chooses the first of equals, which is 1', () => {
    const prepare = (part: LabelledDataset) =>
      prepareObjective('policy', part, { temperature: { relative: 0.1 } }) as Objective<DiscreteAgent>
    expect(crossValidateTemperature(prepare, dataset, 0).temperature).toEqual({ relative: 1 })
  })

  it('holds each state out once, and tries all temperatures on the same folds', () => {
    const learned = new Map<number, string[]>()
    const prepare = (part: LabelledDataset, temperature: Temperature) => {
      const relative = relativeOf(temperature)
      learned.set(relative, [...(learned.get(relative) ?? []), ...statesOf(part)])
      return prepareObjective('policy', part, { temperature }) as Objective<DiscreteAgent>
    }
    crossValidateTemperature(prepare, dataset, 7)
    expect([...learned.keys()]).toEqual(CANDIDATES)
    for (const states of learned.values()) {
      expect(states).toEqual(learned.get(1))
      for (const state of statesOf(dataset)) {
        expect(states.filter((each) => each === state)).toHaveLength(4) // of 5 folds
      }
    }
  })
})

describe("temperature: 'auto'", () => {
  const auto = { temperature: 'auto' } as const
  const prepare = (target: TargetLike, given: LabelledDataset, options: object = {}) =>
    prepareObjective(target, given, { ...auto, ...options } as ObjectiveOptions<TargetLike>)
  const rehearse = (target: TargetLike, given: LabelledDataset, options: object = {}) =>
    rehearsed(targetOf(target), given, { ...{ seed: 0, divergence: 'forward-kl', jsBeta: 0.5 }, ...auto, ...options })
  const logitsOnly = withColumns(dataset, { actionValues: undefined, logits: dataset.column('actionValues') })
  /** Where no temperature can be cross-validated. */
  const unsuitable: readonly (readonly [TargetLike, object])[] = [
    ['policy', { divergence: 'hard' }],
    [valueListNet, {}],
  ]

  it('is one of the candidates, and a function of the seed', () => {
    const choose = (seed: number) => prepareObjective('policy', dataset, { ...auto, seed }).metrics
    const { relative, temperature, validationRegret } = choose(3)
    expect(CANDIDATES).toContain(relative)
    expect(temperature).toBeCloseTo(relative! * actionValueStd(dataset.column('actionValues'), 3), 6)
    expect(validationRegret).toBeGreaterThanOrEqual(0)
    expect(choose(3)).toEqual({ relative, temperature, validationRegret })
  })

  it('needs no actions or returns: the states need not have been played', () => {
    const unplayed = withColumns(dataset, { actions: undefined, returns: undefined })
    expect(CANDIDATES).toContain(prepareObjective('policy', unplayed, { ...auto, seed: 3 }).metrics.relative)
  })

  it('throws where there is no temperature, one state alone or no action values', () => {
    for (const [target, options] of unsuitable) {
      expect(() => prepare(target, dataset, options)).toThrow(ValueError)
      expect(() => prepare(target, dataset, options)).toThrow(/there is no temperature to cross-validate/)
    }
    for (const target of ['q-mse', 'value-mse', monteCarloReturns] as const) {
      expect(() => prepare(target, dataset)).toThrow(ValueError)
      expect(() => prepare(target, dataset)).toThrow(/unknown option "temperature"/)
    }
    expect(() => prepare('policy', datasetOf([[1]], [1, 2]))).toThrow(/at least 2 labels/)
    expect(() => prepare('policy', logitsOnly)).toThrow(/has no "actionValues"/)
  })

  it('throws the same without training any student, on made-up labels', () => {
    for (const [target, options] of unsuitable) {
      expect(() => rehearse(target, dataset, options)).toThrow(/there is no temperature to cross-validate/)
    }
    expect(() => rehearse('policy', logitsOnly)).toThrow(/has no "actionValues"/)
    expect(rehearse('policy', dataset).outputs).toBe(3)
  })
})
