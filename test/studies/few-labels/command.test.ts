import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { run } from '../../../studies/cli.ts'
import { readCsv, readRecords } from '../../../studies/few-labels/record.ts'

let folder = ''
let out = ''
let errors = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alambic-few-labels-'))
  out = ''
  errors = ''
  vi.spyOn(console, 'log').mockImplementation((text) => {
    out += `${text}\n`
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += text
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

const study = (...more: string[]) => run(['few-labels', '--jobs', '1', '--out', folder, ...more])

describe('study few-labels', () => {
  it('leaves a line per student with its costs, and goes on where it stopped', async () => {
    const small = ['--teachers', 'cartpole-ppo', '--methods', 'viper', '--labels', '10']
    expect(await study(...small, '--seeds', '0')).toBe(0)
    const csv = join(folder, 'few-labels.csv')
    const [record] = readCsv(csv)
    expect(record).toMatchObject({ task: 'cartpole', teacher: 'cartpole-ppo', size: 'tree', labels: 10, seed: 0 })
    expect(record).toMatchObject({
      role: 'confirmation',
      teacherLabels: 10,
      jacobians: 0,
      updates: 0,
      learningSteps: 0,
    })
    expect(record!.firstRoundSteps).toBeGreaterThanOrEqual(10_000)
    expect(record!.laterRoundSteps).toBeGreaterThanOrEqual(40_000)
    expect(record!.choiceSteps).toBeGreaterThan(0)
    expect(record!.teacherEvaluations).toBeGreaterThan(4000)
    expect(record!.score).toBeCloseTo((record!.return - 22.654) / (500 - 22.654), 4)
    expect(out).toContain('viper')
    const before = readFileSync(csv, 'utf8')
    expect(await study(...small, '--seeds', '0')).toBe(0)
    expect(errors).toContain('0 students')
    expect(readFileSync(csv, 'utf8')).toBe(before)
    expect(readRecords(folder)).toHaveLength(1)
  })

  it.each([
    [['--sizes', '12x12'], /--sizes: expected widths of hidden layers such as 12-12, given "12x12"/],
    [['--methods', 'recomended'], /--methods: .*recommended/],
    [['--labels', '2'], /--labels: expected whole numbers from 5 to 1000/],
    [['--tasks', 'pendulum', '--methods', 'viper'], /these filters leave no cells/],
  ])('refuses %j before any work', async (flags, message) => {
    expect(await study(...flags)).toBe(2)
    expect(errors).toMatch(message)
  })
})
