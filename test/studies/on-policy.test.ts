import { describe, expect, it } from 'vitest'
import { finish } from '../../src/rl/training/training.ts'
import { onPolicyTable } from '../../studies/on-policy/command.ts'
import {
  onPolicyMethods,
  onPolicyStudent,
  onPolicyTasks,
  onPolicyTeacher,
  scoreOf,
} from '../../studies/on-policy/students.ts'

const cartPole = onPolicyTasks[0]!

describe('the comparison of students at play', () => {
  it('scores 0 for random play and 1 for a good policy, for returns of either sign', () => {
    for (const task of onPolicyTasks) {
      expect(scoreOf(task, task.random)).toBe(0)
      expect(scoreOf(task, task.good)).toBe(1)
    }
  })

  it('judges every method four times, and a student of a teacher does better than one without', () => {
    const weak = finish(onPolicyTeacher(cartPole, 'weak', 1))
    expect(weak.mean).toBeGreaterThan(100)
    const task = { ...cartPole, steps: 10_240 }
    const last = onPolicyMethods.map((method) => {
      const { scores } = finish(onPolicyStudent(task, method, weak, 3))
      expect(scores).toHaveLength(4)
      return scores[3]!
    })
    const alone = last[onPolicyMethods.indexOf('no teacher')]!
    expect(last[onPolicyMethods.indexOf('proximal')]).toBeGreaterThan(alone)
    expect(last[onPolicyMethods.indexOf('student-driven')]).toBeGreaterThan(alone)
  })

  it('shows a line for each task, kind of teacher and method', () => {
    const record = { task: 'cartpole', teacher: 'weak', teacherSeed: 1, teacherScore: 0.5, seed: 0 } as const
    const table = onPolicyTable([
      { ...record, method: 'proximal', scores: [0.25, 0.5, 0.75, 1] },
      { ...record, method: 'proximal', seed: 1, scores: [0.35, 0.5, 0.75, 1] },
    ])
    expect(table).toContain('proximal')
    expect(table).toContain('0.30 [0.25, 0.35]')
    expect(table).toContain('1.00 [1.00, 1.00]')
  })
})
