import { describe, expect, it } from 'vitest'
import { Box, Discrete, MultiDiscrete } from '../../../src/data/spaces.ts'
import { distill, fitTree, type TargetName, type TeacherFunction } from '../../../src/distill/index.ts'
import { requireSameSpaces, Teacher, type TeacherSource, teacherOf } from '../../../src/distill/teachers/teacher.ts'
import { MLP, saveParameters } from '../../../src/nn/index.ts'
import { CategoricalActorCritic, CategoricalPolicy, finish, make, QPolicy } from '../../../src/rl/index.ts'
import type { TeachingPolicy } from '../../../src/rl/policies/policy.ts'
import { mul, Rng, ShapeError, type Tensor, tensor, ValueError } from '../../../src/tensor/index.ts'
import { type Changes, cartPole, pendulum, someDataset, somePendulumTeachers, someTeacher } from '../support.ts'

const policy = (seed: number) => new CategoricalPolicy(new MLP([4, 8, 2], new Rng(seed)), 4, 2)
const values = (seed: number) => new QPolicy(new MLP([4, 8, 2], new Rng(seed)), 4, 2)
const critic: TeacherFunction = (o) => ({ stateValues: o[0]! })

/** An environment in which nobody may take a step. */
function untouchable() {
  return Object.assign(cartPole(), {
    step() {
      throw new Error('a step was played')
    },
  })
}

describe('a teacher', () => {
  it('gives the labels that its agent has outputs for', () => {
    const kinds = (agent: ConstructorParameters<typeof Teacher>[0]) => new Teacher(agent, 'some').kinds
    expect(kinds(policy(1))).toEqual(['logits'])
    expect(kinds(values(1))).toEqual(['actionValues', 'stateValues'])
    expect(kinds(somePendulumTeachers.gaussian())).toEqual(['mean', 'logStd'])
    expect(kinds(somePendulumTeachers.deterministic())).toEqual(['mean'])
  })

  it('counts what it labels and refuses to label more than it may', () => {
    const teacher = someTeacher(3)
    teacher.label(new Float32Array(8), 2)
    expect(() => teacher.label(new Float32Array(8), 2)).toThrow(ValueError)
    expect(teacher.labels).toBe(2)
    expect(() => teacher.label(new Float32Array(5), 1)).toThrow(ShapeError)
    expect(() => teacher.label(new Float32Array(5), 1)).toThrow(/5 numbers for 1 states/)
  })
})

describe('a teacher by numbers', () => {
  const agent: TeachingPolicy = { observationSize: 2, numActions: 2, logits: (x) => mul(x, 2), actBatch: (x) => x }

  it('labels up to its limit, with derivatives on request', () => {
    const teacher = new Teacher(agent, 'some', 3)
    expect(teacher.label(Float32Array.of(1, 2, 3, 4), 2)).toEqual({ logits: Float32Array.of(2, 4, 6, 8) })
    teacher.jacobians = true
    expect(teacher.label(Float32Array.of(1, 2), 1)).toEqual({
      ...{ logits: Float32Array.of(2, 4), jacobians: Float32Array.of(2, 0, 0, 2) },
    })
    expect(() => teacher.label(Float32Array.of(1, 2), 1)).toThrow(
      '1 more states after 3; teacher "some" may label 3 in all',
    )
    expect(() => teacher.label(Float32Array.of(1), 1)).toThrow('label: 1 numbers for 1 states; teacher "some" takes 2')
    expect(teacher.labels).toBe(3)
  })

  it('plays if it acts by more than state values', () => {
    const { actBatch: _, ...still } = agent
    const values = (x: Tensor) => tensor(new Float32Array(x.dims[0]!))
    expect(new Teacher(agent, 'some').player().actBatch(Float32Array.of(5))).toEqual(Float32Array.of(5))
    for (const [given, kinds] of [
      [still, 'logits'],
      [{ observationSize: 2, actBatch: agent.actBatch!, stateValues: values }, 'stateValues'],
      [{ observationSize: 2, actBatch: agent.actBatch! }, 'nothing'],
    ] as const) {
      expect(() => new Teacher(given, 'it').player()).toThrow(
        `collect: teacher "it" gives ${kinds}, so it cannot choose`,
      )
    }
    expect(new Teacher({ ...agent, stateValues: values }, 'it').kinds).toEqual(['logits', 'stateValues'])
  })

  it('observes and acts as its environment does', () => {
    const task = (actionSpace: unknown, observationSpace: unknown = new Box([0, 0], [1, 1])) =>
      ({ id: 'Some-v0', actionSpace, observationSpace }) as Parameters<typeof requireSameSpaces>[2]
    const check = (actionSpace: unknown, given: TeachingPolicy = agent, observationSpace?: unknown) =>
      expect(() => requireSameSpaces('test', given, task(actionSpace, observationSpace)))
    const bounded = (low: number[], high: number[]): TeachingPolicy => ({ observationSize: 2, bounds: { low, high } })
    check(new Discrete(2)).not.toThrow()
    check(new Discrete(3)).toThrow('test: the teacher chooses among 2 actions; Some-v0 has Discrete(0 … 2)')
    check(new Discrete(2), {} as never).toThrow(ValueError)
    check(new Discrete(2), {} as never).toThrow(/^test: the teacher is .*; expected a policy/)
    check(new Discrete(2), agent, new Discrete(2)).toThrow(ShapeError)
    check(new Discrete(2), agent, new Box([0], [1])).toThrow('test: the teacher observes 2 numbers; Some-v0 has Box')
    check(new Discrete(2), { ...agent, observationSize: 1 }, new Discrete(5)).toThrow('the teacher observes 1 numbers')
    check(new MultiDiscrete([2, 2])).toThrow(/Some-v0 has MultiDiscrete.*; expected Discrete or Box actions/)
    const box = new Box([-1, -2], [1, 2])
    check(box, bounded([-1, -2], [1, 2])).not.toThrow()
    check(box, bounded([-1, -2], [1, 3])).toThrow(
      'the teacher gives actions in Box([-1, -2] … [1, 3]); Some-v0 has Box',
    )
    check(box, bounded([-1, -3], [1, 2])).toThrow('the teacher gives actions in')
    check(box, bounded([-1], [1])).toThrow('the teacher gives actions in Box([-1] … [1]); Some-v0')
    check(box).toThrow('the teacher chooses among 2 actions; Some-v0 has Box')
    check(new Discrete(2), bounded([-1], [1])).toThrow('the teacher gives actions in Box([-1] … [1])')
  })
})

describe('distill is taught', () => {
  it('by an agent, by several, by a function', () => {
    const lean: TeacherFunction = (o) => ({ logits: [-o[2]! - o[3]!, o[2]! + o[3]!] })
    for (const teacher of [policy(1), [policy(1), policy(2)], lean]) {
      const dataset = someDataset({ teacher, labels: 20 })
      expect([dataset.size, dataset.labels]).toEqual([20, 20])
      expect(dataset.column('logits')).toHaveLength(40)
    }
  })

  it('by a decision tree', () => {
    const tree = fitTree(someDataset({ labels: 40 }), { maxDepth: 3 })
    const { student, dataset } = finish(
      distill(cartPole(), tree, { labels: 20, rounds: 1, rolloutSteps: 100, hidden: [8], updates: 200 }),
    )
    expect(dataset.has('logits')).toBe(true)
    const states = dataset.column('observations')
    const agreement = tree
      .actBatch(states)
      .filter((action, i) => action === (student as CategoricalPolicy).actBatch(states)[i])
    expect(agreement.length).toBeGreaterThanOrEqual(18)
  })

  it('by none that lacks what the target needs: the message names what there is, before any step', () => {
    const learn = (teacher: TeacherSource, target: TargetName, env = untouchable()) =>
      finish(distill<TargetName>(env, teacher, { target, labels: 20, rounds: 1, updates: 0 } as object))
    expect(() => learn(policy(1), 'q-softmax')).toThrow(/q-softmax: learns from actionValues; .* logits/)
    expect(() => learn(policy(1), 'value-mse')).toThrow(/value-mse: learns from stateValues; .* logits/)
    expect(() => learn(values(1), 'polic' as 'policy')).toThrow(/Did you mean "policy"/)
    expect(() => learn(values(1), 'policy')).toThrow(/a step was played/) // nothing else is wrong here
    expect(() => learn(critic, 'policy')).toThrow(/has no "actionValues"; it has .*stateValues/)
    expect(() => learn(critic, 'value-mse')).toThrow(/gives stateValues, so it cannot choose actions/)
    const random = { exploration: 'fixed', epsilon: 1, labels: 20 } as const
    expect(someDataset({ teacher: critic, target: 'value-mse' as never, ...random }).size).toBe(20)
  })

  it('by none of another task', () => {
    expect(() => teacherOf(policy(1), make('Acrobot-v1'))).toThrow(ShapeError)
    expect(() => teacherOf(policy(1), make('Acrobot-v1'))).toThrow(/observes 4 numbers; Acrobot-v1 has Box/)
    const three = new CategoricalPolicy(new MLP([4, 3], new Rng(0)), 4, 3)
    expect(() => teacherOf(three, cartPole())).toThrow(/chooses among 3 actions; CartPole-v1 has Discrete/)
    expect(() => teacherOf(() => ({ logits: [0] }), pendulum())).toThrow(/the action space is Box/)
    const { gaussian } = somePendulumTeachers
    const wide = Object.assign(gaussian(), { bounds: new Box([-3], [3]) })
    expect(() => teacherOf(wide, pendulum())).toThrow(/gives actions in Box.*; Pendulum-v1 has Box/)
    expect(() => teacherOf(new CategoricalPolicy(new MLP([3, 2], new Rng(0)), 3, 2), pendulum())).toThrow(
      /chooses among 2 actions; Pendulum-v1 has Box/,
    )
    expect(teacherOf(gaussian(), pendulum()).name).toBe('Pendulum-v1')
  })
})

it('stays as it was: no gradient reaches it and no bit changes over whole distillations', () => {
  const actorCritic = new CategoricalActorCritic(new MLP([4, 8, 2], new Rng(1)), new MLP([4, 8, 1], new Rng(2)), 4, 2)
  const members = [values(1), values(2)]
  const parameters = [actorCritic, ...members].flatMap((each) => Object.values(each.parameters()))
  const before = [actorCritic, ...members].map((each) => saveParameters(each))
  const ways: Changes[] = [
    {},
    { rounds: 2 },
    { rounds: 2, betaDecay: 0.5, selection: 'farthest' },
    { selection: 'box' },
  ]
  for (const teacher of [actorCritic, members]) {
    for (const way of ways) {
      for (const target of ['policy', 'value-mse'] as const) {
        someDataset({ teacher, labels: 20, rolloutSteps: 100, updates: 5, ...way, target: target as never })
      }
    }
  }
  expect([actorCritic, ...members].map((each) => saveParameters(each))).toEqual(before)
  for (const parameter of parameters) expect(parameter.grad).toBeNull()
})
