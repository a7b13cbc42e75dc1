import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MLP } from '../../src/nn/mlp.ts'
import { GaussianActorCritic } from '../../src/rl/actor-critic.ts'
import { ActionValueAgent, DiscreteAgent, PolicyAgent } from '../../src/rl/discrete-policies.ts'
import type { DiagonalGaussian } from '../../src/rl/distributions/diagonal-gaussian.ts'
import { distillationCoef, requireReturnRange, requireSameTask, teacherPolicy } from '../../src/rl/teacher-policy.ts'
import { Rng, softmax, tensor, ValueError } from '../../src/tensor/index.ts'

const returnRange = { random: 20, teacher: 500 }
const observations = tensor([
  [1, 2, 3, 4],
  [0, -1, 0, 1],
])

describe('the weight of the teacher', () => {
  it('falls from 1 at random play to 0 at the teacher’s return, for rewards of either sign', () => {
    expect(distillationCoef(20, returnRange)).toBe(1)
    expect(distillationCoef(260, returnRange)).toBeCloseTo(0.5)
    expect(distillationCoef(600, returnRange)).toBe(0)
    expect(distillationCoef(-500, { random: -500, teacher: -80 })).toBe(1)
    expect(distillationCoef(-290, { random: -500, teacher: -80 })).toBeCloseTo(0.5)
    expect(distillationCoef(-700, { random: -500, teacher: -80 })).toBe(1)
  })

  it('never leaves [0, 1], and never grows with the student’s return', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(number, fc.double({ min: 1, max: 1e6, noNaN: true }), number, number, (random, above, a, b) => {
        const scale = { random, teacher: random + above }
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((g) => distillationCoef(g, scale))
        expect(low).toBeGreaterThanOrEqual(high!)
        expect(high).toBeGreaterThanOrEqual(0)
        expect(low).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('the policy of a teacher', () => {
  it('is the softmax of its logits or of its action values, divided by the temperature', () => {
    const network = new MLP([4, 8, 2], new Rng(5))
    for (const teacher of [new PolicyAgent(network, 4, 2), new ActionValueAgent(network, 4, 2)]) {
      const expected = softmax(
        tensor(
          network
            .forward(observations)
            .toArray()
            .map((z) => z / 0.5),
          [2, 2],
        ),
      ).view()
      const policy = teacherPolicy(teacher, 0.5, observations).logProbs.view()
      for (const [i, each] of policy.entries()) expect(Math.exp(each)).toBeCloseTo(expected[i]!, 5)
    }
  })

  it('is its Gaussian, which has no temperature', () => {
    const bounds = { low: Float32Array.of(-2), high: Float32Array.of(2) }
    const net = (seed: number) => new MLP([4, 4, 1], new Rng(seed))
    const teacher = new GaussianActorCritic(net(1), net(2), 4, tensor([0.1], [1]), bounds)
    const policy = teacherPolicy(teacher, 3, observations) as DiagonalGaussian
    expect(policy.mean.toArray()).toEqual(teacher.distribution(observations).mean.toArray())
  })

  it('gives forbidden actions no probability', () => {
    const teacher = new PolicyAgent(new MLP([4, 3], new Rng(1)), 4, 3)
    const masks = tensor([
      [1, 0, 1],
      [1, 1, 1],
    ])
    const logProbs = teacherPolicy(teacher, 1, observations, masks).logProbs.view()
    expect(Math.exp(logProbs[1]!)).toBe(0)
    expect(Math.exp(logProbs[4]!)).toBeGreaterThan(0)
  })

  it('records no gradient', () => {
    const teacher = new PolicyAgent(new MLP([4, 2], new Rng(1)), 4, 2)
    expect(teacherPolicy(teacher, 1, observations).logProbs.requiresGrad).toBe(false)
  })
})

describe('bad input', () => {
  const teacher = new PolicyAgent(new MLP([4, 2], new Rng(1)), 4, 2)

  it.each([0, -1, Number.NaN, Infinity])('a temperature of %s', (temperature) => {
    expect(() => teacherPolicy(teacher, temperature, observations)).toThrow(ValueError)
  })

  it('a teacher no better than random play', () => {
    for (const bad of [22, 21, Number.NaN, Infinity]) {
      expect(() => requireReturnRange('op', { random: 22, teacher: bad })).toThrow(
        /expected a teacher better than random/,
      )
    }
    requireReturnRange('op', { random: -500, teacher: -80 })
  })

  it('a teacher of another task, or without outputs to choose by', () => {
    expect(() => requireSameTask('op', teacher, { observationSize: 4, actionSize: 2 })).toThrow(
      /op: the teacher observes 4 numbers and chooses among 2 actions, the student observes 4 numbers and gives vectors of 2/,
    )
    expect(() => teacherPolicy(new DiscreteAgent(4, 2), 1, observations)).toThrow(ValueError)
  })
})
