import { describe, expect, it } from 'vitest'
import { goals, reaches } from '../../../studies/small-data/goals.ts'
import type { CellRecord } from '../../../studies/small-data/record.ts'
import { groupRecords, improvementOver, profileOf, summarize } from '../../../studies/small-data/summary.ts'

/** A run with this score; everything else alike. */
function record(score: number, more: Partial<CellRecord> = {}): CellRecord {
  return {
    ...{ task: 'cartpole', teacher: 1, method: 'soft-iid', size: '7', labels: 50, seed: 0, fingerprint: '' },
    ...{ mean: 20 + 480 * score, score, randomReturn: 20, teacherReturn: 500, returns: [] },
    ...{
      ...{ teacherLabels: 50, environmentSteps: 10_000, updates: 1500, parameters: 4610, cpuSeconds: 0.1 },
      wallSeconds: 0.1,
    },
    ...more,
  }
}

const scores = (values: readonly number[], more?: Partial<CellRecord>) => values.map((score) => record(score, more))

it('groups: come in the order of methods, sizes and labels, with their tasks in order', () => {
  const groups = groupRecords([
    record(1, { method: 'no-teacher' }),
    record(1, { labels: 1000 }),
    record(1, { task: 'pendulum' }),
    record(1, { labels: 200 }),
    record(1),
    record(1, { size: '100' }),
  ])
  expect(groups.map(({ method, size, labels }) => `${method} ${size} ${labels}`)).toEqual([
    'soft-iid 100 50',
    'soft-iid 7 50',
    'soft-iid 7 200',
    'soft-iid 7 1000',
    'no-teacher 7 50',
  ])
  expect(groups[1]!.tasks.map(({ task }) => task)).toEqual(['cartpole', 'pendulum'])
})

describe('a summary', () => {
  const [group] = groupRecords([...scores([0, 0.8, 1, 1.2]), ...scores([0.5, 0.5, 0.6, 0.8], { task: 'acrobot' })])
  const summary = summarize(group!)

  it('has the aggregates of all tasks', () => {
    // sorted: 0 .5 | .5 .6 .8 .8 | 1 1.2
    expect(summary.iqm).toBeCloseTo((0.5 + 0.6 + 0.8 + 0.8) / 4, 12)
    expect(summary.worst).toBe(0)
    expect(summary.failures).toBe(1 / 8) // below 0.5: the score of 0 alone
    expect(summary.tasks.map(({ failures }) => failures)).toEqual([1 / 4, 0])
    expect(summary.optimalityGap).toBeCloseTo(1 - (0 + 0.8 + 1 + 1 + 0.5 + 0.5 + 0.6 + 0.8) / 8, 12)
    expect(summary.interval.low).toBeLessThan(summary.iqm)
    expect(summary.interval.high).toBeGreaterThan(summary.iqm)
  })

  it('has each task on its own', () => {
    const [cartpole, acrobot] = summary.tasks
    expect(cartpole).toMatchObject({ task: 'cartpole', runs: 4, worst: 0, randomReturn: 20, teacherReturn: 500 })
    expect(cartpole!.score).toBeCloseTo(0.75, 12)
    expect(cartpole!.meanReturn).toBeCloseTo(20 + 480 * 0.75, 9)
    expect(acrobot!.interval.low).toBeGreaterThanOrEqual(0.5)
    expect(acrobot!.interval.high).toBeLessThanOrEqual(0.8)
  })
})

it('a profile starts at 1 and has each share within its interval', () => {
  const profile = profileOf(groupRecords(scores([0.2, 0.9, 0.95, 1]))[0]!)
  expect(profile[0]).toEqual({ threshold: -0.1, share: 1, low: 1, high: 1 })
  expect(profile.find(({ threshold }) => threshold === 0.5)?.share).toBe(0.75)
  for (const { share, low, high } of profile) {
    expect(low).toBeLessThanOrEqual(share)
    expect(high).toBeGreaterThanOrEqual(share)
  }
})

describe('improvement', () => {
  const [good, bad, elsewhere] = ['soft-iid', 'hard-iid', 'no-teacher'].map((method, i) =>
    groupRecords(scores([0.5 - 0.1 * i, 0.9 - 0.1 * i], { method, task: i === 2 ? 'acrobot' : 'cartpole' })),
  )

  it('is the share of pairs won', () => {
    expect(improvementOver(good![0]!, bad![0]!)).toMatchObject({ method: 'hard-iid', probability: 0.75 })
  })

  it('is not told of methods that were measured in different tasks', () => {
    expect(improvementOver(good![0]!, elsewhere![0]!)).toBeUndefined()
  })
})

describe('a goal', () => {
  const gold = goals.find(({ name }) => name === 'gold')!
  const of = (cartpole: readonly number[], acrobot: readonly number[]) =>
    summarize(groupRecords([...scores(cartpole), ...scores(acrobot, { task: 'acrobot' })])[0]!)

  it('is reached when all of it is', () => {
    const fine = [0.96, 0.97, 0.98, 1]
    expect(reaches(gold, of(fine, fine))).toBe(true)
    expect(reaches(gold, of(fine, [0.9, 0.9, 0.95, 0.98]))).toBe(false) // a task below 0.95
    expect(reaches(gold, of(fine, [0.6, 1.1, 1.1, 1.1]))).toBe(false) // a run below 0.7
  })
})
