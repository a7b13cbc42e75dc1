import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PAGES, RESULTS } from '../../../studies/few-labels/command.ts'
import { readCsv } from '../../../studies/few-labels/record.ts'
import { tablesOf, withTables } from '../../../studies/few-labels/tables.ts'
import { recordOf } from './records.ts'

const poor = recordOf(0.9, { teacher: 'cartpole-poor', role: 'poor', teacherReturn: 250, return: 225 })
const learned = recordOf(0.25, { method: 'rl-matched', labels: 0, learningSteps: 10_000 })

describe('the tables', () => {
  const tables = tablesOf([recordOf(1), recordOf(0.98, { labels: 100 }), poor, learned])

  it('have reinforcement learning in each block, and the costs', () => {
    expect(
      tables
        .headline!.split('\n')
        .slice(2)
        .map((line) => line.split(' | ').slice(0, 3).join()),
    ).toEqual([
      '| 100,`recommended`,0.98 [0.98, 0.98]',
      '| 100,`rl-matched`,0.25 [0.25, 0.25]',
      '| 50,`recommended`,1.00 [1.00, 1.00]',
      '| 50,`rl-matched`,0.25 [0.25, 0.25]',
      '| 20,`rl-matched`,0.25 [0.25, 0.25]',
      '| 10,`rl-matched`,0.25 [0.25, 0.25]',
    ])
    expect(tables.headline).toContain('| 7,400 | 750 | 0 | 40,000 | 1.5 |')
  })

  it('have one row a method in short, with the share of failures', () => {
    expect(tables['headline-short']!.split('\n').slice(2)).toEqual([
      '| `recommended` | 0.98 (0 %) | 1.00 (0 %) | – | – | 7,400 | 750 |',
      '| `rl-matched` | 0.25 (100 %) | 0.25 (100 %) | 0.25 (100 %) | 0.25 (100 %) | 17,400 | 750 |',
    ])
  })

  it('keep poor teachers apart', () => {
    expect(tables.headline).not.toContain('poor')
    expect(tables.poor).toContain('| cartpole-poor | `recommended` | 50 | 0.0 | 250.0 | 225.0 | 0.90 |')
  })

  it('state that nothing was measured', () => expect(tablesOf([]).headline).toBe('Not measured.'))
})

describe('a page', () => {
  it('gets its tables between the markers, as often as one likes', () => {
    const page = 'a\n<!-- few-labels:poor -->\nold\n<!-- end -->\nb\n<!-- few-labels:goals -->\n<!-- end -->\n'
    const once = withTables(page, { poor: 'P', goals: 'G' })
    expect(once).toBe(
      'a\n<!-- few-labels:poor -->\n\nP\n\n<!-- end -->\nb\n<!-- few-labels:goals -->\n\nG\n\n<!-- end -->\n',
    )
    expect(withTables(once, { poor: 'P', goals: 'G' })).toBe(once)
  })

  it('with a marker of no table is refused', () => {
    const page = '<!-- few-labels:por -->\n<!-- end -->'
    expect(() => withTables(page, tablesOf([]))).toThrow(/table of the few-labels study "por".*poor/)
  })
})

describe('the pages', () => {
  const tables = tablesOf(readCsv(RESULTS))
  it.each(PAGES)(`%s has the tables of ${RESULTS}`, (path) => {
    const page = readFileSync(path, 'utf8')
    expect(withTables(page, tables)).toBe(page)
  })
})
