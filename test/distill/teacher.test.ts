import { describe, expect, it } from 'vitest'
import { Teacher, teacherOf } from '../../src/distill/teacher.ts'
import { labelsBy, type TeachingAgent } from '../../src/distill/teaching-agent.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { CategoricalActorCritic, GaussianActorCritic } from '../../src/rl/actor-critic.ts'
import { GaussianAgent } from '../../src/rl/continuous-policies.ts'
import { ActionValueAgent, PolicyAgent } from '../../src/rl/discrete-policies.ts'
import { make } from '../../src/rl/registry.ts'
import { Rng, ShapeError, tensor, ValueError } from '../../src/tensor/index.ts'
import { cartPole, pendulum, someDataset, somePendulumTeachers, someTeacher } from './support.ts'

const policy = (seed: number) => new PolicyAgent(new MLP([4, 8, 2], new Rng(seed)), 4, 2)
const values = (seed: number) => new ActionValueAgent(new MLP([4, 8, 2], new Rng(seed)), 4, 2)
const bounds = { low: Float32Array.of(-2), high: Float32Array.of(2) }
const gaussianCritic = () =>
  new GaussianActorCritic(new MLP([3, 8, 1], new Rng(1)), new MLP([3, 8, 1], new Rng(2)), 3, tensor([-0.5]), bounds)

/** An environment that must not be stepped. */
function untouchable() {
  return Object.assign(cartPole(), {
    step() {
      throw new Error('a step was played')
    },
  })
}

describe('a teacher', () => {
  it('is an agent, several, or a function', () => {
    const lean = (o: Float32Array) => ({ logits: [-o[2]! - o[3]!, o[2]! + o[3]!] })
    for (const teacher of [policy(1), [policy(1), policy(2)], lean]) {
      const dataset = someDataset({ teacher })
      expect([dataset.size, dataset.labels]).toEqual([40, 40])
      expect(dataset.column('logits')).toHaveLength(80)
    }
  })

  it.each([
    ['a policy', policy(1), ['logits']],
    ['action values, with V = max Q', values(1), ['actionValues', 'stateValues']],
    [
      'an actor-critic',
      new CategoricalActorCritic(new MLP([4, 2], new Rng(1)), new MLP([4, 1], new Rng(2)), 4, 2),
      ['logits', 'stateValues'],
    ],
    ['a policy like that of SAC', somePendulumTeachers.gaussian(), ['mean', 'logStd']],
    ['a policy like that of TD3', somePendulumTeachers.deterministic(), ['mean']],
    ['a Gaussian actor-critic, as that of PPO', gaussianCritic(), ['stateValues', 'mean', 'logStd']],
    ['a Gaussian policy', new GaussianAgent(new MLP([3, 2], new Rng(0)), 3, bounds), ['mean', 'logStd']],
  ])('gives all labels that its agent has: %s', (_, agent, kinds) => {
    const labels = labelsBy(agent as TeachingAgent, new Float32Array(2 * agent.observationSize), 2)
    expect(new Teacher(agent as TeachingAgent, 'agent').kinds).toEqual(kinds)
    expect(Object.keys(labels).sort()).toEqual([...kinds].sort())
  })

  it('labels in units that the dataset knows: Gaussians before tanh or in those of the environment', () => {
    const squashed = someDataset({ env: pendulum(), teacher: somePendulumTeachers.gaussian() })
    const raw = someDataset({ env: pendulum(), teacher: gaussianCritic() })
    expect([squashed.squashed, raw.squashed]).toEqual([true, false])
    expect(new Set(raw.column('logStd'))).toEqual(new Set([-0.5]))
    const states = tensor(raw.column('observations'), [40, 3])
    expect(raw.column('mean')).toEqual(gaussianCritic().distribution(states).mean.toArray())
  })

  it('lacks what the target needs: the message tells what it has, before any step is played', () => {
    const ask = (teacher: TeachingAgent, target: string) => () =>
      someDataset({ teacher, target: target as never, env: untouchable() })
    expect(ask(policy(1), 'q-softmax')).toThrow(/q-softmax: learns from actionValues; the labels are .*logits/)
    expect(ask(policy(1), 'value-mse')).toThrow(/value-mse: learns from stateValues; the labels are .*logits/)
    expect(ask(values(1), 'polic')).toThrow(/Did you mean "policy"/)
    expect(ask(values(1), 'policy')).toThrow(/a step was played/) // nothing else is wrong here
    const critic = (o: Float32Array) => ({ stateValues: o[0]! })
    expect(() => someDataset({ teacher: critic, env: untouchable() })).toThrow(ValueError)
    expect(() => someDataset({ teacher: critic, target: 'value-mse' as never, env: untouchable() })).toThrow(
      /gives stateValues, so it cannot choose actions/,
    )
    const random = { exploration: 'fixed', epsilon: 1 } as const
    expect(someDataset({ teacher: critic, target: 'value-mse' as never, ...random }).size).toBe(40)
  })

  it('is of the same task', () => {
    expect(() => someDataset({ teacher: policy(1), env: make('Acrobot-v1') })).toThrow(
      /the teacher observes 4 numbers; Acrobot-v1 has Box/,
    )
    const threeActions = new ActionValueAgent(new MLP([4, 3], new Rng(0)), 4, 3)
    expect(() => teacherOf(threeActions, cartPole())).toThrow(/chooses among 3 actions; CartPole-v1 has Discrete/)
    expect(() => someDataset({ teacher: () => ({ logits: [0] }), env: pendulum() })).toThrow(
      /for continuous actions { action }/,
    )
    const wide = new GaussianAgent(new MLP([3, 2], new Rng(0)), 3, { low: [-3], high: [3] })
    expect(() => teacherOf(wide, pendulum())).toThrow(/gives actions in Box.*; Pendulum-v1 has Box/)
    expect(() => teacherOf(policy(1), pendulum())).toThrow(ShapeError)
    expect(() => teacherOf(somePendulumTeachers.gaussian(), cartPole())).toThrow(ShapeError)
  })

  it('does not label more than it may, and counts what it labels', () => {
    const teacher = someTeacher(3)
    teacher.label(new Float32Array(8), 2)
    expect(() => teacher.label(new Float32Array(8), 2)).toThrow(ValueError)
    expect(teacher.labels).toBe(2)
    expect(() => teacher.label(new Float32Array(5), 1)).toThrow(/5 numbers for 1 states/)
  })

  it('stays as it was: no gradient reaches it and no bit changes over whole distillations', () => {
    const critic = new CategoricalActorCritic(new MLP([4, 8, 2], new Rng(1)), new MLP([4, 8, 1], new Rng(2)), 4, 2)
    const members = [values(1), values(2)]
    const parameters = [critic, ...members].flatMap((each) => Object.values(each.parameters()))
    const before = [critic, ...members].map((each) => saveParameters(each))
    for (const teacher of [critic, members]) {
      for (const way of [{ rounds: 2 }, { rounds: 2, selection: 'disagreement' }, { selection: 'box' }] as const) {
        for (const target of ['policy', 'value-mse']) {
          someDataset({ teacher, ...way, target: target as never, roundUpdates: 5, updates: 5 })
        }
      }
    }
    expect([critic, ...members].map((each) => saveParameters(each))).toEqual(before)
    for (const parameter of parameters) expect(parameter.grad).toBeNull()
  })

  it('stays as it was, with continuous actions', () => {
    for (const teacher of [somePendulumTeachers.gaussian(), somePendulumTeachers.deterministic(), gaussianCritic()]) {
      const before = saveParameters(teacher)
      someDataset({ env: pendulum(), teacher, rounds: 2, updates: 5, roundUpdates: 5 })
      expect(saveParameters(teacher)).toEqual(before)
    }
  })
})
