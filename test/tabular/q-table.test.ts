import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { argmaxAtRandom, argmaxOf } from '../../src/data/argmax.ts'
import { QTable } from '../../src/tabular/q-table.ts'
import { Rng } from '../../src/tensor/random.ts'
import { expectNumbers } from '../support/arrays.ts'
import { property } from '../support/property.ts'

describe('QTable', () => {
  it('looks up values, the best of them, and what is best', () => {
    const q = new QTable(2, 3, 0.3)
    q.values.set([1, 5, 2, 7, 7, 0])
    expect(q.get(1, 2)).toBe(0)
    expect([q.max(0), q.max(1)]).toEqual([5, 7])
    expect([q.act(0), q.act(1)]).toEqual([1, 0])
    expectNumbers([q.expected(0, 0.3)], [0.1 * (1 + 5 + 2) + 0.7 * 5])
  })

  it('leaves actions that are not open in a state alone', () => {
    const q = new QTable(2, 3, 1, (state) => (state === 0 ? 2 : 3))
    q.values.set([1, 2, 99, 1, 2, 99])
    expect([q.max(0), q.max(1)]).toEqual([2, 99])
    expect([q.act(0), q.act(1)]).toEqual([1, 2])
    expectNumbers([q.expected(0, 1)], [1.5])
    const rng = new Rng(1)
    for (let i = 0; i < 50; i++) expect(q.sample(0, rng)).toBeLessThan(2)
  })
})

describe('exploring', () => {
  const tableOf = (row: readonly number[], epsilon: number) => {
    const q = new QTable(1, row.length, epsilon)
    q.values.set(row)
    return q
  }
  const values = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 8 })

  property('a greedy choice is a largest one, within its row only', [values, values, fc.nat()], (before, row, seed) => {
    const all = [...before, ...row, 9]
    const best = Math.max(...row)
    expect(argmaxOf(all, before.length, row.length)).toBe(row.indexOf(best))
    expect(row[argmaxAtRandom(all, new Rng(seed), before.length, row.length)]).toBe(best)
    expect(row[tableOf(row, 0).sample(0, new Rng(seed))]).toBe(best)
  })

  it('equals are chosen equally often', () => {
    const rng = new Rng(1)
    const counts = [0, 0, 0, 0]
    for (let i = 0; i < 3000; i++) counts[argmaxAtRandom([2, 1, 2, 2], rng)]! += 1 / 3000
    expectNumbers(counts, [1 / 3, 0, 1 / 3, 1 / 3], 0, 0.05)
  })

  it('with probability ε any action is taken', () => {
    const rng = new Rng(1)
    const counts = [0, 0, 0, 0]
    const q = tableOf([0, 0, 1, 0], 0.4)
    for (let i = 0; i < 4000; i++) counts[q.sample(0, rng)]! += 1 / 4000
    expectNumbers(counts, [0.1, 0.1, 0.7, 0.1], 0, 0.05)
  })
})
