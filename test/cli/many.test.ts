import { mkdirSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSeeds, parseShard, shardOfCluster } from '../../src/cli/many/flags.ts'
import { drawTrials, parseVary } from '../../src/cli/many/search-space.ts'
import { shellLine } from '../../src/cli/many/shell.ts'
import { statisticsOf } from '../../src/cli/many/summary.ts'
import { algorithm } from '../../src/rl/registry.ts'
import { captureCommands, expectRefusal } from './capture.ts'

const captured = captureCommands()
const { options } = algorithm('ppo')

describe('--seeds', () => {
  it('takes ranges and lists', () => {
    expect(parseSeeds('0-3')).toEqual([0, 1, 2, 3])
    expect(parseSeeds('7,1,4-5')).toEqual([1, 4, 5, 7])
  })

  it('refuses anything else', () => {
    const wrong = ['', 'x', '3-1', '1,,2', '1-', '-1', '1.5', '4294967296', '0-4294967295', '1,1', '0-3,2']
    for (const text of wrong) expect(() => parseSeeds(text), text).toThrow(/--seeds/)
  })

  it('reads any list of different seeds', () => {
    const seeds = fc.uniqueArray(fc.integer({ min: 0, max: 0xffff_ffff }), { minLength: 1 })
    fc.assert(
      fc.property(seeds, (list) => {
        expect(parseSeeds(list.join())).toEqual([...list].sort((a, b) => a - b))
      }),
    )
  })
})

describe('--shard', () => {
  it('is given, or read from the variables of Kubernetes and SLURM', () => {
    expect(parseShard('2/8', {})).toEqual({ index: 2, count: 8 })
    expect(parseShard('auto/8', { JOB_COMPLETION_INDEX: '0' })).toEqual({ index: 1, count: 8 })
    const slurm = { SLURM_ARRAY_TASK_ID: '7', SLURM_ARRAY_TASK_MIN: '3', SLURM_ARRAY_TASK_COUNT: '4' }
    expect(shardOfCluster({ ...slurm, SLURM_ARRAY_TASK_STEP: '2' })).toEqual({ index: 3, count: 4 })
    expect(shardOfCluster({})).toEqual({ index: 1, count: 1 })
  })

  it('refuses parts that there are not', () => {
    for (const text of ['0/2', '3/2', '1', 'auto', '1/0', 'auto/2'])
      expect(() => parseShard(text, {})).toThrow(/--shard/)
    expect(() => parseShard('auto/2', { JOB_COMPLETION_INDEX: '2' })).toThrow(/JOB_COMPLETION_INDEX=2/)
    expect(() => shardOfCluster({ JOB_COMPLETION_INDEX: '2' })).toThrow(/auto\/n/)
    expect(() => shardOfCluster({ SLURM_ARRAY_TASK_ID: '9', SLURM_ARRAY_TASK_COUNT: '2' })).toThrow(/SLURM/)
  })
})

describe('--vary', () => {
  it('draws from ranges, values, and what the option allows', () => {
    const space = {
      ...parseVary(options, 'learning-rate=1e-4:1e-2:log'),
      ...parseVary(options, 'num-steps=16:64'),
      ...parseVary(options, 'hidden=8/64,64'),
      ...parseVary(options, 'gamma'),
      ...parseVary(options, 'annealLearningRate'),
    }
    for (const settings of drawTrials(space, 50, 3)) {
      expect(settings.learningRate).toSatisfy((rate: number) => rate >= 1e-4 && rate <= 1e-2)
      expect(settings.numSteps).toSatisfy((n: number) => Number.isInteger(n) && n >= 16 && n <= 64)
      expect([[8], [64, 64]]).toContainEqual(settings.hidden)
      for (const [name, value] of Object.entries(settings)) expect(options[name]!.accepts(value), name).toBe(true)
    }
  })

  it('draws uniformly in the logarithm only where it is asked to', () => {
    const below = (text: string) =>
      drawTrials(parseVary(options, text), 100, 0).filter(({ clipRange }) => Number(clipRange) < 0.1).length
    expect(below('clip-range=0.01:1')).toBeLessThan(25) // 9 expected
    expect(below('clip-range=0.01:1:log')).toBeGreaterThan(35) // 50 expected
  })

  it('draws different settings, the same for a seed, and more trials begin with the same ones', () => {
    const space = parseVary(options, 'num-steps=16,32,64')
    expect(new Set(drawTrials(space, 3, 0).map((each) => each.numSteps)).size).toBe(3)
    expect(() => drawTrials(space, 4, 0)).toThrow(/at most 3/)
    const rates = parseVary(options, 'learning-rate')
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 20 }), (seed, trials) => {
        expect(drawTrials(rates, trials + 5, seed).slice(0, trials)).toEqual(drawTrials(rates, trials, seed))
      }),
      { numRuns: 20 },
    )
  })

  it('refuses what an option does not allow', () => {
    const wrong = [
      '',
      'lerning-rate',
      'seed=1:2',
      'gamma=0.5:2',
      'gamma=1:0.5',
      'gamma=0:1:log',
      'gamma=0:1:ln',
      'hidden',
    ]
    for (const text of wrong) expect(() => parseVary(options, text), text).toThrow(/--vary/)
  })
})

it('the statistics over seeds: mean, interval, and the mean of the middle half of four or more', () => {
  expect(statisticsOf([5])).toEqual({ mean: 5, interval: null, iqm: null })
  const { mean, interval, iqm } = statisticsOf([100, 1, 2, 3])
  expect([mean, iqm]).toEqual([26.5, 2.5])
  expect(interval!.low).toBeLessThan(mean)
  expect(interval!.high).toBeGreaterThan(mean)
})

it('quotes what a shell would expand', () => {
  expect(shellLine(['--name', "a b's", '--seeds', '0-9'])).toBe(`alambic --name 'a b'\\''s' --seeds 0-9`)
})

it('refuses flags that do not go together, and the files of others, before any work', async () => {
  const train = ['train', 'q-learning', '--env', 'FrozenLake-v1', '--out', captured.folder, '--name', 'run']
  await expectRefusal(captured, [...train, '--jobs', '2'], '--jobs', '--seeds')
  await expectRefusal(captured, [...train, '--seeds', '0-1', '--seed', '3'], '--seed and --seeds')
  await expectRefusal(captured, [...train, '--seeds', '0-1', '--merge'], 'seed 0', 'seed 1')
  mkdirSync(`${captured.folder}/run`)
  writeFileSync(`${captured.folder}/run/thesis.txt`, '')
  await expectRefusal(captured, [...train, '--seeds', '0-1'], 'thesis.txt')
  const sweep = ['sweep', 'q-learning', '--env', 'FrozenLake-v1', '--out', captured.folder]
  await expectRefusal(captured, sweep, '--vary')
  await expectRefusal(captured, [...sweep, '--vary', 'gamma', '--gamma', '0.9'], '--gamma')
})
