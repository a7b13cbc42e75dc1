import { expect, it } from 'vitest'
import { finish } from '../../../src/rl/index.ts'
import { GENERATIONS, PAIRS, searchPairs } from '../../../studies/synthetic-pairs/search.ts'

it('a search for synthetic pairs: counts its steps and updates, and is the same for the same seed', () => {
  const result = finish(searchPairs(1, 1))
  expect(result.updates).toBe(50 * 200)
  expect(result.environmentSteps).toBeGreaterThan(50 * 4 * 8)
  expect(result.pairs.map((row) => row.length)).toEqual(new Array(PAIRS).fill(5))
  expect(result.returns).toHaveLength(10)
  expect(result.mean).toBeGreaterThan(9) // an always-falling pole
  expect(finish(searchPairs(1, 1))).toEqual(result)
  expect(GENERATIONS).toBeGreaterThan(1)
})
