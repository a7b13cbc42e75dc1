// Classic control in a batch is three environments side by side: the same starts, steps and restored states, to the last bit.

import { describe, expect, it } from 'vitest'
import { pack, packedSize } from '../../../src/data/packing.ts'
import { type AnyEnv, MountainCar, make, makeVec } from '../../../src/rl/index.ts'
import { Rng, ValueError } from '../../../src/tensor/index.ts'

const ids = ['CartPole-v1', 'MountainCar-v0', 'MountainCarContinuous-v0', 'Pendulum-v1', 'Acrobot-v1']

describe.each(ids)('%s', (id) => {
  const COUNT = 3
  const rowsOf = (numbers: Float32Array) =>
    Array.from({ length: COUNT }, (_, i) =>
      numbers.slice((i * numbers.length) / COUNT, ((i + 1) * numbers.length) / COUNT),
    )

  it('steps each copy as it would alone, and goes on from their states', () => {
    const envs = makeVec(id, COUNT)
    const restored = makeVec(id, COUNT)
    envs.reset({ seed: 4 })
    const alone = Array.from({ length: COUNT }, () => make<unknown, unknown>(id))
    const starts = alone.map((env, i) => env.reset({ seed: 4 + i }).observation)
    expect(rowsOf(envs.observations)).toEqual(starts)
    const rng = new Rng(1)
    for (let t = 0; t < 4; t++) {
      restored.restore(envs.save())
      expect(restored.observations).toEqual(envs.observations)
      const chosen = alone.map((env) => env.actionSpace.sample(rng))
      const size = packedSize(envs.actionSpace)
      const actions = new Float32Array(COUNT * size)
      for (const [i, action] of chosen.entries()) pack(envs.actionSpace, action, actions, i * size)
      envs.step(actions)
      restored.step(actions)
      const steps = alone.map((env, i) => env.step(chosen[i]))
      expect(rowsOf(envs.observations)).toEqual(steps.map(({ observation }) => observation))
      expect([...envs.rewards]).toEqual(steps.map(({ reward }) => reward))
      expect([...restored.rewards, ...restored.observations]).toEqual([...envs.rewards, ...envs.observations])
    }
  })

  it('has states of numbers up to 1e6', () => {
    const env = make<unknown, unknown>(id) as AnyEnv
    env.reset({ seed: 1 })
    const { length } = env.state
    const filled = (x: number, size = length) => new Array<number>(size).fill(x)
    for (const x of [1e6, -1e6]) {
      env.state = filled(x)
      expect(env.state).toEqual(filled(x))
    }
    for (const state of [filled(1e6 + 1), filled(Number.NaN), filled(0, length + 1), filled(0, length - 1)]) {
      expect(() => Object.assign(env, { state })).toThrow(ValueError)
    }
  })
})

it('a start state draws no random number for an entry whose bounds are equal', () => {
  const env = new MountainCar()
  env.reset({ seed: 3 })
  const rng = new Rng(3)
  const position = rng.uniform(-0.6, -0.4)
  expect(env.state).toEqual([position, 0])
  expect(env.rng.state).toEqual(rng.state)
})

it('MountainCar ends at a goal velocity that equals its greatest speed', () => {
  const env = new MountainCar({ goalVelocity: 0.07 })
  env.reset({ seed: 1 })
  env.state = [0.48, 0.07]
  expect(env.step(2)).toMatchObject({ terminated: true, observation: Float32Array.of(0.55, 0.07) })
  env.state = [0.48, 0.06]
  expect(env.step(2).terminated).toBe(false)
})

it('MountainCar ends at the very place of the goal', () => {
  const env = new MountainCar()
  env.reset({ seed: 1 })
  env.state = [0.4981903784945114, 0.001] // the next position is 0.5 to the last bit
  expect([env.step(2).terminated, env.state[0]]).toEqual([true, 0.5])
  env.state = [0.498, 0.001]
  expect(env.step(2).terminated).toBe(false)
})
