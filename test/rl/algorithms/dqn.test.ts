import { describe, expect, it } from 'vitest'
import { saveParameters } from '../../../src/nn/checkpoint.ts'
import { dqn, dqnTargets } from '../../../src/rl/algorithms/dqn.ts'
import { make } from '../../../src/rl/registry.ts'
import { finish } from '../../../src/rl/training.ts'
import { tensor, ValueError } from '../../../src/tensor/index.ts'
import { expectClose, fromGolden, goldenCases, toleranceOf } from '../../support/golden.ts'

describe('dqnTargets', () => {
  it('values what follows, unless the task ended; a time limit is no end', () => {
    const targets = dqnTargets(
      tensor([1, 1]),
      tensor([0, 1]),
      tensor([0.5, 0.5]),
      tensor([
        [2, 8],
        [2, 8],
      ]),
    )
    expect(Array.from(targets.view())).toEqual([5, 1])
  })

  it('with the learner’s choice: its action, the target network’s value', () => {
    const targets = dqnTargets(tensor([1]), tensor([0]), tensor([0.5]), tensor([[2, 8]]), tensor([[3, 1]]))
    expect(Array.from(targets.view())).toEqual([2])
  })

  it('are PyTorch’s', () => {
    for (const golden of goldenCases('rl.json')) {
      if (golden.op !== 'dqn_target' && golden.op !== 'double_dqn_target') continue
      const x = (name: string) => fromGolden(golden.inputs[name]!, 'float64')
      const rewards = x('rewards')
      const gamma = golden.attrs!.gamma as number
      const discounts = tensor(new Float64Array(rewards.size).fill(gamma))
      const learner = golden.op === 'double_dqn_target' ? x('next_q_online') : undefined
      // Flags are whole numbers in the file.
      const terminated = tensor(Float64Array.from(golden.inputs.terminated!.data, Number))
      const targets = dqnTargets(rewards, terminated, discounts, x('next_q_target'), learner)
      expectClose(targets, golden.outputs.out!, toleranceOf(golden, 'float64'), golden.name)
    }
  })
})

describe('dqn', () => {
  const short = { totalTimesteps: 600, learningStarts: 100, trainInterval: 50, gradientSteps: 5, hidden: [16] }

  it('reports after each stretch of updates: steps, episodes, epsilon, loss', () => {
    const reports = [...dqn(make('CartPole-v1'), short)]
    expect(reports.map(({ step }) => step)).toEqual([100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600])
    expect(reports.every(({ loss }) => Number.isFinite(loss))).toBe(true)
    expect(reports.at(-1)!.epsilon).toBeCloseTo(0.04, 12)
    const finished = reports.flatMap(({ episodes }) => episodes)
    for (const { step, length, return: total } of finished) {
      expect(length).toBe(total) // CartPole's reward is 1 a step
      expect(step).toBeLessThanOrEqual(600)
    }
  })

  it('is a function of its seed, bit for bit', () => {
    const bytes = (seed: number) => saveParameters(finish(dqn(make('CartPole-v1'), { ...short, seed })))
    expect(bytes(1)).toEqual(bytes(1))
    expect(bytes(1)).not.toEqual(bytes(2))
  })

  it('says what it cannot act in', () => {
    const start = (id: string) => dqn(make(id)).next()
    expect(() => start('Pendulum-v1')).toThrow(ValueError)
    expect(() => start('Pendulum-v1')).toThrow(/chooses among Discrete actions/)
    expect(() => start('FrozenLake-v1')).toThrow(/a network needs vectors/)
  })
})
