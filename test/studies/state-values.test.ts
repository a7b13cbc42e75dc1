import { expect, it } from 'vitest'
import { readTeacher } from '../../studies/few-labels/teachers.ts'
import { valuesTable } from '../../studies/state-values/command.ts'
import { teacherLookahead, type ValueMethod, valueMethods, valueStudent } from '../../studies/state-values/students.ts'

it('every method learns from 200 values of the teacher, and its costs are counted', () => {
  const teacher = readTeacher('cartpole-sb3')
  const own = teacherLookahead(teacher, 2)
  expect(own).toBe(500)
  const quick = { updates: 10, roundUpdates: 5, roundStudents: 1, rolloutSteps: 300 }
  for (const method of valueMethods) {
    const short = { ...method, options: { ...quick, ...method.options } } as ValueMethod
    const { score, labels, ...record } = valueStudent(teacher, short, '12-12', 1, own, 2)
    expect(score).toBeLessThanOrEqual(1)
    expect([labels, record.teacherScore]).toEqual([method.name.startsWith('successors') ? 100 : 200, 1])
    const isRandomFirst = method.options.epsilon === 1
    if (isRandomFirst) expect(record.teacherEvaluations).toBe(200)
    else expect(record.teacherEvaluations).toBeGreaterThan(300)
    expect(record.environmentSteps).toBeGreaterThan(1500)
  }
})

it('shows a line for each task, method and size, without teachers whose values do not act', () => {
  const record = {
    ...{ task: 'cartpole', method: 'successors', size: '12-12', mean: 500, teacherMean: 500, teacherScore: 1 },
    ...{ labels: 100, teacherEvaluations: 200, environmentSteps: 17_000, updates: 100, cpuSeconds: 1 },
  }
  const table = valuesTable([
    { ...record, teacher: 'a', seed: 0, score: 1 },
    { ...record, teacher: 'b', seed: 0, score: 0.4 },
    { ...record, teacher: 'c', seed: 0, score: 3, teacherScore: 0.2 },
  ])
  expect(table).toContain('0.70 [0.40, 1.00]')
  expect(table).toContain('1 of 2')
  expect(table).toContain('17,000')
})
