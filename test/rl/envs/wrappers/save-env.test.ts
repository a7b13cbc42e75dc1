import { expect, it } from 'vitest'
import { restoreEnv, saveEnv, wrappersOf } from '../../../../src/rl/envs/wrappers/wrapper.ts'
import { make, RecordEpisodeStatistics, TimeLimit } from '../../../../src/rl/index.ts'

const wrapped = () => new RecordEpisodeStatistics(new TimeLimit(make<unknown, unknown>('CartPole-v1').unwrapped, 9))

it('saves the state, the random numbers and the memory of each wrapper, the outermost first', () => {
  const env = wrapped()
  env.reset({ seed: 1 })
  env.step(1)
  expect(wrappersOf(env).map((each) => each.constructor)).toEqual([RecordEpisodeStatistics, TimeLimit])
  const saved = saveEnv(env)
  expect(saved).toEqual({ state: env.state, rng: env.rng.state, wrappers: [[1, 1], 1] })
  const other = wrapped()
  restoreEnv(other, saved)
  expect(other.step(0)).toEqual(env.step(0))
  expect(other.reset()).toEqual(env.reset())
})

it('leaves the state of an ended episode for the next reset', () => {
  const [env, other] = [wrapped(), wrapped()]
  for (const [each, seed] of [[env, 1], [other, 2]] as const) each.reset({ seed }) // biome-ignore format: a pair each
  const before = other.state
  restoreEnv(other, saveEnv(env), true)
  expect(other.state).toEqual(before)
  expect(other.reset()).toEqual(env.reset())
})

it('refuses another number of wrappers', () => {
  const env = wrapped()
  env.reset({ seed: 1 })
  expect(() => restoreEnv(env.env, saveEnv(env))).toThrow('CartPole-v1: saved with 2 wrappers, restored with 1')
})
