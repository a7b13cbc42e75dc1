import { mkdirSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shellLine } from '../../src/cli/training/child-runs.ts'
import { parseSeeds, statisticsOf } from '../../src/cli/training/train-seeds.ts'
import { forAll } from '../support/property.ts'
import { captureCommands, expectRefusal } from './capture.ts'

const captured = captureCommands()

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
    forAll([seeds], (list) => {
      expect(parseSeeds(list.join())).toEqual([...list].sort((a, b) => a - b))
    })
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
  mkdirSync(`${captured.folder}/run`)
  writeFileSync(`${captured.folder}/run/thesis.txt`, '')
  await expectRefusal(captured, [...train, '--seeds', '0-1'], 'thesis.txt')
})
