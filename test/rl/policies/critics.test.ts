import { describe, expect, it } from 'vitest'
import { MLP, saveParameters } from '../../../src/nn/index.ts'
import { a2c, criticFrom, finish, make, makeVec, ppo, ValueFunction } from '../../../src/rl/index.ts'
import type { NetworkFunction } from '../../../src/rl/training/networks.ts'
import { Rng, ShapeError, tensor } from '../../../src/tensor/index.ts'

// The critic of an actor-critic can start as a value function, such as a student's.

const cartPole = () => make('CartPole-v1')
const someValues = () => new ValueFunction(new MLP([4, 8, 1], new Rng(3)), 4, 2, { mean: 20, deviation: 5 })
const observations = tensor(
  Float32Array.from({ length: 12 }, (_, i) => i / 10 - 0.6),
  [3, 4],
)
const short = { totalTimesteps: 64, numSteps: 16, learningRate: 1e-12, seed: 2 }

describe.each([
  ['ppo', ppo],
  ['a2c', a2c],
] as const)('%s', (_, learn) => {
  it('starts with the given values', () => {
    const student = someValues()
    const expected = student.stateValues(observations).toArray()
    const agent = finish(learn(cartPole(), { ...short, critic: criticFrom(student) }))
    for (const [i, value] of agent.stateValues(observations).toArray().entries())
      expect(value).toBeCloseTo(expected[i]!, 4)
    expect(expected.every((value) => value > 10)).toBe(true) // far from a fresh critic's
  })

  it('trains them further', () => {
    const student = someValues()
    const before = saveParameters(student)
    finish(learn(cartPole(), { ...short, learningRate: 1e-3, critic: criticFrom(student) }))
    expect(saveParameters(student)).not.toEqual(before)
  })

  it('resumes a saved training bit for bit', () => {
    const bytes = (stopAfter: number) => {
      const options = () => ({ ...short, learningRate: 1e-3, critic: criticFrom(someValues()) })
      const training = learn(cartPole(), options())
      for (let i = 1; ; i++) {
        const next = training.next()
        if (next.done === true) return saveParameters(next.value)
        if (i === stopAfter)
          return saveParameters(finish(learn(cartPole(), { ...options(), resume: next.value.save() })))
      }
    }
    expect(bytes(2)).toEqual(bytes(Number.POSITIVE_INFINITY))
  })

  it('is unchanged, bit for bit, where no networks are given', () => {
    const run = (networks: object) => saveParameters(finish(learn(cartPole(), { ...short, ...networks })))
    expect(run({ network: undefined, critic: undefined })).toEqual(run({}))
  })

  it('takes an actor as well, of discrete or continuous actions', () => {
    const actor = new MLP([4, 8, 2], new Rng(1))
    const agent = finish(learn(cartPole(), { ...short, network: actor }))
    expect(agent.actor).toBe(actor)
    const force = new MLP([3, 8, 1], new Rng(1))
    const pendulum = makeVec('Pendulum-v1', 1)
    expect(finish(learn(pendulum, { ...short, network: force })).actor).toBe(force)
  })

  it('makes networks by functions of their sizes, with its own random numbers', () => {
    const network: NetworkFunction = ({ inputs, outputs, rng }) => new MLP([inputs, 5, outputs], rng)
    const run = () => finish(learn(cartPole(), { ...short, network, critic: network }))
    const agent = run()
    expect(saveParameters(agent)).toEqual(saveParameters(run()))
    expect([agent.actor, agent.critic].map((each) => each.forward(observations).shape[1])).toEqual([2, 1])
    expect(Object.values(agent.critic.parameters())[0]!.shape).toEqual([5, 4])
  })

  it('throws on networks of other sizes', () => {
    const start = (networks: object, env = cartPole()) => learn(env, { ...short, ...networks }).next()
    expect(() => start({ network: new MLP([4, 3], new Rng(0)) })).toThrow(/gives 3 outputs a state; expected 2/)
    expect(() => start({ critic: new MLP([4, 2], new Rng(0)) })).toThrow(ShapeError)
    expect(() => start({ critic: criticFrom(someValues()) }, make('Acrobot-v1'))).toThrow(ShapeError)
  })
})
