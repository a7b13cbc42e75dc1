import { describe, expect, it } from 'vitest'
import { CartPole } from '../../src/rl/envs/cart-pole.ts'
import { make, register, registeredIds, spec } from '../../src/rl/registry.ts'
import { TimeLimit } from '../../src/rl/wrappers/episode.ts'
import { ValueError } from '../../src/tensor/errors.ts'

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
