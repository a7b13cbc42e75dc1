// A temperature chosen from the labelled states alone.

import { describe, expect, it } from 'vitest'
import { crossValidateTemperature, firstWithinOneError } from '../../src/distill/cross-validate.ts'
import { type DatasetColumns, LabelledDataset } from '../../src/distill/dataset.ts'
import { relabel } from '../../src/distill/dataset-operations.ts'
import { prepareObjective } from '../../src/distill/objective.ts'
import type { Objective } from '../../src/distill/targets/target.ts'
import { actionValueStd, type Temperature } from '../../src/distill/temperature.ts'
import type { DiscreteAgent } from '../../src/rl/discrete-policies.ts'
import { ValueError } from '../../src/tensor/index.ts'
import { monteCarloReturns } from '../../studies/controls.ts'
import { prepare } from './every-target.ts'
import { datasetOf, formulaDataset } from './formula-dataset.ts'
import { cartPole, someDataset, statesOf } from './support.ts'

const dataset = formulaDataset(15)
const candidates = [1, 0.3, 3, 0.1, 0.03]
const logitsOnly = relabel(dataset, { logits: dataset.column('actionValues') }, 'policy')
const policyOf = (part: LabelledDataset, temperature: Temperature) =>
  prepareObjective('policy', part, { temperature }) as Objective<DiscreteAgent>

describe('the first within one standard error', () => {
  it('is preferred unless another is better by more than chance', () => {
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

  it('is the first of equals, compared state by state: what is hard for all counts for none', () => {
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

describe('temperature "auto"', () => {
  it('is one of the candidates, and a function of the seed', () => {
    const choose = (seed: number) => prepareObjective('policy', dataset, { temperature: 'auto', seed }).metrics
    const { relative, temperature, validationRegret } = choose(3)
    expect(candidates).toContain(relative)
    expect(temperature).toBeCloseTo(relative! * actionValueStd(dataset.column('actionValues'), 3), 6)
    expect(validationRegret).toBeGreaterThanOrEqual(0)
    expect(choose(3)).toEqual({ relative, temperature, validationRegret })
  })

  it('is that whose students lose clearly least on states held out', () => {
    const upsideDown = (part: LabelledDataset) =>
      relabel(part, { actionValues: part.column('actionValues').map((q) => -q) }, 'upside down')
    const prepareBut = (part: LabelledDataset, temperature: Temperature) =>
      policyOf('relative' in temperature && temperature.relative === 0.1 ? part : upsideDown(part), temperature)
    const { temperature, validationRegret } = crossValidateTemperature(prepareBut, dataset, 0)
    expect(temperature.relative).toBe(0.1)
    expect(validationRegret).toBeLessThan(0.5)
  })

  it('is the first of equals, one standard deviation', () => {
    const always = (part: LabelledDataset) => policyOf(part, { relative: 0.1 })
    expect(crossValidateTemperature(always, dataset, 0).temperature).toEqual({ relative: 1 })
  })

  it('judges each state once, by students that did not learn it, and tries all on the same parts', () => {
    const learned = new Map<number, string[]>()
    const noting = (part: LabelledDataset, temperature: Temperature) => {
      const relative = 'relative' in temperature ? temperature.relative : Number.NaN
      learned.set(relative, [...(learned.get(relative) ?? []), ...statesOf(part)])
      return policyOf(part, temperature)
    }
    crossValidateTemperature(noting, dataset, 7)
    expect([...learned.keys()]).toEqual(candidates)
    for (const states of learned.values()) {
      expect(states).toEqual(learned.get(1))
      for (const state of statesOf(dataset)) expect(states.filter((each) => each === state)).toHaveLength(4) // of 5 folds
    }
  })

  it('needs no actions or returns: states that were not played will do', () => {
    const { actions: _, returns: __, ...columns } = dataset.save().columns as unknown as DatasetColumns
    const notPlayed = LabelledDataset.of(dataset.spec, columns as DatasetColumns)
    const { metrics } = prepareObjective('policy', notPlayed, { temperature: 'auto', seed: 3 })
    expect(candidates).toContain(metrics.relative)
  })

  it('is refused where there is nothing to choose, to hold out or to measure regret by', () => {
    const auto = { temperature: 'auto' } as const
    const hard = { ...auto, divergence: 'hard' }
    for (const refused of [() => prepare('policy', dataset, hard), () => prepare('value-listnet', dataset, auto)]) {
      expect(refused).toThrow(ValueError)
      expect(refused).toThrow(/no temperature to cross-validate/)
    }
    for (const name of ['expected-regret', 'value-mse'] as const) {
      expect(() => prepare(name, dataset, auto), name).toThrow(/unknown option "temperature"/)
    }
    expect(() => prepareObjective(monteCarloReturns, dataset, auto as never)).toThrow(/unknown option "temperature"/)
    expect(() => prepare('policy', datasetOf([[1]], [1, 2]), auto)).toThrow(/at least 2 labels/)
    expect(() => prepare('policy', logitsOnly, auto)).toThrow(/has no "actionValues"/)
  })

  it('is refused by distill before anything is played, in the same words', () => {
    const notAllowed = () => {
      throw new Error('nothing may be played')
    }
    const options = { temperature: 'auto', env: Object.assign(cartPole(), { step: notAllowed }) } as const
    const logits = () => ({ logits: [0, 1] })
    expect(() => someDataset({ ...options, divergence: 'hard' })).toThrow(/no temperature to cross-validate/)
    expect(() => someDataset({ ...options, teacher: logits })).toThrow(/has no "actionValues"/)
  })
})
