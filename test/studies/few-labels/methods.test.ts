import { describe, expect, it } from 'vitest'
import { type DistillOptions, distill, type TargetName } from '../../../src/distill/index.ts'
import { make, makeVec } from '../../../src/rl/index.ts'
import { methods } from '../../../studies/few-labels/methods.ts'
import { teaches } from '../../../studies/few-labels/plan.ts'
import { readTeacher } from '../../../studies/few-labels/teachers.ts'

const teachers = ['cartpole-ppo', 'cartpole-dqn', 'pendulum-sac'].map((name) => ({ name, ...readTeacher(name) }))
const cases = methods.flatMap((method) =>
  'distillation' in method
    ? teachers
        .filter(({ task }) => !(method.discrete && task.continuous))
        .filter(({ name }) => method.family === undefined || teaches(name, method.family))
        .map((teacher) => [method, teacher] as const)
    : [],
)

describe('the methods', () => {
  it.each(cases.map(([method, teacher]) => [method.name, teacher.task.name, method, teacher] as const))(
    '%s suits %s',
    (_name, _task, { distillation, labels }, { agent, task }) => {
      const envs = distillation.target === 'value-successors' ? make(task.env) : makeVec(task.env, 1)
      const options = { ...distillation, labels: labels?.(10) ?? 10, hidden: [12, 12] }
      distill(envs, agent, options as DistillOptions<TargetName>) // throws on options that do not fit
    },
  )

  it('have names of their own', () => expect(new Set(methods.map(({ name }) => name)).size).toBe(methods.length))
})
