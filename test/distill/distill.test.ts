import { describe, expect, it } from 'vitest'
import { collectionModes } from '../../src/distill/collect.ts'
import { type DistillOptions, distill } from '../../src/distill/distill.ts'
import { targetNames } from '../../src/distill/targets.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { MLP } from '../../src/nn/mlp.ts'
import type { HasParameters } from '../../src/nn/module.ts'
import { evaluatePolicy } from '../../src/rl/evaluate.ts'
import type { DiscretePolicy } from '../../src/rl/policy.ts'
import { make } from '../../src/rl/registry.ts'
import { makeVector } from '../../src/rl/vector/make-vector.ts'
import { argmax, Rng, tensor } from '../../src/tensor/index.ts'
import { cartPole, someSet, someTeacher } from './support.ts'

const { agent } = someTeacher()
const quick = { teacher: agent, env: cartPole(), labels: 25, poolSize: 100, updates: 40, seed: 4 }
const bytesOf = (student: unknown) => saveParameters(student as HasParameters)

it('turns a teacher into a student that chooses as it does, from as many labels as asked', () => {
  const network = new MLP([4, 8, 2], new Rng(1))
  const { student, set } = distill({
    teacher: agent,
    env: cartPole(),
    student: network,
    labels: 50,
    poolSize: 300,
    updates: 500,
  })
  expect([set.labels, set.size]).toEqual([50, 50])
  const observations = tensor(set.observations, [50, 4])
  const taught = argmax(agent.actionValues!(observations), 1).toArray()
  const learned = argmax((student as DiscretePolicy).logits!(observations), 1).toArray()
  expect(learned.filter((action, i) => action === taught[i]).length).toBeGreaterThan(45)
})

describe.each(collectionModes)('with states of %s', (mode) => {
  const run = (options: Partial<DistillOptions> = {}) =>
    distill({ ...quick, mode, rounds: 3, committee: 2, roundUpdates: 5, ...options })

  it('the same seed gives the same bits, another others', () => {
    const [one, same, other] = [run(), run(), run({ seed: 5 })]
    expect(one.set).toEqual(same.set)
    expect([one.set.size, one.set.labels]).toEqual([25, 25])
    expect(bytesOf(one.student)).toEqual(bytesOf(same.student))
    expect(bytesOf(one.student)).not.toEqual(bytesOf(other.student))
  })

  it('every target is learned', () => {
    for (const target of targetNames) {
      if (target === 'returns' && mode === 'boundingBox') continue
      expect(run({ target, updates: 3, roundUpdates: 2 }).set.size).toBe(25)
    }
  })
})

describe('rounds', () => {
  it('one alone gives the student of its own mode, bit for bit', () => {
    // By default they differ: where students choose the states, labels are cooler and states farther apart.
    const same = { temperature: { kind: 'gap', c: 0.7 }, spread: 3 } as const
    for (const firstRound of ['teacherIid', 'mixedEpsilon'] as const) {
      const rounds = distill({ ...quick, ...same, mode: 'student', rounds: 1, firstRound })
      const plain = distill({ ...quick, ...same, mode: firstRound })
      expect(bytesOf(rounds.student)).toEqual(bytesOf(plain.student))
    }
  })

  it('start a student that was given afresh each time, from the parameters that it came with', () => {
    const network = new MLP([4, 8, 2], new Rng(1))
    const options = { ...quick, student: network, mode: 'student', rounds: 3 } as const
    const { student, set } = distill(options)
    const again = distill({ ...quick, student: new MLP([4, 8, 2], new Rng(1)), set })
    expect((student as unknown as { network: MLP }).network).toBe(network)
    expect(bytesOf(student)).toEqual(bytesOf(again.student))
  })

  it('may train for less on the way, which changes the states but not the last training', () => {
    const all = distill({ ...quick, mode: 'student' })
    const some = distill({ ...quick, mode: 'student', roundUpdates: 1 })
    expect(some.set.observations.slice(0, 20)).toEqual(all.set.observations.slice(0, 20))
    expect(some.set.observations).not.toEqual(all.set.observations)
    expect(bytesOf(distill({ ...quick, set: some.set }).student)).toEqual(bytesOf(some.student))
  })
})

it('hands the settings of target and training on', () => {
  const bytes = (options: Partial<DistillOptions>) => bytesOf(distill({ ...quick, ...options }).student)
  const plain = bytes({})
  for (const options of [
    { temperature: { kind: 'gap', c: 3 } },
    { stateWeights: 'gap' },
    { hidden: [8] },
    { learningRate: 1e-3 },
    { batchSize: 7 },
    { maxGradNorm: 1e-3 },
    { scaleObservations: false },
  ] as const) {
    expect(bytes(options), JSON.stringify(options)).not.toEqual(plain)
  }
  expect(() => bytes({ temperature: 'auto', target: 'regret' })).toThrow(/no temperature that can be chosen/)
})

it('takes a student where it goes: from a rule that balances the pole, one that balances it too', () => {
  const lean = ([, , angle, speed]: Float32Array) => ({ logits: [-10 * (angle! + speed!), 10 * (angle! + speed!)] })
  const { student } = distill({
    teacher: lean,
    env: makeVector('CartPole-v1', 8),
    mode: 'student',
    rounds: 5,
    labels: 100,
    poolSize: 1000,
    hidden: [16],
    updates: 600,
  })
  expect(evaluatePolicy(student, cartPole, { episodes: 10 }).mean).toBeGreaterThan(400)
})

it('plays a vector environment with all its copies at once', () => {
  const { set } = distill({ ...quick, env: makeVector('CartPole-v1', 8), mode: 'student' })
  expect([set.envId, set.size]).toEqual(['CartPole-v1', 25])
})

describe('bad input', () => {
  it('a set of another environment, of another size, or without what the target needs', () => {
    const set = someSet()
    expect(() => distill({ env: make('Acrobot-v1'), set })).toThrow(
      /set is of CartPole-v1, the environment is Acrobot-v1/,
    )
    expect(() => distill({ env: cartPole(), set, student: new MLP([5, 2], new Rng(0)) })).toThrow(/5/)
    const { actionValues: _, ...bare } = set
    expect(() => distill({ env: cartPole(), set: bare })).toThrow(/gave no actionValues; it gave stateValues/)
    expect(() => distill({ env: cartPole(), set: someSet({ mode: 'boundingBox' }), target: 'returns' })).toThrow(
      /nobody played in the states of this set/,
    )
  })

  it('neither teacher nor set', () => {
    expect(() => distill({ env: cartPole() })).toThrow(/no teacher; give a teacher, or a set/)
  })

  it('is found before anything is played', () => {
    const env = Object.assign(cartPole(), {
      step() {
        throw new Error('a step was played')
      },
    })
    const ask = (options: Partial<DistillOptions>) => () => distill({ ...quick, env, ...options })
    expect(ask({ student: new MLP([4, 3], new Rng(0)) })).toThrow(/gives 3 outputs a state; expected 2/)
    expect(ask({ target: 'returns', mode: 'boundingBox' })).toThrow(/nobody played/)
    expect(ask({ labels: 101, mode: 'mixedEpsilon' })).toThrow(/101 labels from a pool of 100 states/)
    expect(ask({ labels: 3, rounds: 5 })).toThrow(/would leave a round empty/)
    expect(ask({ temperature: { kind: 'gap', c: -1 } })).toThrow(/the temperature is -1/)
    expect(ask({})).toThrow(/a step was played/)
  })
})
