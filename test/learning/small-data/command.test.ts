import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { run } from '../../../studies/cli.ts'
import { JsonLines } from '../../../studies/lib/json-lines.ts'
import { readCells } from '../../../studies/small-data/cell-files.ts'
import { planStudy } from '../../../studies/small-data/plan.ts'
import { groupsOf } from '../../../studies/small-data/run.ts'
import type { StudyTask } from '../../../studies/small-data/tasks.ts'
import { findTeachers } from '../../../studies/small-data/teachers/find.ts'
import { TeacherFolder } from '../../../studies/small-data/teachers/folder.ts'
import type { TeacherRecipe } from '../../../studies/small-data/teachers/recipes.ts'
import { forAll } from '../../support/property.ts'

let folder = ''
let out = ''
let errors = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alambic-study-'))
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

describe('JSON lines', () => {
  it('come back as they were added, from any process', () => {
    const path = join(folder, 'deep', 'lines.jsonl')
    new JsonLines(path).append({ a: 1 })
    new JsonLines(path).append({ a: 2 })
    expect(new JsonLines(path).read()).toEqual([{ a: 1 }, { a: 2 }])
  })

  it('lose the half line that a power cut left, and nothing else', () => {
    const path = join(folder, 'lines.jsonl')
    new JsonLines(path).append({ a: 'é' })
    appendFileSync(path, '{"a":')
    const again = new JsonLines(path)
    expect(again.read()).toEqual([{ a: 'é' }])
    again.append({ a: 3 })
    expect(readFileSync(path, 'utf8')).toBe('{"a":"é"}\n{"a":3}\n')
  })

  it('name the line that is no JSON', () => {
    const path = join(folder, 'lines.jsonl')
    appendFileSync(path, '{}\nnonsense\n')
    expect(() => new JsonLines(path).read()).toThrow(/line 2, is broken/)
  })
})

const easy: StudyTask = { name: 'cartpole', env: 'CartPole-v1', threshold: 1 }
const recipe: TeacherRecipe = {
  algorithm: 'dqn',
  numEnvs: 1,
  options: { hidden: [8], totalTimesteps: 400, learningStarts: 100, trainInterval: 50, gradientSteps: 2 },
  checks: 4,
  enough: 500,
}

describe('the search for teachers', () => {
  const search = { count: 2, firstSeed: 7, candidates: 3 }

  it('ends with teachers that read back as they were judged', () => {
    const teachers = new TeacherFolder(folder)
    findTeachers(easy, recipe, teachers, search)
    const { agent, figures } = teachers.read(easy, 2)
    expect(figures).toMatchObject({ task: 'cartpole', number: 2, seed: 8, passed: true, trainedSteps: 400 })
    expect(figures.evaluation.returns).toHaveLength(100)
    expect(agent.observationSize).toBe(4)
    expect(teachers.candidates(easy).read()).toHaveLength(2)
  })

  it('tries no candidate twice and replaces no teacher', () => {
    const teachers = new TeacherFolder(folder)
    findTeachers(easy, recipe, teachers, { ...search, count: 1 })
    const before = readFileSync(join(folder, 'cartpole-1.safetensors'))
    findTeachers(easy, recipe, teachers, search)
    expect(readFileSync(join(folder, 'cartpole-1.safetensors'))).toEqual(before)
    expect(
      teachers
        .candidates(easy)
        .read()
        .map(({ seed }) => seed),
    ).toEqual([7, 8])
  })

  it('says so when too few pass, and remembers who was tried', () => {
    const teachers = new TeacherFolder(folder)
    const hard = { ...easy, threshold: 501 }
    expect(() => findTeachers(hard, recipe, teachers, search)).toThrow(/0 of 2 teachers after 3 candidates/)
    expect(
      teachers
        .candidates(hard)
        .read()
        .map(({ passed }) => passed),
    ).toEqual([false, false, false])
  })

  it('says how to train a teacher that is not there', () => {
    expect(() => new TeacherFolder(folder).read(easy, 1)).toThrow(/study -- teachers --task cartpole --count 1/)
  })
})

describe('the parts of a plan', () => {
  const plan = planStudy()

  it('have each group once, and about as many cells each', () => {
    forAll([fc.integer({ min: 1, max: 60 })], { numRuns: 30 }, (count) => {
      const parts = Array.from({ length: count }, (_, i) => groupsOf(plan, { index: i + 1, count }))
      expect(new Set(parts.flat()).size).toBe(plan.length)
      const sizes = parts.map((groups) => groups.reduce((sum, { cells }) => sum + cells.length, 0))
      const largest = Math.max(...plan.map(({ cells }) => cells.length))
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(largest)
    })
  })
})

describe('study small-data', () => {
  const methods = ['--methods', 'soft-iid,no-teacher', '--labels', '10', '--tasks', 'cartpole', '--teachers', '1']
  const study = (name: string, ...more: string[]) =>
    run(['small-data', ...methods, '--teachers-from', folder, '--out', join(folder, name), ...more])
  const cells = (name: string) =>
    readCells(join(folder, name))
      .map(({ cpuSeconds: _cpu, wallSeconds: _wall, ...cell }) => cell)
      .sort((a, b) => a.seed - b.seed || a.method.localeCompare(b.method))
  const teach = () => findTeachers(easy, recipe, new TeacherFolder(folder), { count: 1, firstSeed: 1, candidates: 1 })

  it('leaves the cells, the figures and a page, and goes on where it was stopped', async () => {
    teach()
    expect(await study('whole', '--seeds', '0-1')).toBe(0)
    expect(out).toMatch(/soft-iid +−?\d\.\d\d \[/)
    const whole = cells('whole')
    expect(whole.map(({ method, seed }) => `${method} ${seed}`)).toEqual([
      'no-teacher 0',
      'soft-iid 0',
      'no-teacher 1',
      'soft-iid 1',
    ])
    expect(whole[0]).toMatchObject({ task: 'cartpole', labels: 10, teacherLabels: 0, updates: 1500 })
    const results = JSON.parse(readFileSync(join(folder, 'whole', 'results.json'), 'utf8'))
    expect(results).toMatchObject({ cells: 4, summaries: [{ method: 'soft-iid' }, { method: 'no-teacher' }] })
    const [head, ...rows] = readFileSync(join(folder, 'whole', 'scores.csv'), 'utf8')
      .trim()
      .split('\n')
    expect(head).toMatch(/^method,size,labels,task,teacher,seed,score,mean,/)
    expect(rows.map((row) => row.split(',').slice(0, 6).join())).toEqual([
      ...['soft-iid,7,10,cartpole,1,0', 'soft-iid,7,10,cartpole,1,1'],
      ...['no-teacher,7,10,cartpole,1,0', 'no-teacher,7,10,cartpole,1,1'],
    ])
    for (const { method, seed, score, mean } of whole) {
      const row = rows.map((each) => each.split(',')).find((each) => each[0] === method && each[5] === String(seed))!
      expect([Number(row[6]), Number(row[7])].map((x) => x.toFixed(4))).toEqual([score, mean].map((x) => x.toFixed(4)))
    }
    const page = readFileSync(join(folder, 'whole', 'report.html'), 'utf8')
    expect(page).toContain('Returns over labels')
    expect(page).toContain('--tasks cartpole --methods soft-iid,no-teacher --labels 10 --seeds 0,1 --teachers 1<')

    const lines = join(folder, 'whole', 'cells', '1-of-1.jsonl')
    truncateSync(lines, readFileSync(lines).length - 100)
    expect(cells('whole')).toHaveLength(3)
    errors = ''
    expect(await study('whole', '--seeds', '0-1')).toBe(0)
    expect(errors).toContain('one cell')
    expect(cells('whole')).toEqual(whole)
  })

  it('in parts is the same as in one, once they are merged', async () => {
    teach()
    await study('whole', '--seeds', '0-2')
    for (const part of ['1/2', '2/2']) expect(await study(`part-${part[0]}`, '--seeds', '0-2', '--shard', part)).toBe(0)
    expect(existsSync(join(folder, 'part-1', 'report.html'))).toBe(false)
    expect(await study('merged', '--merge', join(folder, 'part-1'), join(folder, 'part-2'))).toBe(0)
    expect(cells('merged')).toEqual(cells('whole'))
    const results = (name: string) => {
      const { cpuSeconds: _cpu, ...rest } = JSON.parse(readFileSync(join(folder, name, 'results.json'), 'utf8'))
      return JSON.stringify(rest).replace(/"cpuSeconds":[^,}]*/g, '')
    }
    expect(results('merged')).toBe(results('whole'))
  })

  it('leaves out what another teacher taught', async () => {
    teach()
    await study('whole', '--seeds', '0')
    const teachers = new TeacherFolder(folder)
    const { agent, figures } = teachers.read(easy, 1)
    teachers.write({ ...figures, seed: 99 }, agent)
    out = ''
    expect(await study('whole', '--merge')).toBe(2)
    expect(await study('whole', '--seeds', '0')).toBe(0)
    expect(out).toContain('2 cells of other settings or teachers are left out')
    expect(cells('whole')).toHaveLength(4)
  })

  it.each([
    [['--seeds', '0'], 'npm run study -- teachers --task cartpole --count 1'],
    [['--seeds', '3-1'], '--seeds: expected whole numbers from 0'],
    [['--labels', '0'], '--labels: expected whole numbers from 5 to 5000'],
    [['--sizes', '25'], 'leave no cells'],
    [['--seeds', '10000'], 'from 0 to 9999'],
    [['--shard', '3/2'], '--shard: expected i/n'],
    [['--methods', 'soft-idd'], 'soft-iid'],
    [['--merge', '/nowhere'], 'no cells in "/nowhere"'],
    [['--merge'], 'no cells in'],
  ])('refuses %j in one line', async (more, words) => {
    expect(await study('refused', ...more)).toBe(2)
    expect(errors).toMatch(/^error: [^\n]+\n$/)
    expect(errors).toContain(words)
    expect(existsSync(join(folder, 'refused'))).toBe(false)
  })
})
