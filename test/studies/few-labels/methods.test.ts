import { describe, expect, it } from 'vitest'
import { distill } from '../../../src/distill/index.ts'
import { makeVec } from '../../../src/rl/index.ts'
import { methods } from '../../../studies/few-labels/methods.ts'
import { readTeacher } from '../../../studies/few-labels/teachers.ts'

const teachers = [readTeacher('cartpole-ppo'), readTeacher('pendulum-sac')]
const cases = methods.flatMap((method) =>
  'distillation' in method
    ? teachers.filter(({ task }) => !(method.discrete && task.continuous)).map((teacher) => [method, teacher] as const)
    : [],
)

describe('the methods', () => {
  it.each(cases.map(([method, teacher]) => [method.name, teacher.task.name, method, teacher] as const))(
    '%s suits %s',
    (_name, _task, { distillation, labels }, { agent, task }) => {
      const options = { ...distillation, labels: labels?.(10) ?? 10, hidden: [12, 12] }
      distill(makeVec(task.env, 1), agent, options) // throws on options that do not fit
    },
  )

  it('have names of their own', () => {
    expect(new Set(methods.map(({ name }) => name)).size).toBe(methods.length)
  })
})
