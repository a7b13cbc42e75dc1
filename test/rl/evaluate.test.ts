import { describe, expect, it } from 'vitest'
import { MLP } from '../../src/nn/mlp.ts'
import { actionScores, greedyAction } from '../../src/rl/agent.ts'
import { evaluate } from '../../src/rl/evaluate.ts'
import { PolicyAgent } from '../../src/rl/network-agents.ts'
import { make } from '../../src/rl/registry.ts'
import { bootstrapInterval, meanOf, medianOf, quantile, standardDeviationOf } from '../../src/rl/statistics.ts'
import { Rng, tensor, ValueError } from '../../src/tensor/index.ts'

const makeEnv = () => make('CartPole-v1')
const agent = new PolicyAgent(new MLP([4, 16, 2], new Rng(3)), 4, 2)

describe('evaluate', () => {
  it('plays each episode from its own seed, whether in a batch or one by one', () => {
    const together = evaluate(agent, makeEnv, { episodes: 12, seed: 40 })
    const inTurn = evaluate({ act: (observation) => greedyAction(agent, observation as Float32Array) }, makeEnv, {
      episodes: 12,
      seed: 40,
    })
    expect(together.returns).toEqual(inTurn.returns)
    expect(together.steps).toBe(together.returns.reduce((sum, each) => sum + each))
    expect(evaluate(agent, makeEnv, { episodes: 1, seed: 45 }).returns[0]).toBe(together.returns[5])
  })

  it('gives the mean, its spread and an interval around it', () => {
    const { returns, mean, standardDeviation, interval } = evaluate(agent, makeEnv, { episodes: 20 })
    expect(mean).toBe(meanOf(returns))
    expect(standardDeviation).toBe(standardDeviationOf(returns))
    expect(interval.low).toBeLessThanOrEqual(mean)
    expect(interval.high).toBeGreaterThanOrEqual(mean)
  })

  it('refuses to play no episode, and a network that cannot choose', () => {
    expect(() => evaluate(agent, makeEnv, { episodes: 0 })).toThrow(ValueError)
    const values = { observationSize: 4, actionCount: 2, act: () => 0 }
    expect(() => actionScores(values, tensor([[0, 0, 0, 0]]))).toThrow(/neither logits nor action values/)
  })
})

describe('statistics', () => {
  it('of a few numbers', () => {
    expect(standardDeviationOf([1, 3])).toBe(1)
    expect(medianOf([5, 1, 2])).toBe(2)
    expect(quantile([0, 10], 0.25)).toBe(2.5)
  })

  it('an interval of equal numbers is a point, one of many is about ±1.96 σ/√n', () => {
    expect(bootstrapInterval([7, 7, 7], new Rng(0))).toEqual({ low: 7, high: 7 })
    const rng = new Rng(1)
    const values = Float64Array.from({ length: 400 }, () => rng.normal())
    const { low, high } = bootstrapInterval(values, new Rng(2))
    expect((high - low) / 2).toBeCloseTo(1.96 / 20, 1)
    expect(() => bootstrapInterval([], new Rng(0))).toThrow(/no values/)
  })
})
