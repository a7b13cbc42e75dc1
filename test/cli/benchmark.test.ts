import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileOf, jobsOf, parseShard } from '../../src/cli/benchmark/jobs.ts'
import { tasks } from '../../src/cli/benchmark/plan.ts'
import { readOptions } from '../../src/rl/algorithms/options.ts'
import { algorithm } from '../../src/rl/algorithms/registry.ts'

describe('shards', () => {
  it('share out every job, each to one shard', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 12 }), (seeds, count) => {
        const parts = Array.from({ length: count }, (_, i) => jobsOf(tasks, seeds, { index: i + 1, count }))
        const files = parts.flat().map(fileOf)
        expect(new Set(files).size).toBe(files.length)
        expect(files).toHaveLength(tasks.length * seeds)
      }),
    )
  })

  it.each(['', '0/3', '4/3', '1', 'a/b', '1/0'])('refuses "%s"', (text) => {
    expect(() => parseShard(text)).toThrow(/expected i\/n/)
  })
})

it.each(tasks)('$name has options that its algorithm takes', ({ algorithm: name, options }) => {
  expect(() => readOptions(name, algorithm(name).options, options)).not.toThrow()
})
