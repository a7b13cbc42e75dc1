import { describe, expect, it } from 'vitest'
import { requireUsable } from '../../src/distill/labelled-set.ts'
import { loadLabelledSet, saveLabelledSet } from '../../src/distill/set-files.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { CheckpointError, ValueError } from '../../src/tensor/index.ts'
import { someSet, someTeacher } from './support.ts'

describe('a labelled set', () => {
  it('comes back from its file as it was, provenance and budgets included', () => {
    const set = someSet()
    expect(loadLabelledSet(saveLabelledSet(set))).toEqual(set)
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
})
