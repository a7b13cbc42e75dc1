import { describe, expect, it } from 'vitest'
import { kindsOfGaussian, labelsBy } from '../../../src/distill/teachers/teaching-agent.ts'
import { MLP } from '../../../src/nn/layers/mlp.ts'
import {
  DeterministicPolicy,
  GaussianPolicy,
  SquashedGaussianPolicy,
} from '../../../src/rl/policies/continuous-policies.ts'
import { playedActions, type TeachingPolicy } from '../../../src/rl/policies/policy.ts'
import { mul, Rng, reshape, type Tensor, tensor } from '../../../src/tensor/index.ts'

const bounds = { low: Float32Array.of(-2), high: Float32Array.of(2) }
const network = (outputs: number) => new MLP([1, outputs], new Rng(1))
const policies = {
  squashed: new SquashedGaussianPolicy(network(2), 1, bounds),
  gaussian: new GaussianPolicy(network(2), 1, bounds),
  deterministic: new DeterministicPolicy(network(1), 1, bounds),
} satisfies Readonly<Record<string, TeachingPolicy>>
const numbers = (x: Tensor | undefined) => x && [...x.toArray()]
const states = Float32Array.of(1, 3)
/** [-x, x] for observations x. */
const pair = (x: Tensor) => tensor(Array.from(x.view(), (each) => [-each, each]))

describe('the labels of an agent', () => {
  const of = (outputs: Partial<TeachingPolicy>) => labelsBy({ observationSize: 1, ...outputs }, states, 2)

  it('are all its outputs; V is max Q where it has no state values of its own', () => {
    expect(of({})).toEqual({})
    expect(of({ logits: pair })).toEqual({ logits: Float32Array.of(-1, 1, -3, 3) })
    expect(of({ actionValues: pair })).toEqual({
      ...{ actionValues: Float32Array.of(-1, 1, -3, 3), stateValues: Float32Array.of(1, 3) },
    })
    expect(of({ actionValues: pair, stateValues: (x) => reshape(mul(x, 7), [2]) })).toEqual({
      ...{ actionValues: Float32Array.of(-1, 1, -3, 3), stateValues: Float32Array.of(7, 21) },
    })
    expect(of({ stateValues: (x) => reshape(x, [2]), gaussian: (x) => ({ mean: mul(x, 2) }) })).toEqual({
      ...{ stateValues: Float32Array.of(1, 3), mean: Float32Array.of(2, 6) },
    })
    expect(of({ gaussian: (x) => ({ mean: x, logStd: mul(x, -1) }) })).toEqual({
      ...{ mean: Float32Array.of(1, 3), logStd: Float32Array.of(-1, -3) },
    })
  })

  it('of continuous actions are the mean and ln σ of a Gaussian, or the action alone', () => {
    const batch = tensor(states, [2, 1])
    const outputs = (policy: TeachingPolicy) => {
      const { mean, logStd } = policy.gaussian!(batch)
      return { mean: numbers(mean), logStd: numbers(logStd) }
    }
    const { gaussian } = policies.squashed.distribution(batch)
    expect(outputs(policies.squashed)).toEqual({ mean: numbers(gaussian.mean), logStd: numbers(gaussian.logStd) })
    const { mean, logStd } = policies.gaussian.distribution(batch)
    expect(outputs(policies.gaussian)).toEqual({ mean: numbers(mean), logStd: numbers(logStd) })
    expect(outputs(policies.deterministic)).toEqual({
      mean: numbers(policies.deterministic.choose(batch)),
      logStd: undefined,
    })
  })

  it('have kinds, which discrete actions have none of', () => {
    expect(Object.values(policies).map(kindsOfGaussian)).toEqual([['mean', 'logStd'], ['mean', 'logStd'], ['mean']])
    expect(kindsOfGaussian({ observationSize: 1, bounds })).toEqual([])
    expect(kindsOfGaussian({ observationSize: 1, gaussian: (x) => ({ mean: x }) })).toEqual([])
  })

  it('are before tanh where the policy is squashed', () => {
    expect(Object.values<TeachingPolicy>(policies).map(({ squashed }) => squashed)).toEqual([
      true,
      undefined,
      undefined,
    ])
  })
})

it('the play of an agent: is greedy, in the units of the environment', () => {
  const agent: TeachingPolicy = { observationSize: 1, actBatch: (x) => x.map((each) => 2 * each) }
  expect(playedActions(agent, states)).toEqual(Float32Array.of(2, 6))
  const scaled = { ...agent, toEnvironment: (actions: ArrayLike<number>) => Float32Array.from(actions, (a) => a + 1) }
  expect(playedActions(scaled as TeachingPolicy, states)).toEqual(Float32Array.of(3, 7))
})
