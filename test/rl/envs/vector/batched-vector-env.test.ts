// Classic control in arrays: which actions it takes, in which precision, and which saved states.

import { describe, expect, it } from 'vitest'
import { BatchedVectorEnv } from '../../../../src/rl/envs/vector/batched-vector-env.ts'
import { makeVec } from '../../../../src/rl/envs/vector/make-vec.ts'
import { CheckpointError, Rng, ValueError } from '../../../../src/tensor/index.ts'

const pendulums = (numEnvs = 2) => {
  const envs = makeVec('Pendulum-v1', numEnvs)
  expect(envs).toBeInstanceOf(BatchedVectorEnv)
  envs.reset({ seed: 1 })
  return envs
}

describe('forces', () => {
  it.each([Infinity, -Infinity, Number.NaN])('are finite: %s is refused, by its place', (force) => {
    const envs = pendulums()
    expect(() => envs.step([0, force])).toThrow(ValueError)
    expect(() => envs.step([0, force])).toThrow(
      `Pendulum-v1, sub-environment 1: the action is ${force}; allowed is Box([-2] … [2])`,
    )
  })

  it('are rounded to single precision, but those of a Float64Array', () => {
    const stateAfter = (actions: ArrayLike<number>) => {
      const envs = pendulums(1)
      envs.step(actions)
      return envs.save().copies[0]!.state
    }
    expect(stateAfter([0.1])).toEqual(stateAfter(Float32Array.of(0.1)))
    expect(stateAfter(Float64Array.of(0.1))).not.toEqual(stateAfter([0.1]))
  })
})

it.each([2, -1, 0.5, Number.NaN])('choices are whole numbers of the space: %s is refused', (action) => {
  const envs = makeVec('CartPole-v1', 2)
  envs.reset({ seed: 1 })
  expect(() => envs.step([0, action])).toThrow(
    `CartPole-v1, sub-environment 1: the action is ${action}; allowed is Discrete(0 … 1)`,
  )
})

describe('a saved state', () => {
  const restored = (state: readonly number[]) => {
    const envs = makeVec('CartPole-v1', 1)
    envs.reset({ seed: 1 })
    const [copy] = envs.save().copies
    envs.restore({ copies: [{ ...copy!, state }] })
    return envs.save().copies[0]!.state
  }

  it('has numbers from -1e6 to 1e6', () => expect(restored([1e6, -1e6, 0, 0])).toEqual([1e6, -1e6, 0, 0]))

  it.each([[[1e6 + 1, 0, 0, 0]], [[0, 0, 0, -Infinity]], [[0, Number.NaN, 0, 0]], [[0, 0, 0]], [[0, 0, 0, 0, 0]]])(
    'is refused with other numbers: %o',
    (state) => {
      expect(() => restored(state)).toThrow(CheckpointError)
      expect(() => restored(state)).toThrow('CartPole-v1: the saved state 0 is not 4 numbers within ±1e6')
    },
  )
})

it('the random numbers of a copy are those of its index where there is no seed', () => {
  const { copies } = makeVec('CartPole-v1', 2).save()
  expect(copies.map(({ rng }) => rng)).toEqual([new Rng(0).state, new Rng(1).state])
})
