import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distill } from '../../src/distill/distill.ts'
import type { TargetName } from '../../src/distill/targets.ts'
import { Teacher } from '../../src/distill/teacher.ts'
import { teacherAgent } from '../../src/distill/teachers/as-agent.ts'
import { ensembleOf } from '../../src/distill/teachers/ensemble.ts'
import { functionAgent } from '../../src/distill/teachers/function-agent.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { CategoricalActorCritic } from '../../src/rl/actor-critic.ts'
import { ActionValueAgent, PolicyAgent } from '../../src/rl/discrete-policies.ts'
import type { DiscretePolicy } from '../../src/rl/policy.ts'
import { make } from '../../src/rl/registry.ts'
import { Rng, ShapeError, softmax, tensor, ValueError } from '../../src/tensor/index.ts'
import { cartPole, someTeacher } from './support.ts'

const policy = (seed: number) => new PolicyAgent(new MLP([4, 8, 2], new Rng(seed)), 4, 2)
const values = (seed: number) => new ActionValueAgent(new MLP([4, 8, 2], new Rng(seed)), 4, 2)
const observations = tensor(
  Float32Array.from({ length: 20 }, (_, i) => Math.fround((i % 7) - 3)),
  [5, 4],
)
const quick = { env: cartPole(), labels: 20, poolSize: 100, updates: 30 }

/** An environment in which nobody may take a step. */
function untouchable() {
  return Object.assign(cartPole(), {
    step() {
      throw new Error('a step was played')
    },
  })
}

describe('an ensemble', () => {
  it('has the mean of its members’ probabilities', () => {
    const members = [policy(1), policy(2), policy(3)]
    const mean = softmax(ensembleOf(members).logits!(observations)).toArray()
    const each = members.map((member) => softmax(member.logits(observations)).toArray())
    mean.forEach((p, i) => {
      expect(p).toBeCloseTo((each[0]![i]! + each[1]![i]! + each[2]![i]!) / 3, 6)
    })
  })

  it('has finite logits where all members find an action all but impossible', () => {
    const sure = functionAgent(() => ({ logits: [0, -200] }), { actionCount: 2, example: new Float32Array(4) })
    expect(ensembleOf([sure, sure]).logits!(tensor([[0, 0, 0, 0]])).toArray()).toEqual(Float32Array.of(0, -200))
  })

  it('has the mean of its members’ values, and of nothing that one of them lacks', () => {
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

  it('acts greedily, or by chance when given a generator', () => {
    const ensemble = ensembleOf([policy(1), policy(2)])
    const observation = Float32Array.of(0.1, 0, 0, 0)
    const rng = new Rng(0)
    const drawn = new Set(Array.from({ length: 200 }, () => ensemble.sample(observation, rng)))
    expect(drawn).toEqual(new Set([0, 1]))
    expect(new Set(Array.from({ length: 5 }, () => ensemble.act(observation))).size).toBe(1)
  })

  it('of nobody, of strangers or with nothing in common is refused', () => {
    expect(() => ensembleOf([])).toThrow(/no members/)
    expect(() => ensembleOf([policy(1), new PolicyAgent(new MLP([4, 3], new Rng(0)), 4, 3)])).toThrow(
      /member 1 takes 4 numbers and has 3 actions, member 0 4 and 2/,
    )
    expect(() => ensembleOf([policy(1), values(1)])).toThrow(/nothing that all members give/)
  })
})

describe('a function', () => {
  it('is asked state by state', () => {
    const example = new Float32Array(4)
    const agent = functionAgent((o) => ({ actionValues: [o[0]!, o[3]!], stateValues: o[1]! }), {
      actionCount: 2,
      example,
    })
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 12, maxLength: 12 }),
        (x) => {
          const labels = new Teacher(agent, 'f').label(Float32Array.from(x), 3)
          expect(labels.actionValues).toEqual(Float32Array.from([0, 3, 4, 7, 8, 11], (i) => x[i]!))
          expect(labels.stateValues).toEqual(Float32Array.from([1, 5, 9], (i) => x[i]!))
        },
      ),
    )
  })

  it('must say something, always the same, and for each action', () => {
    const agent = (f: Parameters<typeof functionAgent>[0]) =>
      functionAgent(f, { actionCount: 2, example: new Float32Array(1) })
    expect(() => agent(() => ({}))).toThrow(/says nothing/)
    let first = true
    const fickle = agent(() => {
      const said = first ? { logits: [0, 1] } : {}
      first = false
      return said
    })
    expect(() => fickle.act(new Float32Array(1))).toThrow(/gave logits at first and none later/)
    expect(() => agent(() => ({ logits: [1, 2, 3] })).act(new Float32Array(1))).toThrow(ShapeError)
  })
})

describe('distill() is taught', () => {
  it('by an agent, by several, by a function', () => {
    const lean = (o: Float32Array) => ({ logits: [-o[2]! - o[3]!, o[2]! + o[3]!] })
    for (const teacher of [policy(1), [policy(1), policy(2)], lean]) {
      const { set } = distill({ ...quick, teacher })
      expect([set.size, set.labels]).toEqual([20, 20])
      expect(set.logits).toHaveLength(40)
    }
  })

  it('by nobody who lacks what the target needs, and says what there is before any step is played', () => {
    const ask = (teacher: DiscretePolicy, target: TargetName) =>
      distill({ ...quick, teacher, target, env: untouchable() })
    expect(() => ask(policy(1), 'actionValues')).toThrow(/gave no actionValues; it gave logits/)
    expect(() => ask(policy(1), 'stateValues')).toThrow(/gave no stateValues; it gave logits/)
    expect(() => ask(values(1), 'polic' as 'policy')).toThrow(/Did you mean "policy"/)
    expect(() => ask(values(1), 'policy')).toThrow(/a step was played/) // nothing else is wrong here
    const critic = (o: Float32Array) => ({ stateValues: o[0]! })
    expect(() => distill({ ...quick, teacher: critic, env: untouchable() })).toThrow(
      /gave no actionValues; it gave stateValues/,
    )
    expect(() => distill({ ...quick, teacher: critic, target: 'stateValues', env: untouchable() })).toThrow(
      /gives stateValues, so it cannot choose actions/,
    )
    expect(distill({ ...quick, teacher: critic, target: 'stateValues', mode: 'random' }).set.size).toBe(20)
  })

  it('by nobody of another task', () => {
    expect(() => distill({ ...quick, teacher: policy(1), env: make('Acrobot-v1') })).toThrow(
      /has 2 actions, Acrobot-v1 has Discrete/,
    )
    const box = make<Float32Array, Float32Array>('Pendulum-v1')
    expect(() => teacherAgent(() => ({ logits: [0] }), box as never)).toThrow(/chooses among Discrete actions/)
  })
})

it('stays as it was: no gradient reaches it and no bit changes over whole distillations', () => {
  const critic = new CategoricalActorCritic(new MLP([4, 8, 2], new Rng(1)), new MLP([4, 8, 1], new Rng(2)), 4, 2)
  const members = [values(1), values(2)]
  const parameters = [critic, ...members].flatMap((each) => Object.values(each.parameters()))
  const before = [critic, ...members].map((each) => saveParameters(each))
  for (const teacher of [critic, members] as const) {
    for (const mode of ['mixedEpsilon', 'student', 'active', 'boundingBox'] as const) {
      for (const target of ['policy', 'stateValues'] as const) {
        distill({
          ...quick,
          teacher: teacher as DiscretePolicy | DiscretePolicy[],
          mode,
          target,
          rounds: 2,
          updates: 5,
          committee: 2,
        })
      }
    }
  }
  expect([critic, ...members].map((each) => saveParameters(each))).toEqual(before)
  for (const parameter of parameters) expect(parameter.grad).toBeNull()
})

it('refuses to label more than it may', () => {
  const teacher = someTeacher(3)
  teacher.label(new Float32Array(8), 2)
  expect(() => teacher.label(new Float32Array(8), 2)).toThrow(ValueError)
  expect(teacher.labels).toBe(2)
  expect(() => teacher.label(new Float32Array(5), 1)).toThrow(/5 numbers for 1 states/)
})
