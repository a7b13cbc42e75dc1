import { describe, expect, it } from 'vitest'
import { MAIN_METHOD } from '../../../studies/small-data/methods.ts'
import type { CellRecord } from '../../../studies/small-data/record.ts'
import { resultsOf } from '../../../studies/small-data/results.ts'
import { goalTable, improvementTable, methodTable, numberTable, sizeTable } from '../../../studies/small-data/tables.ts'
import { studyTasks } from '../../../studies/small-data/tasks.ts'

/** Thirty runs of every task that score about this. */
function runs(method: string, score: number, labels = 200, count = 30): CellRecord[] {
  return studyTasks.flatMap(({ name: task }) =>
    Array.from({ length: count }, (_, i) => ({
      ...{ task, teacher: 1 + (i % 3), method, size: '7', labels, seed: Math.floor(i / 3), fingerprint: '' },
      ...{ mean: -100, score: score + 0.001 * (i % 5), randomReturn: -200, teacherReturn: -99, returns: [] },
      ...{ teacherLabels: labels, environmentSteps: 10_000, updates: 1500, parameters: 4610 },
      ...{ cpuSeconds: 0.1, wallSeconds: 0.1 },
    })),
  )
}

/** Of some goals, in their order. */
const verdicts = (records: CellRecord[], ...goals: string[]) => {
  const { rows } = goalTable(resultsOf(records))
  return goals.map((goal) => rows.find(({ cells }) => cells[0] === goal)!.cells.at(-1))
}

it('goals: are judged when every task has thirty runs, and not before', () => {
  expect(verdicts(runs(MAIN_METHOD, 0.96), 'silver', 'gold')).toEqual(['yes', 'not measured'])
  expect(verdicts(runs(MAIN_METHOD, 0.94), 'silver')).toEqual(['no'])
  expect(verdicts(runs(MAIN_METHOD, 0.96, 200, 29), 'silver')).toEqual(['too few runs'])
  const threeTasks = runs(MAIN_METHOD, 0.96).filter(({ task }) => task !== 'acrobot')
  expect(verdicts(threeTasks, 'silver')).toEqual(['too few runs'])
  expect(verdicts(runs('hard-iid', 0.96), 'silver')).toEqual(['not measured'])
})

describe('the tables', () => {
  const results = resultsOf([...runs(MAIN_METHOD, 0.9), ...runs('hard-iid', 0.5), ...runs('rl-10k', 0.3, 0)])

  it('have a row a method and a column a number of labels', () => {
    const { head, rows } = methodTable(results)
    expect(head).toEqual(['method', 'no labels', '200 labels'])
    expect(rows.map(({ cells }) => cells[0])).toEqual([MAIN_METHOD, 'hard-iid', 'rl-10k'])
    expect(rows[1]!.cells[2]).toMatch(/^0\.50 \[0\.50, 0\.50\]$/)
    expect(rows[2]!.cells[2]).toBe('–')
    expect(sizeTable(results).rows.map(({ cells }) => cells[0])).toEqual(['7'])
  })

  it('say who beats whom, methods without labels included', () => {
    expect(improvementTable(results).rows.map(({ cells }) => cells)).toEqual([
      ['hard-iid', '1.00 [1.00, 1.00]'],
      ['rl-10k', '1.00 [1.00, 1.00]'],
    ])
  })

  it('take no share of a negative return', () => {
    const { head, rows } = numberTable(results)
    expect(rows).toHaveLength(3 * studyTasks.length)
    for (const { cells } of rows) expect(cells[head.indexOf('of the teacher')]).toBe('–')
  })
})
