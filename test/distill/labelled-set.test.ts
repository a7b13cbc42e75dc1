import { describe, expect, it } from 'vitest'
import { type LabelledSet, requireSetOf, requireUsable } from '../../src/distill/labelled-set.ts'
import { mergeSets } from '../../src/distill/merge-sets.ts'
import {
  labelledSetFromJson,
  labelledSetToJson,
  loadLabelledSet,
  saveLabelledSet,
} from '../../src/distill/set-files.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { make } from '../../src/rl/registry.ts'
import { AlambicError, CheckpointError, ShapeError, ValueError } from '../../src/tensor/index.ts'
import { cartPole, someSet, someTeacher } from './support.ts'

describe('a labelled set', () => {
  it('comes back from its file as it was, provenance and budgets included', () => {
    const set = someSet()
    expect(loadLabelledSet(saveLabelledSet(set))).toEqual(set)
  })

  it('comes back from JSON as it was, and where nobody played as well', () => {
    for (const set of [someSet(), someSet({ mode: 'boundingBox' })]) {
      expect(labelledSetFromJson(labelledSetToJson(set))).toEqual(set)
      expect(loadLabelledSet(saveLabelledSet(set))).toEqual(set)
    }
  })

  it.each([
    ['{', /labelledSetFromJson: the text is no JSON/],
    ['[]', /no "size" and "observationSize"/],
    ['{"size":1,"observationSize":1}', /it must name its envId/],
    [
      labelledSetToJson(someSet()).replace('"observations":[', '"observations":["x",'),
      /"observations" is no list of numbers/,
    ],
    [labelledSetToJson(someSet()).replace('"seed":3', '"seed":"3"'), /it must name its envId/],
    [labelledSetToJson(someSet()).replace('"size":40', '"size":41'), /41 states has 160 numbers of observations/],
  ])('from bad JSON is refused', (text, message) => {
    expect(() => labelledSetFromJson(text)).toThrow(AlambicError)
    expect(() => labelledSetFromJson(text)).toThrow(message)
  })

  it('of another kind of file is refused', () => {
    const { network } = someTeacher().agent as unknown as { network: Parameters<typeof saveParameters>[0] }
    expect(() => loadLabelledSet(saveParameters(network))).toThrow(CheckpointError)
    const file = saveLabelledSet(someSet())
    expect(() => loadLabelledSet(file.subarray(0, file.length - 8))).toThrow(CheckpointError)
  })

  it('must not be empty, nor hold what is not a number', () => {
    const set = someSet()
    const none = new Float32Array(0)
    expect(() => requireUsable('train', { ...set, size: 0, observations: none })).toThrow(
      /train: the labelled set is empty/,
    )
    const actionValues = set.actionValues!.slice()
    actionValues[7] = Number.NaN
    expect(() => requireUsable('train', { ...set, actionValues })).toThrow(/actionValues hold NaN for state 3/)
    expect(() => requireUsable('train', { ...set, actionValues })).toThrow(ValueError)
    expect(() => requireUsable('train', { ...set, size: set.size + 1 })).toThrow(
      /41 states has 160 numbers of observations/,
    )
  })

  it('has actions that there are', () => {
    const set = someSet()
    const actions = set.actions.slice()
    actions[5] = 2
    expect(() => requireUsable('train', { ...set, actions })).toThrow(
      /train: the action of state 5 is 2; expected 0 to 1/,
    )
  })

  it('of another environment is refused', () => {
    expect(() => requireSetOf('distill', someSet(), make('Acrobot-v1'))).toThrow(
      /the labelled set is of CartPole-v1, the environment is Acrobot-v1/,
    )
    expect(() => requireSetOf('distill', { ...someSet(), actionCount: 3 }, cartPole())).toThrow(ShapeError)
  })
})

describe('two sets as one', () => {
  const [a, b] = [someSet({ seed: 1 }), someSet({ seed: 2, labels: 30, mode: 'teacherIid' })]

  it('are the states of both, budgets and origins included', () => {
    const both = mergeSets(a, b)
    requireUsable('test', both)
    expect([both.size, both.labels]).toEqual([70, 70])
    expect(both.environmentSteps).toBe(a.environmentSteps + b.environmentSteps)
    expect(both.observations).toEqual(Float32Array.from([...a.observations, ...b.observations]))
    expect(both.actionValues).toEqual(Float32Array.from([...a.actionValues!, ...b.actionValues!]))
    expect(both.actions).toEqual(Int32Array.from([...a.actions, ...b.actions]))
    expect(both.provenance).toEqual({
      mode: 'mixedEpsilon + teacherIid',
      seed: 1,
      teacher: 'untrained',
      parts: [a.provenance, b.provenance],
    })
    expect(loadLabelledSet(saveLabelledSet(both))).toEqual(both)
    const third = someSet({ seed: 3 })
    expect(mergeSets(both, third).provenance.parts).toEqual([a, b, third].map(({ provenance }) => provenance))
  })

  it.each([
    [{ envId: 'Acrobot-v1' }, /one set is of CartPole-v1, the other of Acrobot-v1/],
    [{ stateValues: undefined }, /one set has actionValues, stateValues, the other actionValues/],
    [{ actions: new Int32Array(0) }, /one set has actions that were played, the other none/],
    [{ observations: a.observations.slice(0, 120) }, /state 0 of the second set is state 0 of the first/],
  ])('that do not go together are refused: %j', (change, message) => {
    const other = Object.fromEntries(Object.entries({ ...b, ...change }).filter(([, value]) => value !== undefined))
    expect(() => mergeSets(a, other as unknown as LabelledSet)).toThrow(ValueError)
    expect(() => mergeSets(a, other as unknown as LabelledSet)).toThrow(message)
  })

  it('of other sizes are refused', () => {
    const wide = { ...b, observationSize: 2, size: 60, actions: new Int32Array(60), returns: new Float32Array(60) }
    const { actionValues: _, stateValues: __, ...bare } = wide
    expect(() => mergeSets(a, bare)).toThrow(/one set has 4 numbers a state and 2 actions, the other 2 and 2/)
  })
})
