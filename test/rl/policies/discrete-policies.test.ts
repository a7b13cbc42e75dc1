// Policies that choose: greedy and random choices, masks, and what their networks must give.

import { describe, expect, it } from 'vitest'
import type { Module } from '../../../src/nn/module.ts'
import {
  actionPreferences,
  CategoricalPolicy,
  DiscreteAgent,
  epsilonGreedyActions,
  greedyActions,
  QPolicy,
  requireOutputs,
  ValueFunction,
} from '../../../src/rl/policies/discrete-policies.ts'
import { Rng, reshape, ShapeError, type Tensor, tensor, ValueError } from '../../../src/tensor/index.ts'

/** Outputs equal to inputs: an observation is its own scores. */
const identity: Module = { forward: (x: Tensor) => x, parameters: () => ({}) }

/** Outputs of a shape, whatever the inputs. */
const giving = (...shape: number[]): Module => ({
  forward: () => tensor(new Float32Array(shape.reduce((a, b) => a * b)), shape),
  parameters: () => ({}),
})

const rows = Float32Array.of(1, 3, 2, 5, 4, 0) // [2, 3]

describe('greedy actions', () => {
  const byValues = new DiscreteAgent(3, 3, { actionValues: (x) => x })

  it('are the largest logits, or without logits the largest action values', () => {
    expect(greedyActions({ observationSize: 3, numActions: 3, logits: (x) => x }, rows)).toEqual(Int32Array.of(1, 0))
    expect(byValues.actBatch(rows)).toEqual(Int32Array.of(1, 0))
    const both = { logits: () => tensor([[0, 1]]), actionValues: () => tensor([[1, 0]]) }
    expect([...actionPreferences(both, tensor([[0]])).view()]).toEqual([0, 1])
  })

  it('are the largest of those allowed', () => {
    expect(byValues.actBatch(rows, Float32Array.of(1, 0, 1, 0, 1, 1))).toEqual(Int32Array.of(2, 1))
    expect(byValues.act(rows.subarray(0, 3), [1, 0, 0])).toBe(0)
    expect(byValues.act(rows.subarray(0, 3))).toBe(1)
  })

  it('are samples, too, of an agent without logits, whose values have the noise of its layers', () => {
    const rng = new Rng(1)
    const seen: unknown[] = []
    const noisy = new DiscreteAgent(3, 3, {
      actionValues: (x, given) => {
        seen.push(given)
        return x
      },
    })
    expect(noisy.sampleBatch(rows, rng, Float32Array.of(1, 0, 1, 1, 1, 1))).toEqual(Int32Array.of(2, 0))
    expect(noisy.sample(rows.subarray(0, 3), rng, [1, 0, 0])).toBe(0)
    noisy.act(rows.subarray(0, 3))
    expect(seen).toEqual([rng, rng, undefined])
  })

  it('need logits or action values', () => {
    const values = { stateValues: (x: Tensor) => x }
    expect(() => actionPreferences(values, tensor([[0]]))).toThrow(ValueError)
    expect(() => actionPreferences(values, tensor([[0]]))).toThrow(
      'act: the agent has neither logits nor action values; plan with its state values (Lookahead)',
    )
  })
})

describe('samples of logits', () => {
  const policy = new CategoricalPolicy(identity, 3, 3)

  it('are drawn from softmax(logits), never a forbidden action', () => {
    const certain = Float32Array.of(0, 99, 0, 99, 0, 0)
    expect(policy.sampleBatch(certain, new Rng(1))).toEqual(Int32Array.of(1, 0))
    expect(policy.sample(certain.subarray(0, 3), new Rng(1))).toBe(1)
    expect(policy.sample(certain.subarray(0, 3), new Rng(1), [0, 0, 1])).toBe(2)
    const even = policy.sampleBatch(new Float32Array(3 * 300), new Rng(2))
    for (const action of [0, 1, 2]) expect(even.filter((each) => each === action).length).toBeGreaterThan(80)
  })

  it('are returned to the environment unchanged', () => {
    const actions = Int32Array.of(2)
    expect(policy.toEnvironment(actions)).toBe(actions)
  })
})

describe('ε-greedy actions', () => {
  /** Explores where the list has true. */
  const turns =
    (...explores: boolean[]) =>
    () =>
      explores.shift()!

  it('are random in the rows that explore, greedy in the others', () => {
    const agent = { observationSize: 3, numActions: 3, actionValues: (x: Tensor) => x }
    const act = (seed: number, ...explores: boolean[]) =>
      epsilonGreedyActions(agent, rows, turns(...explores), new Rng(seed))
    const seeds = Array.from({ length: 60 }, (_, seed) => seed)
    expect(act(0, false, false)).toEqual(Int32Array.of(1, 0))
    expect(new Set(seeds.map((seed) => act(seed, true, false).join()))).toEqual(new Set(['0,0', '1,0', '2,0']))
    expect(new Set(seeds.map((seed) => act(seed, false, true)[1]))).toEqual(new Set([0, 1, 2]))
    expect(new Set(seeds.map((seed) => act(seed, true, true).join())).size).toBe(9)
  })

  it('are random among those that the mask of the row allows', () => {
    const agent = { observationSize: 3, numActions: 3, actionValues: (x: Tensor) => x }
    const masks = Float32Array.of(0, 1, 1, 1, 0, 1)
    const drawn = Array.from({ length: 60 }, (_, seed) =>
      epsilonGreedyActions(agent, rows, () => true, new Rng(seed), masks),
    )
    expect(new Set(drawn.map(([first]) => first))).toEqual(new Set([1, 2]))
    expect(new Set(drawn.map(([, second]) => second))).toEqual(new Set([0, 2]))
    expect(epsilonGreedyActions(agent, rows, turns(true, false), new Rng(1), masks)[1]).toBe(0)
  })

  it('ask the network only for rows that do not explore', () => {
    const agent = {
      ...{ observationSize: 3, numActions: 3 },
      actionValues: () => {
        throw new Error('not needed')
      },
    }
    expect(epsilonGreedyActions(agent, rows, () => true, new Rng(1))).toHaveLength(2)
  })

  it('are the samples of action values: ε = 0 never explores, ε = 1 always does', () => {
    const policy = new QPolicy(identity, 3, 3)
    const many = Float32Array.from({ length: 3 * 90 }, (_, i) => Number(i % 3 === 1))
    expect(new Set(policy.sampleBatch(many, new Rng(1)))).toEqual(new Set([1]))
    policy.epsilon = 1
    expect(new Set(policy.sampleBatch(many, new Rng(1)))).toEqual(new Set([0, 1, 2]))
    const half = new QPolicy(identity, 3, 3, 0.5).sampleBatch(many, new Rng(1))
    expect(half.filter((each) => each === 1).length).toBeGreaterThan(45) // 2/3 of 90 in the mean
    expect(half.filter((each) => each === 1).length).toBeLessThan(75)
  })

  it('explore where a draw is below ε, not where it equals ε', () => {
    class Fixed extends Rng {
      override uniform(): number {
        return 0.25
      }
      override integer(): number {
        return 2
      }
    }
    const row = rows.subarray(0, 3)
    expect(new QPolicy(identity, 3, 3, 0.25).sample(row, new Fixed())).toBe(1)
    expect(new QPolicy(identity, 3, 3, 0.26).sample(row, new Fixed())).toBe(2)
    expect(new QPolicy(identity, 3, 3, 0).sample(row, Object.assign(new Fixed(), { uniform: () => 0 }))).toBe(1)
  })
})

it('state values: are mean + deviation · z', () => {
  const first: Module = { forward: (x) => reshape(x, [2, 1]), parameters: () => ({}) }
  const values = new ValueFunction(giving(1, 1), 1, 2, { mean: 20, deviation: 5 })
  Object.assign(values, { network: first })
  expect([...values.stateValues(tensor([[1], [-2]])).view()]).toEqual([25, 10])
  expect([...new ValueFunction(giving(1, 1), 1, 2).stateValues(tensor([[1]])).view()]).toEqual([0])
})

describe('requireOutputs', () => {
  it('takes a network that maps [1, inputs] to [1, outputs]', () => {
    expect(() => requireOutputs(identity, 3, 3)).not.toThrow()
  })

  it.each<[shape: number[], given: string]>([
    [[1, 2], 'gives 2 outputs'],
    [[1, 3, 1], 'gives 3x1 outputs'],
    [[3], 'gives  outputs'],
    [[1, 2, 3], 'gives 2x3 outputs'],
  ])('refuses one that gives %o where 3 outputs are expected', (shape, given) => {
    expect(() => requireOutputs(giving(...shape), 3, 3)).toThrow(ShapeError)
    expect(() => requireOutputs(giving(...shape), 3, 3)).toThrow(
      `the network ${given} a state; expected 3 (one per action, or 1 for state values)`,
    )
  })

  it('refuses what is no network', () => {
    expect(() => requireOutputs({} as Module, 3, 3)).toThrow(/^the network is \{\}; expected a module/)
  })
})
