// Jacobians of teachers, and the labels that they predict nearby.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distill, LabelledDataset, labelsBy } from '../../../src/distill/index.ts'
import { jacobiansBy, withExpansions } from '../../../src/distill/teachers/jacobians.ts'
import { MLP, saveParameters } from '../../../src/nn/index.ts'
import { Box, CategoricalPolicy, Discrete, type EnvLike, finish, make, QPolicy } from '../../../src/rl/index.ts'
import type { TeachingPolicy } from '../../../src/rl/policies/policy.ts'
import { Rng } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'
import { cartPole, constantly, pendulum, someAgent, somePendulumTeachers } from '../support.ts'

const network = (seed: number) => new MLP([3, 5, 2], new Rng(seed), { activation: 'tanh' })
const unit = { mean: new Float64Array(3), std: new Float64Array(3).fill(1) }
const spec = { envId: 'Somewhere-v0', observationSize: 3, actionSpace: new Discrete(2) }
const states = (rng: Rng, count: number) => Float32Array.from({ length: 3 * count }, () => rng.uniform(-1, 1))

function labelled(agent: TeachingPolicy, observations: Float32Array): LabelledDataset {
  const count = observations.length / 3
  const { actionValues } = labelsBy(agent, observations, count)
  return LabelledDataset.of(spec, {
    observations,
    actionValues: actionValues!,
    jacobians: jacobiansBy(agent, observations, count),
  })
}

describe('the Jacobians of a teacher', () => {
  it('are the slopes of its outputs: [states, outputs, observationSize]', () => {
    forAll([fc.nat(), fc.integer({ min: 1, max: 4 })], (seed, count) => {
      const agent = new QPolicy(network(seed), 3, 2) as TeachingPolicy
      const x = states(new Rng(seed), count)
      const jacobians = jacobiansBy(agent, x, count)
      for (let row = 0; row < count; row++) {
        for (let j = 0; j < 3; j++) {
          const step = 1e-2
          const moved = (by: number) => x.map((each, i) => (i === 3 * row + j ? each + by : each))
          const [high, low] = [step, -step].map((by) => labelsBy(agent, moved(by), count).actionValues!)
          for (let a = 0; a < 2; a++) {
            const slope = (high![2 * row + a]! - low![2 * row + a]!) / (2 * step)
            expect(jacobians[(2 * row + a) * 3 + j]!).toBeCloseTo(slope, 3)
          }
        }
      }
    })
  })

  it('need a network', () => {
    const options = { jacobians: true, labels: 10, rolloutSteps: 50 }
    expect(() => finish(distill(cartPole(), constantly(0, 1), options))).toThrow(/not differentiable.*jacobians: false/)
  })
})

describe('expansions', () => {
  it('are exact where the teacher is linear', () => {
    const agent = new QPolicy(new MLP([3, 2], new Rng(1)), 3, 2) as TeachingPolicy
    const rng = new Rng(2)
    const dataset = labelled(agent, states(rng, 6))
    const visited = states(rng, 200)
    const expanded = withExpansions(dataset, visited, unit)
    expect(expanded.size).toBeGreaterThan(20)
    expect(expanded.size).toBeLessThan(206) // some are too far from every label
    const exact = labelsBy(agent, expanded.column('observations'), expanded.size).actionValues!
    for (const [i, each] of expanded.column('actionValues').entries()) expect(each).toBeCloseTo(exact[i]!, 5)
    expect(expanded.labels).toBe(6)
  })

  it('keep the labels, and no visited state twice that has one', () => {
    const agent = new QPolicy(network(3), 3, 2) as TeachingPolicy
    const x = states(new Rng(3), 5)
    const dataset = labelled(agent, x)
    expect(withExpansions(dataset, x, unit)).toBe(dataset)
    const near = x.map((each) => each + 0.01)
    const expanded = withExpansions(dataset, near, unit)
    expect(expanded.size).toBe(10)
    expect(expanded.column('actionValues').slice(0, 10)).toEqual(dataset.column('actionValues'))
  })

  it('are nearer to the teacher than the label of the nearest state, and are led by it', () => {
    const agent = new QPolicy(network(5), 3, 2) as TeachingPolicy
    const x = Float32Array.of(0, 0, 0, 0.6, 0, 0)
    const dataset = labelled(agent, x)
    const expanded = withExpansions(dataset, Float32Array.of(0.05, 0.05, 0), unit)
    const [got, nearest, exact] = [
      expanded.column('actionValues').slice(4),
      dataset.column('actionValues').slice(0, 2),
      labelsBy(agent, Float32Array.of(0.05, 0.05, 0), 1).actionValues!,
    ]
    for (const a of [0, 1]) expect(Math.abs(got[a]! - exact[a]!)).toBeLessThan(0.2 * Math.abs(nearest[a]! - exact[a]!))
  })
})

describe('expansions by hand', () => {
  // One number a state. Label k is at place k, with a value and a slope for each of two outputs.
  const along = (places: number[], values: number[], slopes: number[]) =>
    LabelledDataset.of(
      { ...spec, observationSize: 1 },
      {
        observations: Float32Array.from(places),
        logits: Float32Array.from(values.flatMap((v) => [v, -v])),
        jacobians: Float32Array.from(slopes.flatMap((s) => [s, -s])),
      },
    )
  const scale = (std: number) => ({ mean: Float64Array.of(9), std: Float64Array.of(std) })
  const predicted = (dataset: LabelledDataset, x: number, std = 1) => {
    const expanded = withExpansions(dataset, Float32Array.of(x), scale(std))
    return expanded === dataset ? undefined : [...expanded.column('logits').slice(2 * dataset.size)]
  }

  it('follow the slope of one label, within half a standard deviation', () => {
    const one = along([0], [2], [3])
    expect(predicted(one, 0.25)).toEqual([2.75, -2.75])
    expect(predicted(one, -0.5)).toEqual([0.5, -0.5])
    expect(predicted(one, 0.51)).toBeUndefined()
    expect(predicted(one, 1, 2)).toEqual([5, -5])
    expect(predicted(one, 1.01, 2)).toBeUndefined()
    expect(predicted(one, 0)).toBeUndefined()
  })

  it('weigh the three nearest labels by their inverse squared distances', () => {
    // At 0.1 the labels at 0 and 0.4 predict 2.3 and 5 with the weights 9 : 1.
    const two = along([0.4, 0], [5, 2], [0, 3])
    expect(predicted(two, 0.1)![0]).toBeCloseTo(2.3 * 0.9 + 5 * 0.1, 5)
    // A third one at -0.5 predicts 8: 36 : 4 : 1. What lies farther does not count.
    const third = (2.3 * 36 + 5 * 4 + 8) / 41
    expect(predicted(along([0.4, -0.5, 0], [5, 8, 2], [0, 0, 3]), 0.1)![0]).toBeCloseTo(third, 5)
    expect(predicted(along([9, 0.4, -0.5, 0, 3], [99, 5, 8, 2, 99], [0, 0, 0, 3, 0]), 0.1)![0]).toBeCloseTo(third, 5)
  })

  it('of Gaussians have the ln σ of the nearest label', () => {
    const dataset = LabelledDataset.of(
      { envId: 'some', observationSize: 1, actionSpace: new Box([-1, -1], [1, 1]) },
      {
        ...{ observations: Float32Array.of(0, 0.4), mean: Float32Array.of(1, 2, 3, 4) },
        ...{
          logStd: Float32Array.of(-1, -2, -3, -4),
          jacobians: Float32Array.of(1, 0, 0, 1),
          returns: Float32Array.of(1, 2),
        },
      },
    )
    const expanded = withExpansions(dataset, Float32Array.of(0.3, 5), scale(1))
    expect([expanded.size, expanded.has('jacobians'), expanded.has('returns')]).toEqual([3, false, false])
    expect([...expanded.column('logStd').slice(4)]).toEqual([-3, -4])
    // Distances 0.3 and 0.1: 1 : 9 of (1.3, 2) and (3, 3.9).
    expect(expanded.column('mean')[4]).toBeCloseTo(0.13 + 2.7, 5)
    expect(expanded.column('mean')[5]).toBeCloseTo(0.2 + 3.51, 5)
  })

  it('of actions alone have no ln σ', () => {
    const spec = { envId: 'some', observationSize: 1, actionSpace: new Box([-1], [1]) }
    const columns = { observations: Float32Array.of(0), mean: Float32Array.of(0.5), jacobians: Float32Array.of(2) }
    const expanded = withExpansions(LabelledDataset.of(spec, columns), Float32Array.of(0.25), scale(1))
    expect([[...expanded.column('mean')], expanded.has('logStd')]).toEqual([[0.5, 1], false])
  })

  it('need more than the labels of a function', () => {
    expect(() => jacobiansBy({ observationSize: 1 }, Float32Array.of(1), 1)).toThrow(
      'the teacher is not differentiable',
    )
  })
})

describe('a distillation with Jacobians', () => {
  const options = { jacobians: true, labels: 12, rounds: 3, rolloutSteps: 100, hidden: [6], updates: 20, seed: 1 }

  it('counts one per label, and learns from more states than it labels', () => {
    const { cost, dataset, student } = finish(distill(cartPole(), someAgent(), options))
    expect(cost).toMatchObject({ labels: 12, jacobians: 12 })
    expect(dataset.size).toBe(12)
    expect(dataset.column('jacobians')).toHaveLength(12 * 2 * 4)
    const plain = finish(distill(cartPole(), someAgent(), { ...options, jacobians: false })).student
    expect(saveParameters(student)).not.toEqual(saveParameters(plain))
  })

  it('takes continuous actions', () => {
    for (const teacher of [somePendulumTeachers.gaussian(), somePendulumTeachers.deterministic()]) {
      expect(finish(distill(pendulum(), teacher, options)).cost.jacobians).toBe(12)
    }
  })

  it('may take the mirror image of every label too', () => {
    const both = { ...options, symmetries: true }
    const [with_, without] = [both, options].map((each) => finish(distill(cartPole(), someAgent(), each)))
    expect(with_!.cost.labels).toBe(12)
    expect(with_!.dataset.size).toBe(12)
    expect(saveParameters(with_!.student)).not.toEqual(saveParameters(without!.student))
  })

  it('refuses what has no derivatives, no symmetry, no play, or a temperature to be chosen', () => {
    const refused = (more: object, message: RegExp, env: EnvLike = cartPole(), teacher = someAgent()) =>
      expect(() => distill(env, teacher, { ...options, ...more } as never)).toThrow(message)
    refused({ target: 'value-mse' }, /jacobians is true, but value-mse learns no outputs of the policy/)
    refused({ temperature: 'auto' }, /temperature is auto, which holds labels out/)
    const { dataset } = finish(distill(cartPole(), someAgent(), options))
    expect(() => distill(cartPole(), null, { dataset, jacobians: true })).toThrow(/no play near the given labels/)
    const still = new CategoricalPolicy(new MLP([2, 3], new Rng(1)), 2, 3)
    expect(() => distill(make('MountainCar-v0'), still, { symmetries: true })).toThrow(
      /MountainCar-v0 declares no mirror symmetry; leave it out/,
    )
  })
})
