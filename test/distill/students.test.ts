import { describe, expect, it } from 'vitest'
import { readDistillOptions } from '../../src/distill/options.ts'
import { Students } from '../../src/distill/students.ts'
import { targetOf } from '../../src/distill/targets/index.ts'
import type { Target } from '../../src/distill/targets/target.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import type { HasParameters } from '../../src/nn/module.ts'
import { someDataset } from './support.ts'

describe('a committee', () => {
  const dataset = someDataset()
  const members = (changes: object = {}) => {
    const target = targetOf('policy') as Target
    const given = {
      labels: 40,
      rounds: 2,
      selection: 'disagreement',
      committee: 3,
      updates: 5,
      roundUpdates: 4,
      seed: 1,
    }
    const students = new Students(
      target,
      dataset,
      readDistillOptions(target, { ...given, ...changes }, undefined),
      undefined,
    )
    return students.committee(dataset).map((each) => saveParameters(each as unknown as HasParameters))
  }

  it('has as many students as asked for, each from a seed of its own: seed, seed + 1, …', () => {
    const [first, second, third] = members()
    expect([first, second, third].map((each) => each?.length)).not.toContain(undefined)
    expect(second).not.toEqual(first)
    expect(third).not.toEqual(second)
    expect(members({ seed: 2 }).slice(0, 2)).toEqual([second, third])
  })

  it('is trained for roundUpdates', () => {
    expect(members({ updates: 9 })).toEqual(members())
    expect(members({ roundUpdates: 5 })).not.toEqual(members())
  })
})
