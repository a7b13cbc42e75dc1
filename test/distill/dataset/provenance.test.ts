import { describe, expect, it } from 'vitest'
import { type Cost, copyCost, isCost, noCost, stepsOf, sumOfCosts } from '../../../src/distill/dataset/provenance.ts'

const cost: Cost = {
  ...{ labels: 1, jacobians: 2, teacherEvaluations: 3, updates: 7 },
  environmentSteps: { firstRound: 4, laterRounds: 5, choice: 6 },
}

describe('costs', () => {
  it('add up entry by entry', () => {
    expect(sumOfCosts(cost, { ...noCost(), labels: 10, jacobians: 20, teacherEvaluations: 30 })).toEqual({
      ...{ ...cost, labels: 11, jacobians: 22, teacherEvaluations: 33 },
    })
    const twice = sumOfCosts(cost, cost)
    expect(twice.environmentSteps).toEqual({ firstRound: 8, laterRounds: 10, choice: 12 })
    expect(twice.updates).toBe(14)
    expect(stepsOf(cost)).toBe(15)
  })

  it('are copied, steps included', () => {
    const copy = copyCost(cost)
    copy.environmentSteps.choice = 9
    copy.labels = 9
    expect([cost.environmentSteps.choice, cost.labels]).toEqual([6, 1])
    expect(copyCost(cost)).toEqual(cost)
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
