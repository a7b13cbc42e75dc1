import { describe, expect, it } from 'vitest'
import { make, register, registeredIds, spec } from '../../../../src/rl/envs/tasks/make.ts'
import { CartPole, TimeLimit } from '../../../../src/rl/index.ts'
import { Rng, ValueError } from '../../../../src/tensor/index.ts'
import { builtInIds } from '../../../support/built-in-ids.ts'

describe('the registry', () => {
  it('makes an environment with the time limit of its id', () => {
    const env = make('CartPole-v0')
    expect(env).toBeInstanceOf(TimeLimit)
    expect((env as TimeLimit<Float32Array, number>).maxEpisodeSteps).toBe(200)
    expect(env.id).toBe('CartPole-v0')
    expect(env.unwrapped).toBeInstanceOf(CartPole)
  })

  it('names the nearest match of an unknown id', () => {
    expect(() => make('CartPol-v1')).toThrow(/unknown environment "CartPol-v1".*Did you mean "CartPole-v1"\?/)
    expect(() => spec('Chess-v0')).toThrow(ValueError)
  })

  it.each([
    ['cartpole', 'CartPole-v1'],
    ['cartpol', 'CartPole-v1'],
    ['cartpole-v0', 'CartPole-v0'],
    ['CartPole-v2', 'CartPole-v1'],
    ['Taxi-v9', 'Taxi-v4'],
    ['frozen-lake', 'FrozenLake-v1'],
  ])('%s: did you mean %s?', (given, meant) => expect(() => spec(given)).toThrow(`Did you mean "${meant}"?`))

  it('has the reward ranges that random play stays in', () => {
    for (const id of builtInIds) {
      const { rewardRange } = spec(id)
      const env = make<unknown, unknown>(id)
      const policy = new Rng(1)
      const rewards: number[] = []
      env.reset({ seed: 2 })
      for (let i = 0; i < 500; i++) {
        const { reward, terminated, truncated } = env.step(env.actionSpace.sample(policy))
        rewards.push(reward)
        if (terminated || truncated) env.reset()
      }
      expect(Math.min(...rewards), id).toBeGreaterThanOrEqual(rewardRange![0])
      expect(Math.max(...rewards), id).toBeLessThanOrEqual(rewardRange![1])
    }
  })

  it('passes options on, and refuses those that the environment does not know', () => {
    const env = make('CartPole-v1', { suttonBartoReward: true })
    env.reset({ seed: 1 })
    expect(env.step(1).reward).toBe(0)
    expect(() => make('CartPole-v1', { sutton_barto_reward: true })).toThrow(/Did you mean "suttonBartoReward"\?/)
  })

  it('takes new environments, once an id', () => {
    const id = 'ShortCartPole-v0'
    register({ id, maxEpisodeSteps: 3, create: (options, name) => new CartPole(options, name) })
    expect(registeredIds()).toContain(id)
    const env = make(id)
    env.reset({ seed: 4 })
    expect([env.step(0), env.step(1), env.step(0)].map((step) => step.truncated)).toEqual([false, false, true])
    expect(() => register({ id, create: () => new CartPole() })).toThrow(/registered already/)
  })
})
