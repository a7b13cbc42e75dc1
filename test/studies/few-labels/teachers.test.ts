import { describe, expect, it } from 'vitest'
import { play, startSeeds, tasks } from '../../../studies/few-labels/tasks.ts'
import { recipes } from '../../../studies/few-labels/teachers/recipes.ts'
import { readTeacher } from '../../../studies/few-labels/teachers.ts'

describe('the teachers', () => {
  it.each(recipes.map((recipe) => [recipe.name, recipe] as const))('%s reads back with its figures', (name, recipe) => {
    const { figures, agent } = readTeacher(name)
    const { task, role, algorithm, numEnvs, options } = recipe
    expect(figures).toMatchObject({ task, role, algorithm, numEnvs, options })
    expect(agent.observationSize).toBeGreaterThan(0)
    expect(figures.judged).toBeGreaterThanOrEqual(recipe.least)
  })

  it.each(['cartpole-poor', 'mountaincar-ppo', 'acrobot-sb3'])('%s plays as its figures state', (name) => {
    const { agent, task, mean } = readTeacher(name)
    expect(play(agent, task, startSeeds.evaluation).mean).toBe(mean)
  })

  it('that are poor are about half way from random actions to the best of the task', () => {
    for (const task of tasks.filter(({ continuous }) => continuous === undefined)) {
      const own = recipes.filter((each) => each.task === task.name)
      const best = Math.max(...own.map(({ name }) => readTeacher(name).mean))
      const { mean, random } = readTeacher(own.find(({ role }) => role === 'poor')!.name)
      const way = (mean - random) / (best - random)
      expect(way).toBeGreaterThan(0.35)
      expect(way).toBeLessThan(0.75)
    }
  })

  it('have names of their own, five to confirm on in each discrete task', () => {
    expect(new Set(recipes.map(({ name }) => name)).size).toBe(recipes.length)
    for (const task of ['cartpole', 'acrobot', 'mountaincar']) {
      const own = recipes.filter((each) => each.task === task && each.role === 'confirmation')
      expect(own).toHaveLength(5)
    }
  })

  it('that have no file are named with the command that trains them', () => {
    expect(() => readTeacher('cartpole-none')).toThrow(/few-labels-teachers --names cartpole-none/)
  })
})
