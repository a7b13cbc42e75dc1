import { expect, it } from 'vitest'
import { makeVec } from '../../src/rl/envs/vector/make-vec.ts'
import { SyncVectorEnv } from '../../src/rl/envs/vector/sync-vector-env.ts'
import { collectEpisodes } from '../../src/rl/on-policy/collect-rollout.ts'
import { makeActorCritic } from '../../src/rl/on-policy/make-actor-critic.ts'
import { Rng, tensor } from '../../src/tensor/index.ts'
import { Scripted } from './scripted-env.ts'

it('gives episodes one after the other, with what the critic expects of those that were cut off', () => {
  const script = [
    { length: 2, ending: 'truncated' },
    { length: 1, ending: 'terminated' },
    { length: 1, ending: 'both' },
  ] as const
  const env = new SyncVectorEnv([new Scripted(script)], 'same-step')
  const agent = makeActorCritic('test', env, [4], new Rng(1))
  env.reset({ seed: 0 })
  const played = collectEpisodes(env, agent, 3, new Rng(2), 10)
  expect(played.steps).toBe(4)
  expect([...played.rewards]).toEqual([2, 3, 2, 2])
  expect([...played.dones]).toEqual([0, 1, 1, 1])
  expect([...played.observations]).toEqual([0, 0.001, 0.1, 0.2].map(Math.fround))
  const last = agent.stateValues(tensor([0.002], [1, 1])).item() // before the reset
  expect([...played.cutOffValues]).toEqual([0, last, 0, 0])
  expect(played.episodes.map(({ step }) => step)).toEqual([12, 13, 14])
})

it('refuses several copies', () => {
  const env = makeVec('CartPole-v1', 2)
  env.reset({ seed: 0 })
  const agent = makeActorCritic('test', env, [4], new Rng(1))
  expect(() => collectEpisodes(env, agent, 1, new Rng(2), 0)).toThrow(/2 sub-environments/)
})
