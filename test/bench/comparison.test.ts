import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BenchFile,
  benchFile,
  benchRow,
  type Machine,
  parseBenchFile,
  type Unit,
} from '../../bench/lib/bench-file.ts'
import { compareFiles, compareRows } from '../../bench/lib/comparison.ts'
import { forAll } from '../support/property.ts'

const machine: Machine = { cpu: 'X', cores: 2, platform: 'linux x64', node: '20', load: [0.1], commit: null }
const around = (centre: number) => Array.from({ length: 15 }, (_, i) => centre * (0.95 + (0.1 * ((i * 7) % 15)) / 14))
const verdict = (unit: Unit, before: number[], after: number[]) =>
  compareRows(benchRow('x', unit, before), benchRow('x', unit, after)).verdict
const fileOf = (bench: string, rows: Record<string, number[]>): BenchFile =>
  benchFile(
    bench,
    machine,
    Object.entries(rows).map(([name, samples]) => benchRow(name, 'us', samples)),
  )

describe('the comparison of two bench files', () => {
  it('less time is faster, and so is a higher rate', () => {
    expect(verdict('us', around(100), around(80))).toBe('faster')
    expect(verdict('us', around(100), around(125))).toBe('slower')
    expect(verdict('GFLOP/s', around(100), around(125))).toBe('faster')
    expect(verdict('us', around(100), around(102))).toBe('within noise')
    expect(verdict('us', [100, 100, 100, 100], around(50))).toBe('too few samples')
  })

  it('the interval holds the ratio of the medians', () => {
    const { ratio, interval } = compareRows(benchRow('x', 's', around(10)), benchRow('x', 's', around(20)))
    expect(ratio).toBeCloseTo(2)
    expect(interval.low).toBeLessThan(2)
    expect(interval.high).toBeGreaterThan(2)
    expect(interval.high - interval.low).toBeLessThan(0.3)
  })

  it('a factor larger than the spread is found in either direction, and a file against itself is noise', () => {
    const samples = fc.array(fc.double({ min: 1, max: 1.2, noNaN: true }), { minLength: 5, maxLength: 12 })
    forAll(
      [samples, fc.constantFrom(0.5, 2), fc.constantFrom<Unit>('us', 'steps/s')],
      { numRuns: 20 },
      (a, factor, unit) => {
        const scaled = a.map((sample) => sample * factor)
        expect(verdict(unit, a, a)).toBe('within noise')
        expect(verdict(unit, a, scaled)).toBe(factor > 1 === (unit === 'us') ? 'slower' : 'faster')
      },
    )
  })

  it('rows match by name', () => {
    const compared = compareFiles(
      fileOf('rl', { ppo: around(1), dqn: around(2) }),
      fileOf('rl', { ppo: around(1), sac: [1] }),
    )
    expect(compared.changes.map(({ name }) => name)).toEqual(['ppo'])
    expect([compared.onlyBefore, compared.onlyAfter]).toEqual([['dqn'], ['sac']])
  })

  it('files of different benches and rows of different units are errors', () => {
    expect(() => compareFiles(fileOf('rl', {}), fileOf('envs', {}))).toThrow('the benches "rl" and "envs"')
    expect(() => compareRows(benchRow('x', 's', [1]), benchRow('x', 'ms', [1]))).toThrow('"x" is in s and in ms')
  })
})

describe('the file of a bench', () => {
  it('is read as it was written, with lines of npm before it', () => {
    const file = fileOf('kernels', { add: around(3) })
    expect(
      parseBenchFile(
        `\n> alambic@0.1.0 bench:kernels\n> tsx bench/run.ts kernels --json\n\n${JSON.stringify(file, null, 1)}`,
        'a',
      ),
    ).toEqual(file)
    expect(file.rows[0]).toMatchObject({
      unit: 'us',
      median: expect.closeTo(3),
      p25: expect.closeTo(2.925),
      samples: around(3),
    })
  })

  it('of the peers has a row for ours and for each peer', () => {
    const entry = { work: 'act', unit: 'us', ours: 1, ours_threads: 1, peers: { pytorch: 9 }, machine }
    const text = JSON.stringify([{ ...entry, samples: { ours: [1], pytorch: [9] } }])
    const { bench, rows } = parseBenchFile(text, 'peers.json')
    expect(bench).toBe('peers')
    expect(rows.map(({ name, median }) => [name, median])).toEqual([
      ['act', 1],
      ['act (pytorch)', 9],
    ])
  })

  it.each([
    ['it is not JSON', 'text'],
    ['it has no "bench", "machine" and "rows"', '{"rows": []}'],
    ['entry 0 has no "samples"', '[1]'],
    [
      '"a" has the unit miles',
      JSON.stringify({ ...fileOf('rl', {}), rows: [{ name: 'a', unit: 'miles', samples: [1] }] }),
    ],
    ['"a" has no positive samples', JSON.stringify(fileOf('rl', { a: [0] }))],
  ])('of another kind is an error: %s', (message, text) => {
    expect(() => parseBenchFile(text, 'b.json')).toThrow(`"b.json" is not the JSON of a bench: ${message}`)
  })
})
