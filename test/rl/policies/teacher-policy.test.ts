import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MLP } from '../../../src/nn/layers/mlp.ts'
import { CategoricalPolicy, GaussianActorCritic, QPolicy } from '../../../src/rl/index.ts'
import type { DiagonalGaussian } from '../../../src/rl/policies/distributions/diagonal-gaussian.ts'
import {
  distillationCoef,
  requireReturnRange,
  requireSameTask,
  softenedPolicy,
  teacherPolicy,
} from '../../../src/rl/policies/teacher-policy.ts'
import { Rng, softmax, tensor, ValueError } from '../../../src/tensor/index.ts'
import { expectNumbers } from '../../support/arrays.ts'
import { forAll } from '../../support/property.ts'

const returns = { random: 20, teacher: 500 }

describe('distillationCoef', () => {
  it('falls from 1 at random play to 0 at the teacher’s return, for rewards of either sign', () => {
    expect(distillationCoef(20, returns)).toBe(1)
    expect(distillationCoef(260, returns)).toBeCloseTo(0.5)
    expect(distillationCoef(600, returns)).toBe(0)
    expect(distillationCoef(-500, { random: -500, teacher: -80 })).toBe(1)
    expect(distillationCoef(-290, { random: -500, teacher: -80 })).toBeCloseTo(0.5)
    expect(distillationCoef(-700, { random: -500, teacher: -80 })).toBe(1)
  })

  it('takes recent returns by their mean, and none as random play', () => {
    expect(distillationCoef([200, 320], returns)).toBeCloseTo(0.5)
    expect(distillationCoef([500], returns)).toBe(0)
    expect(distillationCoef([], returns)).toBe(1)
  })

  it('is in [0, 1], and never grows with the student’s return', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    forAll([number, fc.double({ min: 1, max: 1e6, noNaN: true }), number, number], (random, above, a, b) => {
      const range = { random, teacher: random + above }
      const [low, high] = [Math.min(a, b), Math.max(a, b)].map((g) => distillationCoef(g, range))
      expect(low).toBeGreaterThanOrEqual(high!)
      expect(high).toBeGreaterThanOrEqual(0)
      expect(low).toBeLessThanOrEqual(1)
    })
  })
})

it('requireReturnRange: throws unless the teacher is better than random play and both are finite', () => {
  requireReturnRange('test', returns)
  for (const wrong of [
    { random: 22, teacher: 22 },
    { random: -80, teacher: -500 },
    { random: Number.NaN, teacher: 1 },
  ]) {
    expect(() => requireReturnRange('test', wrong)).toThrow(ValueError)
  }
  expect(() => requireReturnRange('test', { random: 22, teacher: 22 })).toThrow(
    "test: the teacher's return is 22, that of random play 22; expected a teacher better than random play",
  )
  expect(() => requireReturnRange('test', { random: 0, teacher: Infinity })).toThrow(ValueError)
})

describe('teacherPolicy', () => {
  const network = () => new MLP([4, 8, 2], new Rng(5))
  const observations = tensor([0.1, -0.2, 0.3, 0.4, 1, 2, 3, 4], [2, 4])

  it('is softmax(logits / τ), or softmax(Q / τ) of a teacher of action values, without a gradient', () => {
    const outputs = network().forward(observations).toArray()
    const expected = softmax(
      tensor(
        Array.from(outputs, (each) => each / 0.5),
        [2, 2],
      ),
    ).toArray()
    for (const teacher of [new CategoricalPolicy(network(), 4, 2), new QPolicy(network(), 4, 2)]) {
      const policy = softenedPolicy(teacher, 0.5, observations)
      expectNumbers(policy.probs.toArray(), expected, 1e-5, 1e-6)
      expect(policy.logProbs.requiresGrad).toBe(false)
    }
  })

  it('gives forbidden actions no probability', () => {
    const masks = tensor([1, 0, 1, 1], [2, 2])
    const [first, second, third, fourth] = softenedPolicy(
      new CategoricalPolicy(network(), 4, 2),
      1,
      observations,
      masks,
    ).probs.toArray()
    expect([first, second]).toEqual([1, 0])
    expect(third! + fourth!).toBeCloseTo(1, 6)
  })

  it('is the distribution of a teacher of vectors, whatever the temperature', () => {
    const layers = (outputs: number) => new MLP([4, outputs], new Rng(5))
    const bounds = { low: Float32Array.of(-1), high: Float32Array.of(1) }
    const teacher = new GaussianActorCritic(layers(1), layers(1), 4, tensor([0.5]), bounds)
    const policy = teacherPolicy(teacher, 0, observations) as DiagonalGaussian
    expect(policy.mean.toArray()).toEqual(layers(1).forward(observations).toArray())
    expect(policy.mean.requiresGrad).toBe(false)
  })

  it.each([0, -1, Number.NaN, Infinity])('throws on a temperature of %s', (temperature) => {
    const policy = () => teacherPolicy(new CategoricalPolicy(network(), 4, 2), temperature, observations)
    expect(policy).toThrow(ValueError)
    expect(policy).toThrow(`the temperature is ${temperature}`)
  })
})

it('requireSameTask: throws a message with the sizes of both', () => {
  const choices = { observationSize: 4, numActions: 2 }
  requireSameTask('test', choices, choices)
  expect(() => requireSameTask('test', choices, { observationSize: 4, actionSize: 2 })).toThrow(
    'test: the teacher observes 4 numbers and chooses among 2 actions, the student observes 4 numbers and gives vectors of 2; both must play the same environment',
  )
})
