import { describe, expect, it } from 'vitest'
import { ensembleOf } from '../../src/distill/ensemble.ts'
import { functionTeacher } from '../../src/distill/function-teacher.ts'
import { Teacher } from '../../src/distill/teacher.ts'
import { gaussianOf, playerOf, type TeachingAgent } from '../../src/distill/teaching-agent.ts'
import { MLP } from '../../src/nn/mlp.ts'
import type { Module } from '../../src/nn/module.ts'
import { CategoricalActorCritic } from '../../src/rl/actor-critic.ts'
import { DeterministicAgent, GaussianAgent, SquashedGaussianAgent } from '../../src/rl/continuous-policies.ts'
import { ActionValueAgent, DiscreteAgent, PolicyAgent } from '../../src/rl/discrete-policies.ts'
import { Discrete } from '../../src/rl/spaces.ts'
import { Rng, ShapeError, softmax, type Tensor, tensor, ValueError } from '../../src/tensor/index.ts'
import { pendulum, someDataset, somePendulumTeachers } from './support.ts'

const policy = (seed: number) => new PolicyAgent(new MLP([4, 8, 2], new Rng(seed)), 4, 2)
const values = (seed: number) => new ActionValueAgent(new MLP([4, 8, 2], new Rng(seed)), 4, 2)
const observations = tensor(
  Float32Array.from({ length: 20 }, (_, i) => Math.fround((i % 7) - 3)),
  [5, 4],
)

describe('an ensemble', () => {
  it('has the mean of the probabilities of its members', () => {
    const members = [policy(1), policy(2), policy(3)]
    const mean = softmax(ensembleOf(members).logits!(observations)).toArray()
    const each = members.map((member) => softmax(member.logits(observations)).toArray())
    mean.forEach((p, i) => {
      expect(p).toBeCloseTo((each[0]![i]! + each[1]![i]! + each[2]![i]!) / 3, 6)
    })
  })

  it('has finite logits where an action is all but impossible for all members', () => {
    const sure = functionTeacher(() => ({ logits: [0, -200] }), new Discrete(2), new Float32Array(4))
    expect(ensembleOf([sure, sure]).logits!(tensor([[0, 0, 0, 0]])).toArray()).toEqual(Float32Array.of(0, -200))
  })

  it('has the mean of the values of its members, and no output that one of them lacks', () => {
    const members = [values(1), values(2)]
    const ensemble = ensembleOf(members)
    const mean = ensemble.actionValues!(observations).toArray()
    const [a, b] = members.map((member) => member.actionValues(observations).toArray())
    mean.forEach((q, i) => {
      expect(q).toBeCloseTo((a![i]! + b![i]!) / 2, 6)
    })
    expect(new Teacher(ensemble, 'both').kinds).toEqual(['actionValues', 'stateValues'])
    const critic = new CategoricalActorCritic(new MLP([4, 2], new Rng(1)), new MLP([4, 1], new Rng(2)), 4, 2)
    expect(new Teacher(ensembleOf([critic, policy(1)]), 'mixed').kinds).toEqual(['logits'])
  })

  it('acts greedily, or draws', () => {
    const ensemble = ensembleOf([policy(1), policy(2)]) as DiscreteAgent
    expect(ensemble).toBeInstanceOf(DiscreteAgent)
    const observation = Float32Array.of(0.1, 0, 0, 0)
    const rng = new Rng(0)
    const drawn = new Set(Array.from({ length: 200 }, () => ensemble.sample(observation, rng)))
    expect(drawn).toEqual(new Set([0, 1]))
    expect(new Set(Array.from({ length: 5 }, () => ensemble.act(observation))).size).toBe(1)
  })

  it('of no members, of other tasks or with nothing in common is refused', () => {
    expect(() => ensembleOf([])).toThrow(/no members/)
    const threeActions = new PolicyAgent(new MLP([4, 3], new Rng(0)), 4, 3)
    expect(() => ensembleOf([policy(1), threeActions])).toThrow(ShapeError)
    expect(() => ensembleOf([policy(1), threeActions])).toThrow(
      /member 1 observes 4 numbers and has 3 actions, member 0 observes 4 numbers and has 2 actions/,
    )
    expect(() => ensembleOf([policy(1), values(1)])).toThrow(/no output that all members have/)
  })
})

describe('an ensemble of continuous policies', () => {
  const bounds = { low: Float32Array.of(-2), high: Float32Array.of(2) }
  const constantly = (...outputs: number[]): Module => ({
    forward: (x: Tensor) =>
      tensor(
        Array.from({ length: x.shape[0]! }, () => outputs),
        [x.shape[0]!, outputs.length],
      ),
    parameters: () => ({}),
  })
  const gaussian = (mean: number, std: number, Kind: typeof GaussianAgent | typeof SquashedGaussianAgent) =>
    new Kind(constantly(mean, Math.log(std)), 3, bounds)
  const state = tensor([[0, 0, 0]])
  const act = (agent: TeachingAgent) => playerOf(agent).act(new Float32Array(3), undefined)[0]!

  it('has mean and variance of the mixture: of N(0, 1) and N(2, 1) mean 1 and variance 1 + 1', () => {
    for (const Kind of [GaussianAgent, SquashedGaussianAgent]) {
      const ensemble = ensembleOf([gaussian(0, 1, Kind), gaussian(2, 1, Kind)])
      const { mean, logStd } = gaussianOf(ensemble, state)!
      expect(mean.item()).toBeCloseTo(1, 6)
      expect(Math.exp(2 * logStd!.item())).toBeCloseTo(2, 5)
    }
  })

  it('acts by the mean, in the units of its members', () => {
    expect(act(ensembleOf([gaussian(1, 1, GaussianAgent), gaussian(2, 1, GaussianAgent)]))).toBeCloseTo(1.5, 6)
    expect(act(ensembleOf([gaussian(3, 1, GaussianAgent), gaussian(9, 1, GaussianAgent)]))).toBe(2) // clipped
    const squashed = ensembleOf([gaussian(0, 1, SquashedGaussianAgent), gaussian(1, 1, SquashedGaussianAgent)])
    expect(act(squashed)).toBeCloseTo(2 * Math.tanh(0.5), 6) // stretched over the bounds
    const deterministic = [0.2, 0.6].map((x) => new DeterministicAgent(constantly(Math.atanh(x)), 3, bounds))
    expect(act(ensembleOf(deterministic))).toBeCloseTo(2 * 0.4, 6)
  })

  it('has a finite ln σ even where all members are all but deterministic', () => {
    const sure = gaussian(2, 1e-8, SquashedGaussianAgent)
    const logStd = gaussianOf(ensembleOf([sure, sure, sure]), state)!.logStd!.item()
    expect(logStd).toBeCloseTo(Math.log(1e-8), 3)
  })

  it('teaches as one', () => {
    const members = [1, 2].map((seed) => new SquashedGaussianAgent(new MLP([3, 8, 2], new Rng(seed)), 3, bounds))
    const dataset = someDataset({ env: pendulum(), teacher: members })
    expect([dataset.size, dataset.labels, dataset.squashed]).toEqual([40, 40, true])
    const { mean, logStd } = gaussianOf(ensembleOf(members), tensor(dataset.column('observations'), [40, 3]))!
    expect(dataset.column('mean')).toEqual(mean.toArray())
    expect(dataset.column('logStd')).toEqual(logStd!.toArray())
  })

  it('of a Gaussian and a deterministic policy, or of unlike bounds, is refused', () => {
    const { gaussian: sac, deterministic: td3 } = somePendulumTeachers
    expect(() => ensembleOf([sac(), td3()])).toThrow(ValueError)
    expect(() => ensembleOf([gaussian(0, 1, GaussianAgent), sac()])).toThrow(/no output that all members have/)
    const wide = new SquashedGaussianAgent(new MLP([3, 2], new Rng(0)), 3, { low: [-3], high: [3] })
    expect(() => ensembleOf([sac(), wide])).toThrow(/actions in \[-3\] … \[3\], member 0 .*actions in \[-2\] … \[2\]/)
  })
})
