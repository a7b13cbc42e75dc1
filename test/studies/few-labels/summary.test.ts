import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../studies/few-labels/goals.ts'
import { summariesOf } from '../../../studies/few-labels/summary.ts'
import { recordOf } from './records.ts'

const scores = [1, 0.9, 0.97, 0.2].map((score, seed) => recordOf(score, { seed }))
const acrobot = [1, 1, 0.96, 0.98].map((score, seed) =>
  recordOf(score, { task: 'acrobot', teacher: 'acrobot-ppo', seed, jacobians: 50 }),
)

describe('a summary', () => {
  const [summary] = summariesOf([...scores, ...acrobot])

  it('has means by task, the middle half of all scores and the shares', () => {
    expect(summary!.tasks.map(({ task, value }) => [task, Number(value.toFixed(4))])).toEqual([
      ['cartpole', 0.7675],
      ['acrobot', 0.985],
    ])
    expect(summary!.iqm.value).toBeCloseTo((0.96 + 0.97 + 0.98 + 1) / 4)
    expect(summary).toMatchObject({ students: 8, good: 6 / 8, failed: 1 / 8 })
    expect(summary!.worst).toMatchObject({ teacher: 'cartpole-dqn' })
  })

  it('has intervals around the values', () => {
    for (const { value, interval } of [summary!.iqm, ...summary!.tasks]) {
      expect(interval.low).toBeLessThanOrEqual(value)
      expect(interval.high).toBeGreaterThanOrEqual(value)
    }
  })

  it('counts a Jacobian as as many evaluations as there are actions', () => {
    expect(summary!.costs).toMatchObject({ steps: 7400, evaluations: 750, jacobians: 25 })
    expect(summary!.most).toEqual({ steps: 7400, work: 900 })
  })

  it('does not depend on the order of the records', () => {
    expect(summariesOf([...acrobot, ...scores].reverse())).toEqual([summary])
  })

  it('stands apart for each method, size and number of labels', () => {
    const others = [
      recordOf(1, { method: 'viper', size: 'tree' }),
      recordOf(1, { labels: 100 }),
      recordOf(1, { size: '4-4' }),
    ]
    const all = summariesOf([...others, ...scores]).map(({ method, size, labels }) => `${method} ${size} ${labels}`)
    expect(all).toEqual([
      ...['recommended 12-12 100', 'recommended 4-4 50'],
      ...['recommended 12-12 50', 'viper tree 50'],
    ])
  })
})

it('the goals: are met and missed as measured', () => {
  const control = [0.99, 0.99].map((score, seed) => recordOf(score, { method: 'dagger-hard', seed }))
  const list = verdicts(summariesOf([...scores, ...acrobot, ...control]))
  expect(list.map(({ goal, met }) => [goal, met])).toEqual([
    ['each task ≥ 0.95', false],
    ['worst teacher ≥ 0.9', false],
    ['IQM not below the interval of the best control', false],
    ['environment steps ≤ 10,000 in each task', true],
    ['teacher evaluations ≤ 1,000 in each task', true],
  ])
  expect(list[0]).toMatchObject({ labels: 50, method: 'recommended', measured: '0.768 (cartpole)' })
})
