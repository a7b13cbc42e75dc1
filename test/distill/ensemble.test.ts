import { describe, expect, it } from 'vitest'
import { Teacher } from '../../src/distill/teachers/teacher.ts'
import { ensembleOf, functionTeacher } from '../../src/distill/teachers/teacher-sources.ts'
import { MLP } from '../../src/nn/layers/mlp.ts'
import { CategoricalActorCritic, Discrete, SquashedGaussianPolicy } from '../../src/rl/index.ts'
import { CategoricalPolicy, type DiscreteAgent, QPolicy } from '../../src/rl/policies/discrete-policies.ts'
import { Rng, ShapeError, softmax, tensor, ValueError } from '../../src/tensor/index.ts'
import { constantly, somePendulumTeachers } from './support.ts'

const policy = (seed: number) => new CategoricalPolicy(new MLP([4, 8, 2], new Rng(seed)), 4, 2)
const values = (seed: number) => new QPolicy(new MLP([4, 8, 2], new Rng(seed)), 4, 2)
const observations = tensor(
  Float32Array.from({ length: 20 }, (_, i) => Math.fround((i % 7) - 3)),
  [5, 4],
)

describe('an ensemble', () => {
  it("has the mean of its members' probabilities", () => {
    const members = [policy(1), policy(2), policy(3)]
    const mean = softmax(ensembleOf(members).logits!(observations)).toArray()
    const each = members.map((member) => softmax(member.logits(observations)).toArray())
    for (const [i, p] of mean.entries()) expect(p).toBeCloseTo((each[0]![i]! + each[1]![i]! + each[2]![i]!) / 3, 6)
  })

  it('has finite logits where an action is all but impossible for all members', () => {
    const sure = functionTeacher(constantly(0, -200), new Discrete(2), new Float32Array(4))
    expect(ensembleOf([sure, sure]).logits!(tensor([[0, 0, 0, 0]])).toArray()).toEqual(Float32Array.of(0, -200))
  })

  it("has the mean of its members' values, and no output that one of them lacks", () => {
    const members = [values(1), values(2)]
    const ensemble = ensembleOf(members)
    const mean = ensemble.actionValues!(observations).toArray()
    const [a, b] = members.map((member) => member.actionValues(observations).toArray())
    for (const [i, q] of mean.entries()) expect(q).toBeCloseTo((a![i]! + b![i]!) / 2, 6)
    expect(new Teacher(ensemble, 'both').kinds).toEqual(['actionValues', 'stateValues'])
    const critic = new CategoricalActorCritic(new MLP([4, 2], new Rng(1)), new MLP([4, 1], new Rng(2)), 4, 2)
    expect(new Teacher(ensembleOf([critic, policy(1)]), 'mixed').kinds).toEqual(['logits'])
  })

  it('acts greedily, or at random when given a generator', () => {
    const ensemble = ensembleOf([policy(1), policy(2)]) as DiscreteAgent
    const observation = Float32Array.of(0.1, 0, 0, 0)
    const rng = new Rng(0)
    const drawn = new Set(Array.from({ length: 200 }, () => ensemble.sample(observation, rng)))
    expect(drawn).toEqual(new Set([0, 1]))
    expect(new Set(Array.from({ length: 5 }, () => ensemble.act(observation))).size).toBe(1)
  })

  it('of one member is that member', () => {
    const alone = ensembleOf([values(1)]).actionValues!(observations).toArray()
    expect(alone).toEqual(values(1).actionValues(observations).toArray())
  })

  it('throws on no members, on members of other tasks or with nothing in common', () => {
    expect(() => ensembleOf([])).toThrow(ValueError)
    expect(() => ensembleOf([])).toThrow(/no members/)
    const three = new CategoricalPolicy(new MLP([4, 3], new Rng(0)), 4, 3)
    expect(() => ensembleOf([policy(1), three])).toThrow(ShapeError)
    expect(() => ensembleOf([policy(1), three])).toThrow(
      /member 1 observes 4 numbers and has 3 actions, member 0 observes 4 numbers and has 2 actions/,
    )
    expect(() => ensembleOf([policy(1), values(1)])).toThrow(/no output that all members have/)
  })
})

describe('an ensemble for continuous actions', () => {
  const { gaussian, deterministic } = somePendulumTeachers
  const states = tensor(
    Float32Array.from({ length: 15 }, (_, i) => Math.fround(Math.sin(i))),
    [5, 3],
  )
  const other = () => new SquashedGaussianPolicy(new MLP([3, 8, 2], new Rng(9)), 3, { low: [-2], high: [2] })

  it('has the mean and the variance of the mixture of its members', () => {
    const members = [gaussian(), other()]
    const { mean, logStd } = ensembleOf(members).gaussian!(states)
    const each = members.map((member) => member.distribution(states).gaussian)
    const [means, stds] = [each.map((g) => g.mean.toArray()), each.map((g) => Array.from(g.logStd.toArray(), Math.exp))]
    for (let i = 0; i < 5; i++) {
      const average = (means[0]![i]! + means[1]![i]!) / 2
      const second = [0, 1].reduce((sum, m) => sum + (stds[m]![i]! ** 2 + means[m]![i]! ** 2) / 2, 0)
      expect(mean.toArray()[i]).toBeCloseTo(average, 5)
      expect(logStd!.toArray()[i]).toBeCloseTo(Math.log(second - average ** 2) / 2, 4)
    }
  })

  it('acts by the mean, within the bounds', () => {
    const ensemble = ensembleOf([gaussian(), other()])
    const acted = ensemble.toEnvironment!(ensemble.actBatch!(Float32Array.from(states.toArray())))
    const mean = ensemble.gaussian!(states).mean.toArray()
    for (const [i, action] of Array.from(acted).entries()) expect(action).toBeCloseTo(2 * Math.tanh(mean[i]!), 5)
  })

  it('throws where one member is a Gaussian and another is not', () => {
    expect(() => ensembleOf([gaussian(), deterministic()])).toThrow(/no output that all members have/)
    expect(() => ensembleOf([gaussian(), policy(1)])).toThrow(ShapeError)
  })
})
