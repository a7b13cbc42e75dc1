// The three rules of bootstrapping, from the play to the advantages: a truncation bootstraps with the value of the
// observation before the reset, a termination does not, and the λ-recursion runs on over neither.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Module } from '../../../src/nn/module.ts'
import { type AnyEnv, type Info, NO_INFO } from '../../../src/rl/envs/env.ts'
import { SyncVectorEnv } from '../../../src/rl/envs/vector/sync-vector-env.ts'
import { Box, Discrete, MultiDiscrete, makeVec, type Space } from '../../../src/rl/index.ts'
import {
  collectEpisodes,
  collectRollouts,
  isCutOff,
  rolloutFor,
  tensorsOf,
} from '../../../src/rl/on-policy/collect-rollout.ts'
import { makeActorCritic } from '../../../src/rl/on-policy/on-policy.ts'
import { CategoricalActorCritic, FactoredActorCritic } from '../../../src/rl/policies/actor-critic.ts'
import { bootstrapValues, gae } from '../../../src/rl/training/returns.ts'
import { Rng, type Tensor, tensor, ValueError } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'
import { type Ending, type Episode, Scripted } from '../scripted-env.ts'

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
    forAll([fc.array(episode, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 12 })], (script, T) => {
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
      for (const [t, advantage] of expected.entries()) expect(advantages[t]).toBeCloseTo(advantage, 4)
      expect(finished).toHaveLength(number)
      expect(envs.observations[0]).toBeCloseTo((100 * number + steps) / 1000, 6)
    })
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

/** Observes [x + t, x] in step t of an episode of `length` steps; the reward is the number of the step, from 1. */
class Line implements AnyEnv {
  readonly id = 'Line-v0'
  readonly observationSpace = new Box([0, 0], [99, 99])
  readonly actionSpace: Space<unknown>
  rng = new Rng()
  state: readonly number[] = []
  readonly taken: unknown[] = []
  private t = 0

  constructor(
    private readonly x: number,
    private readonly length: number,
    private readonly ending: 'terminated' | 'truncated',
    /** With masks, even steps allow choice 0 and odd ones choice 1. */
    private readonly hasMasks: boolean,
  ) {
    this.actionSpace = hasMasks ? new Discrete(2) : new MultiDiscrete([2, 3])
  }

  get unwrapped(): AnyEnv {
    return this
  }

  reset() {
    this.t = 0
    return this.seen()
  }

  step(action: unknown) {
    this.taken.push(...(this.hasMasks ? [action] : (action as Int32Array)))
    this.t++
    const step = { ...this.seen(), reward: this.t, terminated: false, truncated: false }
    return { ...step, [this.ending]: this.t === this.length }
  }

  private seen() {
    const info: Info = this.hasMasks ? { actionMask: this.t % 2 === 0 ? [1, 0] : [0, 1] } : NO_INFO
    return { observation: Float32Array.of(this.x + this.t, this.x), info }
  }
}

const lines = (hasMasks: boolean) => [new Line(0, 3, 'terminated', hasMasks), new Line(5, 2, 'truncated', hasMasks)]

/** [batch, width] zeros. */
const zeros = (width: number): Module => ({
  forward: ({ shape }) => tensor(new Float32Array(shape[0]! * width), [shape[0]!, width]),
  parameters: () => ({}),
})

/** V = a + 100 b of observations [a, b]. */
const critic: Module = {
  forward: (x: Tensor) => {
    const numbers = x.view()
    const values = Float32Array.from({ length: x.shape[0]! }, (_, i) => numbers[2 * i]! + 100 * numbers[2 * i + 1]!)
    return tensor(values, [values.length, 1])
  },
  parameters: () => ({}),
}

describe('three steps of two environments', () => {
  const masked = () => new CategoricalActorCritic(zeros(2), critic, 2, 2)
  const factored = () => new FactoredActorCritic(zeros(5), critic, 2, new MultiDiscrete([2, 3]))

  function collected(agent: CategoricalActorCritic | FactoredActorCritic, envs: SyncVectorEnv) {
    envs.reset({ seed: 0 })
    const rollout = rolloutFor(envs, 3, agent)
    return { rollout, episodes: collectRollouts(envs, agent, rollout, new Rng(1), 100) }
  }

  it('are rows by time, with their masks, values, and ends', () => {
    const { rollout, episodes } = collected(masked(), new SyncVectorEnv(lines(true), 'same-step'))
    expect([...rollout.observations]).toEqual([0, 0, 5, 5, 1, 0, 6, 5, 2, 0, 5, 5])
    expect([...rollout.actionMasks]).toEqual([1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0])
    expect([...rollout.actions]).toEqual([0, 0, 1, 1, 0, 0])
    expect([...rollout.logProbs]).toEqual([0, 0, 0, 0, 0, 0]) // each the only action allowed
    expect([...rollout.rewards]).toEqual([1, 1, 2, 2, 3, 1])
    expect([...rollout.terminated]).toEqual([0, 0, 0, 0, 1, 0])
    expect([...rollout.truncated]).toEqual([0, 0, 0, 1, 0, 0])
    expect([...rollout.values]).toEqual([0, 505, 1, 506, 2, 505])
    expect([...rollout.finalValues]).toEqual([0, 0, 0, 507, 0, 0])
    expect([...rollout.lastValues]).toEqual([0, 506])
    expect(episodes).toEqual([
      { return: 3, length: 2, step: 104 },
      { return: 6, length: 3, step: 106 },
    ])
    const { observations, actions, masks } = tensorsOf(rollout)
    expect([observations.shape, actions.shape, masks?.shape]).toEqual([[6, 2], [6], [6, 2]])
  })

  it('have vectors of actions, those that the environments took', () => {
    const copies = lines(false)
    const { rollout } = collected(factored(), new SyncVectorEnv(copies, 'same-step'))
    const [first, second] = copies.map(({ taken }) => taken as number[])
    const rows = [0, 1, 2].flatMap((t) => [...first!.slice(2 * t, 2 * t + 2), ...second!.slice(2 * t, 2 * t + 2)])
    expect([...rollout.actions]).toEqual(rows)
    expect(new Set(rows).size).toBe(3)
    expect([rollout.actionSize, rollout.actionMasks.length]).toEqual([2, 0])
    for (const logProb of rollout.logProbs) expect(logProb).toBeCloseTo(Math.log(1 / 6), 6)
    const { actions, masks } = tensorsOf(rollout)
    expect([actions.shape, masks]).toEqual([[6, 2], undefined])
  })

  it('are whole episodes where one environment plays them', () => {
    const env = new SyncVectorEnv([new Line(5, 2, 'truncated', true)], 'same-step')
    env.reset({ seed: 0 })
    expect(collectEpisodes(env, masked(), 2, new Rng(1), 10)).toEqual({
      steps: 4,
      observations: Float32Array.of(5, 5, 6, 5, 5, 5, 6, 5),
      actions: Int32Array.of(0, 1, 0, 1),
      actionMasks: Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1),
      rewards: Float64Array.of(1, 2, 1, 2),
      dones: Uint8Array.of(0, 1, 0, 1),
      cutOffValues: Float64Array.of(0, 507, 0, 507),
      episodes: [
        { return: 3, length: 2, step: 12 },
        { return: 3, length: 2, step: 14 },
      ],
    })
    const other = new Line(5, 3, 'terminated', false)
    const vectors = new SyncVectorEnv([other], 'same-step')
    vectors.reset({ seed: 0 })
    const played = collectEpisodes(vectors, factored(), 1, new Rng(1), 0)
    expect(played).toMatchObject({ steps: 3, actions: Float32Array.from(other.taken as number[]) })
    expect([...played.actionMasks, ...played.cutOffValues]).toEqual([0, 0, 0])
    expect(() => collectEpisodes(new SyncVectorEnv(lines(true), 'same-step'), masked(), 1, new Rng(1), 0)).toThrow(
      'Line-v0: 2 sub-environments; whole episodes are played in 1',
    )
  })
})

it('an episode is cut off if it was truncated and did not terminate', () => {
  const envs = { truncated: [1, 1, 0, 0], terminated: [0, 1, 1, 0] } as unknown as SyncVectorEnv
  expect([0, 1, 2, 3].map((i) => isCutOff(envs, i))).toEqual([true, false, false, false])
})
