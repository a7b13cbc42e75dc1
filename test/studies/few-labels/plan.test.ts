import { describe, expect, it } from 'vitest'
import { partOf, planOf } from '../../../studies/few-labels/plan.ts'
import { recipes } from '../../../studies/few-labels/teachers/recipes.ts'

describe('the plan', () => {
  it('has the teachers for confirmation and the poor ones, and none for tuning', () => {
    const teachers = new Set(planOf({}).map(({ teacher }) => teacher))
    expect(teachers).toEqual(new Set(recipes.filter(({ role }) => role !== 'tuning').map(({ name }) => name)))
  })

  it('has every cell once, in all parts together', () => {
    const cells = planOf({})
    expect(new Set(cells.map((cell) => JSON.stringify(cell))).size).toBe(cells.length)
    const parts = [1, 2, 3].flatMap((index) => partOf(cells, { index, count: 3 }))
    expect(new Set(parts)).toEqual(new Set(cells))
  })

  it('goes through everything with one seed before the next', () => {
    const seeds = planOf({ seeds: [4, 2] }).map(({ seed }) => seed)
    expect(seeds).toEqual([...seeds].sort((a, b) => b - a))
  })

  it('has trees at no size and reinforcement learning with no labels', () => {
    const cells = planOf({
      methods: ['viper', 'rl-matched'],
      teachers: ['cartpole-dqn'],
      sizes: ['4-4', '64-64'],
      seeds: [0],
    })
    expect(cells.map(({ size, labels }) => `${size} ${labels}`)).toEqual([
      ...['tree 100', 'tree 50', 'tree 20', 'tree 10', '4-4 0', '64-64 0'],
    ])
  })

  it('leaves methods of discrete actions out where actions are continuous', () => {
    const methods = new Set(planOf({ tasks: ['pendulum'], seeds: [0] }).map(({ method }) => method))
    expect(methods).toContain('recommended')
    expect(methods).not.toContain('dagger-hard')
    expect(() => planOf({ tasks: ['pendulum'], methods: ['viper'] })).toThrow(/leave no cells/)
  })
})
