// A temperature chosen from the labelled states alone.

import { describe, expect, it } from 'vitest'
import type { LabelledSet } from '../../src/distill/labelled-set.ts'
import { rehearse } from '../../src/distill/rehearsal.ts'
import {
  chooseTemperature,
  firstWithinOneError,
  policyTarget,
  prepareTarget,
  type TargetName,
  TRIED_TEMPERATURES,
} from '../../src/distill/targets.ts'
import { actionGap, type Temperature } from '../../src/distill/temperature.ts'
import { ValueError } from '../../src/tensor/index.ts'
import { formulaSet, setOf } from './targets-set.ts'

const set = formulaSet(15)

describe('firstWithinOneError', () => {
  it('prefers the first unless another is better by more than chance', () => {
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

  it('takes the first of equals, and compares state by state: what all find hard counts for none', () => {
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
  it('is one of the tried, and a function of the seed', () => {
    const choose = (seed: number) => prepareTarget('policy', set, { temperature: 'auto', seed }).settings
    const { c, tau, validationRegret } = choose(3)
    expect(TRIED_TEMPERATURES).toContain(c)
    expect(tau).toBeCloseTo(c! * actionGap(set.actionValues!, 3), 6)
    expect(validationRegret).toBeGreaterThanOrEqual(0)
    expect(choose(3)).toEqual({ c, tau, validationRegret })
  })

  it('takes the one whose students lose clearly least on states held out', () => {
    const upsideDown = (part: LabelledSet) => ({ ...part, actionValues: part.actionValues!.map((q) => -q) })
    const prepare = (part: LabelledSet, temperature: Temperature) =>
      policyTarget(temperature.kind === 'gap' && temperature.c === 0.1 ? part : upsideDown(part), { temperature })
    const { c, regret } = chooseTemperature(prepare, set, 0)
    expect(c).toBe(0.1)
    expect(regret).toBeLessThan(0.5)
  })

  it('takes the first of equals, one gap', () => {
    const prepare = (part: LabelledSet) => policyTarget(part, { temperature: { kind: 'gap', c: 0.1 } })
    expect(chooseTemperature(prepare, set, 0)).toMatchObject({ c: 1, temperature: { kind: 'gap', c: 1 } })
  })

  it('judges each state once, by students that did not see it, and tries all on the same parts', () => {
    const learned = new Map<number, string[]>()
    const prepare = (part: LabelledSet, temperature: Temperature) => {
      const c = temperature.kind === 'gap' ? temperature.c : Number.NaN
      const states = Array.from({ length: part.size }, (_, i) => part.observations.slice(3 * i, 3 * i + 3).join())
      learned.set(c, [...(learned.get(c) ?? []), ...states])
      return policyTarget(part, { temperature })
    }
    chooseTemperature(prepare, set, 7)
    expect([...learned.keys()]).toEqual(TRIED_TEMPERATURES)
    const all = Array.from({ length: set.size }, (_, i) => set.observations.slice(3 * i, 3 * i + 3).join())
    for (const states of learned.values()) {
      expect(states).toEqual(learned.get(1))
      for (const state of all) expect(states.filter((each) => each === state)).toHaveLength(4) // of 5 folds
    }
  })

  it('needs no actions or returns: states that nobody played will do', () => {
    const unplayed = { ...set, actions: new Int32Array(0), returns: new Float32Array(0) }
    const { settings } = prepareTarget('policy', unplayed, { temperature: 'auto', seed: 3 })
    expect(TRIED_TEMPERATURES).toContain(settings.c)
  })

  it('is refused where there is nothing to choose, to hold out or to reckon regret in', () => {
    for (const name of ['hard', 'regret', 'listwise', 'stateValues', 'returns'] as TargetName[]) {
      expect(() => prepareTarget(name, set, { temperature: 'auto' }), name).toThrow(ValueError)
      expect(() => prepareTarget(name, set, { temperature: 'auto' }), name).toThrow(/no temperature that can be chosen/)
    }
    expect(() => prepareTarget('policy', setOf([[1]], [1, 2]), { temperature: 'auto' })).toThrow(/at least 2 labels/)
    const { actionValues, ...rest } = set
    const logitsOnly = { ...rest, logits: actionValues! }
    expect(() => prepareTarget('policy', logitsOnly, { temperature: 'auto' })).toThrow(/gave no actionValues/)
  })

  it('is refused in the rehearsal, before anything is played, in the same words', () => {
    const { actionValues, ...rest } = set
    const logitsOnly = { ...rest, logits: actionValues! }
    expect(() => rehearse('hard', set, { temperature: 'auto' })).toThrow(/no temperature that can be chosen/)
    expect(() => rehearse('policy', logitsOnly, { temperature: 'auto' })).toThrow(/gave no actionValues/)
    expect(rehearse('policy', set, { temperature: 'auto' }).outputs).toBe(3)
  })
})
