// What the value-based algorithms share. That their parameters depend on the seed and on every option is held in test/golden-bits.

import { describe, expect, it } from 'vitest'
import { c51, dqn, make, munchausenDqn, qrDqn, rainbow } from '../../../src/rl/index.ts'
import { ValueError } from '../../../src/tensor/errors.ts'

const short = { totalTimesteps: 300, learningStarts: 100, trainInterval: 50, gradientSteps: 3, hidden: [16] }

describe.each(Object.entries({ dqn, c51, qrDqn, munchausenDqn, rainbow }))('%s', (_, train) => {
  it('reports after each phase of updates', () => {
    const reports = [...train(make('CartPole-v1'), short)]
    expect(reports.map(({ step }) => step)).toEqual([100, 150, 200, 250, 300])
    expect(reports.every(({ loss }) => loss > 0 && loss < 10)).toBe(true)
  })

  it('throws on actions that are vectors', () => {
    expect(() => train(make('Pendulum-v1')).next()).toThrow(ValueError)
    expect(() => train(make('Pendulum-v1')).next()).toThrow(/chooses among Discrete actions/)
  })
})
