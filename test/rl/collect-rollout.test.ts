// The three rules of bootstrapping, from the play to the advantages: a truncation bootstraps with the value of the
// observation before the reset, a termination does not, and the λ-recursion runs on over neither.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeActorCritic } from '../../src/rl/algorithms/make-actor-critic.ts'
import { collectRollouts, rolloutFor } from '../../src/rl/collect-rollout.ts'
import { bootstrapValues, gae } from '../../src/rl/returns.ts'
import { makeVec } from '../../src/rl/vector/make-vec.ts'
import { SyncVectorEnv } from '../../src/rl/vector/sync-vector-env.ts'
import { ValueError } from '../../src/tensor/errors.ts'
import { Rng, tensor } from '../../src/tensor/index.ts'
import { type Ending, type Episode, Scripted } from './scripted-env.ts'

function play(episodes: readonly Episode[], numSteps: number) {
  const envs = new SyncVectorEnv([new Scripted(episodes)], 'same-step')
  const agent = makeActorCritic('test', envs, [4], new Rng(1))
  const rollout = rolloutFor(envs, numSteps, agent)
  envs.reset({ seed: 0 })
  const finished = collectRollouts(envs, agent, rollout, new Rng(2), 0)
  const valueAt = (observation: number) => agent.stateValues(tensor([Math.fround(observation)], [1, 1])).item()
  return { rollout, finished, valueAt, envs }
}

describe('what follows a step', () => {
  it('is the value before the reset after a truncation, nothing after a termination', () => {
    const { rollout, valueAt } = play(
      [
        { length: 2, ending: 'truncated' },
        { length: 1, ending: 'terminated' },
        { length: 1, ending: 'both' },
        { length: 9, ending: 'terminated' },
      ],
      5,
    )
    const next = bootstrapValues(rollout)
    expect(next[0]).toBeCloseTo(valueAt(0.001), 6) // inside the first episode
    expect(next[1]).toBeCloseTo(valueAt(0.002), 6) // its last observation, before the reset
    expect(next[1]).not.toBeCloseTo(valueAt(0.1), 6) // not the next episode's first
    expect(next[2]).toBe(0)
    expect(next[3]).toBe(0) // a termination, whatever the time limit says
    expect(next[4]).toBeCloseTo(valueAt(0.301), 6) // the rollout ends, the episode does not
  })

  it('is so in any play, and the advantages of one episode know nothing of the next', () => {
    const episode = fc.record({
      length: fc.integer({ min: 1, max: 4 }),
      ending: fc.constantFrom<Ending>('terminated', 'truncated', 'both'),
    })
    fc.assert(
      fc.property(fc.array(episode, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 12 }), (script, T) => {
        const { rollout, finished, valueAt, envs } = play(script, T)
        const advantages = gae(rollout, 0.9, 0.8)
        let number = 0
        let steps = 0
        const expected: number[] = []
        const deltas: { delta: number; over: boolean }[] = []
        for (let t = 0; t < T; t++) {
          const { length, ending } = script[number % script.length]!
          const value = valueAt((100 * number + steps) / 1000)
          const after = valueAt((100 * number + steps + 1) / 1000)
          steps++
          const over = steps === length
          const reward = 1 + steps
          deltas.push({ delta: reward + 0.9 * (over && ending !== 'truncated' ? 0 : after) - value, over })
          if (!over) continue
          number++
          steps = 0
        }
        for (let t = T - 1, next = 0; t >= 0; t--) {
          const { delta, over } = deltas[t]!
          next = delta + (over ? 0 : 0.9 * 0.8 * next)
          expected.unshift(next)
        }
        expected.forEach((advantage, t) => {
          expect(advantages[t]).toBeCloseTo(advantage, 4)
        })
        expect(finished).toHaveLength(number)
        expect(envs.observations[0]).toBeCloseTo((100 * number + steps) / 1000, 6)
      }),
    )
  })
})

describe('a rollout', () => {
  it('holds the log-probabilities of the policy that acted', () => {
    const envs = makeVec('CartPole-v1', 3)
    const agent = makeActorCritic('test', envs, [8], new Rng(1))
    const rollout = rolloutFor(envs, 20, agent)
    envs.reset({ seed: 1 })
    collectRollouts(envs, agent, rollout, new Rng(2), 0)
    for (let row = 0; row < rollout.size; row++) {
      const policy = agent.distribution(tensor(rollout.observations.slice(4 * row, 4 * row + 4), [1, 4]))
      expect(rollout.logProbs[row]).toBeCloseTo(policy.logProb(tensor(Int32Array.of(rollout.actions[row]!))).item(), 5)
    }
  })

  it('reports each episode with its return, length and the steps taken by then', () => {
    const { finished } = play([{ length: 3, ending: 'truncated' }], 7)
    expect(finished).toEqual([
      { return: 2 + 3 + 4, length: 3, step: 3 },
      { return: 2 + 3 + 4, length: 3, step: 6 },
    ])
  })

  it('wants environments that restart within the step', () => {
    const envs = makeVec('CartPole-v1', 1, { autoreset: 'next-step' })
    const agent = makeActorCritic('test', envs, [8], new Rng(1))
    expect(() => rolloutFor(envs, 8, agent)).toThrow(ValueError)
  })
})
