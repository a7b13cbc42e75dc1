import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findTeachers } from '../../src/cli/study/find-teachers.ts'
import { JsonLines } from '../../src/cli/study/json-lines.ts'
import { TeacherFolder } from '../../src/cli/study/teacher-files.ts'
import type { StudyTask } from '../../src/study/tasks.ts'
import type { TeacherRecipe } from '../../src/study/teacher-recipes.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alambic-study-'))
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
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

describe('the search for teachers', () => {
  const easy: StudyTask = { name: 'cartpole', env: 'CartPole-v1', threshold: 1 }
  const recipe: TeacherRecipe = {
    algorithm: 'dqn',
    numEnvs: 1,
    options: { hidden: [8], totalTimesteps: 400, learningStarts: 100, trainInterval: 50, gradientSteps: 2 },
    checks: 4,
    enough: 500,
  }
  const search = { count: 2, firstSeed: 7, candidates: 3 }

  it('ends with teachers that read back as they were judged', async () => {
    const teachers = new TeacherFolder(folder)
    await findTeachers(easy, recipe, teachers, search)
    const { agent, figures } = teachers.read(easy, 2)
    expect(figures).toMatchObject({ task: 'cartpole', number: 2, seed: 8, passed: true, trainedSteps: 400 })
    expect(figures.evaluation.returns).toHaveLength(100)
    expect(agent.observationSize).toBe(4)
    expect(teachers.candidates(easy).read()).toHaveLength(2)
  })

  it('tries no candidate twice and replaces no teacher', async () => {
    const teachers = new TeacherFolder(folder)
    await findTeachers(easy, recipe, teachers, { ...search, count: 1 })
    const before = readFileSync(join(folder, 'cartpole-1.safetensors'))
    await findTeachers(easy, recipe, teachers, search)
    expect(readFileSync(join(folder, 'cartpole-1.safetensors'))).toEqual(before)
    expect(
      teachers
        .candidates(easy)
        .read()
        .map(({ seed }) => seed),
    ).toEqual([7, 8])
  })

  it('says so when too few pass, and remembers who was tried', async () => {
    const teachers = new TeacherFolder(folder)
    const hard = { ...easy, threshold: 501 }
    await expect(findTeachers(hard, recipe, teachers, search)).rejects.toThrow(/0 of 2 teachers after 3 candidates/)
    expect(
      teachers
        .candidates(hard)
        .read()
        .map(({ passed }) => passed),
    ).toEqual([false, false, false])
  })

  it('says how to train a teacher that is not there', () => {
    expect(() => new TeacherFolder(folder).read(easy, 1)).toThrow(/study teachers --task cartpole --count 1/)
  })
})
