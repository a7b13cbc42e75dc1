import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { algorithm, readOptions } from '../../src/rl/index.ts'
import { curveOf, spreadOf } from '../../studies/benchmark/curve.ts'
import { fileOf, isDone, jobsOf, readResults, runJob, totalStepsOf } from '../../studies/benchmark/jobs.ts'
import { benchmarkPage } from '../../studies/benchmark/page.ts'
import { type Task, tasks } from '../../studies/benchmark/plan.ts'
import { summarize, summaryHead, summaryRow } from '../../studies/benchmark/summary.ts'
import { run } from '../../studies/cli.ts'
import { writeJson } from '../../studies/lib/files.ts'
import { parseShard } from '../../studies/lib/options.ts'
import { newDocument } from '../../studies/plot/document.ts'
import { forAll } from '../support/property.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alambic-benchmark-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('shards', () => {
  it('share out every job, each to one shard', () => {
    forAll([fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 12 })], (seeds, count) => {
      const parts = Array.from({ length: count }, (_, i) => jobsOf(tasks, seeds, { index: i + 1, count }))
      const files = parts.flat().map(fileOf)
      expect(new Set(files).size).toBe(files.length)
      expect(files).toHaveLength(tasks.length * seeds)
    })
  })

  it.each(['', '0/3', '4/3', '1', 'a/b', '1/0'])('refuses "%s"', (text) => {
    expect(() => parseShard(text)).toThrow(/expected i\/n/)
  })
})

describe.each(tasks)('$name', (task) => {
  it('has options that its algorithm takes', () => {
    expect(() => readOptions(task.algorithm, algorithm(task.algorithm).options, task.options)).not.toThrow()
  })

  it('takes no more environment steps than the published figure', () => {
    const options = readOptions(task.algorithm, algorithm(task.algorithm).options, task.options)
    const isOnPolicy = ['ppo', 'a2c', 'trpo'].includes(task.algorithm)
    const atOnce = isOnPolicy ? task.numEnvs * (options.numSteps as number) : task.numEnvs
    expect(Math.ceil(totalStepsOf(task) / atOnce) * atOnce).toBeLessThanOrEqual(task.published?.steps ?? Infinity)
  })
})

describe('the curve of a training', () => {
  const episodes = [10, 20, 30, 40].map((step, i) => ({ step, return: i, length: 10 }))

  it('has the mean of the episodes so far, and nothing before the first has ended', () => {
    const curve = curveOf(episodes, 50)
    expect(curve).toHaveLength(50)
    expect([curve[8], curve[9], curve[18], curve[19], curve[49]]).toEqual([null, 0, 0, 0.5, 1.5])
  })

  it('is the mean of the latest twenty', () => {
    const many = Array.from({ length: 100 }, (_, i) => ({ step: i + 1, return: i < 80 ? 0 : 7, length: 1 }))
    expect(curveOf(many, 100).at(-1)).toBe(7)
  })

  it('is put together with others where all have a point', () => {
    const spread = spreadOf([curveOf(episodes, 50), curveOf(episodes.slice(1), 50)], 50)
    expect(spread[0]).toEqual({ step: 20, mean: 0.75, low: 0.5, high: 1 })
    expect(spread.at(-1)).toEqual({ step: 50, mean: 1.75, low: 1.5, high: 2 })
    for (const { low, mean, high } of spread) expect(low <= mean && mean <= high).toBe(true)
  })
})

describe('a job', () => {
  const tiny: Task = {
    name: 'tiny',
    algorithm: 'ppo',
    env: 'CartPole-v1',
    numEnvs: 2,
    options: { totalTimesteps: 256, numSteps: 32, hidden: [8] },
    published: { mean: 500, steps: 1000, source: 'nowhere' },
  }
  const write = (seed: number) => writeJson(join(folder, fileOf({ task: tiny, seed })), runJob({ task: tiny, seed }))

  it('leaves steps, returns, a curve and its processor time, the same but for that each time', () => {
    const { cpuSeconds, ...result } = runJob({ task: tiny, seed: 1 })
    const { cpuSeconds: _, ...again } = runJob({ task: tiny, seed: 1 })
    expect(cpuSeconds).toBeGreaterThan(0)
    expect(again).toEqual(result)
    expect(result).toMatchObject({ task: 'tiny', seed: 1, steps: 256 })
    expect(result.returns).toHaveLength(100)
    expect(result.curve.at(-1)).toBeGreaterThan(5)
  })

  it('is done once, unless its settings are others now', () => {
    const job = { task: tiny, seed: 0 }
    expect(isDone(folder, job)).toBe(false)
    write(0)
    expect(isDone(folder, job)).toBe(true)
    expect(isDone(folder, { task: tiny, seed: 1 })).toBe(false)
    expect(isDone(folder, { task: { ...tiny, options: { ...tiny.options, gamma: 0.9 } }, seed: 0 })).toBe(false)
  })

  it('is put together with the other seeds, in a table and a page', () => {
    for (const seed of [1, 0, 2]) write(seed)
    const results = readResults(folder, [tiny], 2)
    expect(results.map(({ seed }) => seed)).toEqual([0, 1])
    const [summary] = summarize([tiny], results)
    const means = results.map(({ mean }) => mean)
    expect(summary).toMatchObject({ seeds: 2, steps: 256, means, mean: (means[0]! + means[1]!) / 2 })
    expect(summary!.worst.mean).toBe(Math.min(...means))
    expect(summaryRow(summary!)).toHaveLength(summaryHead.length)
    const page = benchmarkPage(newDocument(), [summary!], 'npm run benchmark')
    expect(page).toContain('<svg')
    expect(page).toContain('CartPole-v1 while learning')
    expect(() => readResults(folder, [{ ...tiny, env: 'CartPole-v0' }], 2)).toThrow(
      /3 of other tasks, seeds or settings/,
    )
  })

  it('whose result is broken says so', () => {
    write(0)
    const path = join(folder, fileOf({ task: tiny, seed: 0 }))
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40))
    expect(() => readResults(folder, [tiny], 1)).toThrow(/cannot read the result ".*tiny-0\.json"/)
    writeFileSync(path, 'null')
    expect(() => readResults(folder, [tiny], 1)).toThrow(/not the result of a job/)
  })
})

it.each([
  ['an unknown task', ['--only', 'cartpole-pp'], 'Did you mean "cartpole-ppo"?'],
  ['no seeds', ['--seeds', '0'], 'from 1 to 1000'],
  ['a part that is none', ['--shard', '3/2'], 'given "3/2"'],
  ['nothing to merge', ['--merge'], 'run "npm run benchmark" first'],
])('what cannot be is refused in one line: %s', async (_, argv, words) => {
  let errors = ''
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += text
    return true
  })
  expect(await run(['benchmark', '--out', folder, ...argv])).toBe(2)
  write.mockRestore()
  expect(errors).toMatch(/^error: [^\n]+\n$/)
  expect(errors).toContain(words)
})
