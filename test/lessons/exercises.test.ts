// The exercises of the lessons: the solution passes, and each planted error is found whatever the seed.

import { describe, expect, it } from 'vitest'
import { check, compiled } from '../../site/exercises/grade.ts'
import { exercises } from '../../site/exercises/index.ts'

const SEEDS = Array.from({ length: 50 }, (_, i) => 7919 * i + 1)

describe.each(Object.entries(exercises))('the exercise %s', (name, { solution, stub, wrong }) => {
  it('accepts its solution', async () => {
    const answer = await compiled(name, solution)
    for (const seed of SEEDS.slice(0, 5)) expect(check(name, answer, { seed })).toMatchObject({ passed: true })
  })

  it('rejects its stub, in words', async () => {
    const { passed, counterexample } = check(name, await compiled(name, stub), { seed: 1 })
    expect(passed).toBe(false)
    expect(counterexample).toMatch(/^For .+: (expected .+ )?your function (returned|threw) .+/)
  })

  it('has at least six wrong answers, all different', () => {
    expect(new Set(wrong).size).toBeGreaterThanOrEqual(6)
    expect(new Set(wrong).size).toBe(wrong.length)
  })

  it.each(wrong.map((code, i) => [i + 1, code] as const))('rejects wrong answer %i for every seed', async (_, code) => {
    const answer = await compiled(name, code)
    expect(SEEDS.filter((seed) => check(name, answer, { seed, endOnFailure: true }).passed)).toEqual([])
  })
})
