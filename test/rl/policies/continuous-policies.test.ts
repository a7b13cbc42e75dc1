import { describe, expect, it } from 'vitest'
import type { Module } from '../../../src/nn/module.ts'
import { GaussianPolicy } from '../../../src/rl/policies/continuous-policies.ts'
import { Rng, type Tensor, tensor } from '../../../src/tensor/index.ts'

/** The same outputs [1, n] for every observation. */
const constantly = (...outputs: number[]): Module => ({
  forward: (x: Tensor) =>
    tensor(
      Array.from({ length: x.shape[0]! }, () => outputs),
      [x.shape[0]!, outputs.length],
    ),
  parameters: () => ({}),
})

const bounds = { low: Float32Array.of(-2, -1), high: Float32Array.of(2, 1) }
const agent = new GaussianPolicy(constantly(5, 0.25, 0, Math.log(0.5)), 3, bounds)
const observation = Float32Array.of(0, 0, 0)

describe('a Gaussian policy', () => {
  it('reads mean and ln σ from the outputs of its network, in the units of the environment', () => {
    const { mean, logStd } = agent.distribution(tensor([[0, 0, 0]]))
    expect(mean.toArray()).toEqual(Float32Array.of(5, 0.25))
    expect(Array.from(logStd.view())).toEqual([0, Math.fround(Math.log(0.5))])
  })

  it('acts by its mean, clipped to the bounds, not stretched over them', () => {
    expect(agent.actBatch(observation)).toEqual(Float32Array.of(5, 0.25))
    expect(agent.act(observation)).toEqual(Float32Array.of(2, 0.25))
  })

  it('draws from its Gaussian', () => {
    const draws = agent.sampleBatch(new Float32Array(3 * 4000), new Rng(1)).filter((_, i) => i % 2 === 1)
    const mean = draws.reduce((a, b) => a + b) / draws.length
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length
    expect(mean).toBeCloseTo(0.25, 1)
    expect(Math.sqrt(variance)).toBeCloseTo(0.5, 1)
    expect(agent.sample(observation, new Rng(1)).every((x, i) => Math.abs(x) <= bounds.high[i]!)).toBe(true)
  })
})
