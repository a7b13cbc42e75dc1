import { describe, expect, it } from 'vitest'
import { type Cost, CostRecord, isCost, noCost, stepsOf } from '../../../src/distill/dataset/provenance.ts'
import { CheckpointError } from '../../../src/tensor/errors.ts'

const cost: Cost = {
  ...{ labels: 1, jacobians: 2, teacherEvaluations: 3, updates: 7 },
  environmentSteps: { firstRound: 4, laterRounds: 5, choice: 6 },
}

describe('costs', () => {
  it('add up entry by entry', () => {
    expect(CostRecord.of(cost, { ...noCost(), labels: 10, jacobians: 20, teacherEvaluations: 30 })).toEqual({
      ...{ ...cost, labels: 11, jacobians: 22, teacherEvaluations: 33 },
    })
    const twice = CostRecord.of(cost, cost)
    expect(twice.environmentSteps).toEqual({ firstRound: 8, laterRounds: 10, choice: 12 })
    expect(twice.updates).toBe(14)
    expect(stepsOf(cost)).toBe(15)
  })

  it('are copied, saved and restored, steps included', () => {
    const copy = CostRecord.of(cost)
    copy.environmentSteps.choice = 9
    copy.labels = 9
    expect([cost.environmentSteps.choice, cost.labels]).toEqual([6, 1])
    const saved = copy.save()
    copy.addSteps(1)
    expect(saved).toEqual({ ...cost, labels: 9, environmentSteps: { ...cost.environmentSteps, choice: 9 } })
    copy.restore(cost)
    expect(copy).toEqual(CostRecord.of(cost))
    expect(() => copy.restore({ ...cost, labels: -1 })).toThrow(CheckpointError)
    expect(copy.labels).toBe(1)
  })

  it('count environment steps by what they are taken for, and evaluations where the teacher played', () => {
    const record = new CostRecord()
    const play = { environmentSteps: 3, evaluations: 2 }
    record.addPlay(play, true)
    record.purpose = 'laterRounds'
    record.addPlay(play, false)
    record.purpose = 'choice'
    record.addSteps(5)
    expect(record).toEqual(
      CostRecord.of({
        ...noCost(),
        teacherEvaluations: 2,
        environmentSteps: { firstRound: 3, laterRounds: 3, choice: 5 },
      }),
    )
  })

  it('read from a file are whole numbers from 0, all of them and no others', () => {
    expect([cost, noCost()].map(isCost)).toEqual([true, true])
    const { updates: _, ...incomplete } = cost
    const { environmentSteps } = cost
    const wrong = [
      ...[null, 3, [], {}, incomplete],
      ...[
        { ...cost, labels: -1 },
        { ...cost, labels: 0.5 },
        { ...cost, labels: '1' },
        { ...cost, more: 1 },
      ],
      ...[
        { ...cost, environmentSteps: 15 },
        { ...cost, environmentSteps: { ...environmentSteps, more: 1 } },
      ],
      ...[
        { ...cost, environmentSteps: { ...environmentSteps, choice: -1 } },
        { ...incomplete, update: 7 },
      ],
    ]
    expect(wrong.filter(isCost)).toEqual([])
  })
})
