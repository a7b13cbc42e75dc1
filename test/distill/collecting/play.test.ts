import { describe, expect, it } from 'vitest'
import {
  disagreementOf,
  firstPlay,
  isUniform,
  mixture,
  playOptions,
  playTeacher,
} from '../../../src/distill/collecting/play.ts'
import { defaultsOf, Rollout } from '../../../src/rl/index.ts'
import type { Player } from '../../../src/rl/policies/policy.ts'
import { Rng } from '../../../src/tensor/index.ts'
import { constantly, corridor } from '../support.ts'

const playing = (...actions: number[]): Player => ({
  actBatch: (states) => Float32Array.from(states, (_, i) => actions[i % actions.length]!),
})

describe('the play of a first round', () => {
  const shareOfRight = (options: object) => {
    const o = { ...defaultsOf(playOptions), rolloutSteps: 300, ...options }
    const { actions } = firstPlay(playing(0), corridor(10) as never, o as typeof o, new Rng(1)).columns
    return actions!.reduce((sum, each) => sum + each, 0) / actions!.length
  }

  it('has random actions: a fixed fraction, or one of each episode', () => {
    // Half of the random actions are to the right.
    expect(shareOfRight({ exploration: 'fixed', epsilon: 0 })).toBe(0)
    expect(Math.abs(shareOfRight({ exploration: 'fixed', epsilon: 0.4, maxEpsilon: 0 }) - 0.2)).toBeLessThan(0.08)
    expect(shareOfRight({ exploration: 'per-episode', epsilon: 1, maxEpsilon: 0 })).toBe(0)
    expect(Math.abs(shareOfRight({ exploration: 'per-episode', epsilon: 0, maxEpsilon: 1 }) - 0.25)).toBeLessThan(0.1)
  })

  it('is uniform only where all actions are random by a fixed fraction', () => {
    expect(isUniform({ exploration: 'fixed', epsilon: 1 })).toBe(true)
    expect(isUniform({ exploration: 'fixed', epsilon: 0.99 })).toBe(false)
    expect(isUniform({ exploration: 'per-episode', epsilon: 1 })).toBe(false)
  })

  it('needs a teacher that plays unless it is uniform', () => {
    const env = corridor(5) as never
    const critic = () => ({ stateValues: 1 })
    expect(playTeacher(env, critic, { exploration: 'fixed', epsilon: 1, rolloutSteps: 5 }).size).toBe(5)
    expect(() => playTeacher(env, critic, { exploration: 'fixed', epsilon: 0.5 })).toThrow(/cannot choose actions/)
    const { actions } = playTeacher(env, constantly(0, 1), {
      exploration: 'fixed',
      epsilon: 0,
      rolloutSteps: 5,
    }).columns
    expect(actions).toEqual(new Float32Array(5).fill(1))
  })
})

it('a mixture of teacher and student: takes all numbers of an action from the one or the other, by a coin for each', () => {
  const states = new Float32Array(2000)
  const mixed = mixture(playing(1), playing(0), 0.25, 2, new Rng(0)).actBatch(states)
  const pairs = Array.from({ length: 1000 }, (_, i) => [mixed[2 * i]!, mixed[2 * i + 1]!])
  expect(pairs.every(([a, b]) => a === b)).toBe(true)
  expect(Math.abs(pairs.filter(([a]) => a === 1).length / 1000 - 0.25)).toBeLessThan(0.05)
  const of = (beta: number) =>
    new Set(Array.from(mixture(playing(1), playing(0), beta, 1, new Rng(0)).actBatch(states)))
  expect([of(0), of(1)]).toEqual([new Set([0]), new Set([1])])
})

it('the disagreement of students: is the share of states in which not all choose the same action', () => {
  const rollout = Rollout.ofStates('some', 1, new Float32Array(8), 8)
  const of = (...students: Player[]) => disagreementOf(students, rollout)
  expect(of(playing(1), playing(1))).toBe(0)
  expect(of(playing(1), playing(0))).toBe(1)
  expect(of(playing(1), playing(1, 1, 1, 0))).toBe(0.25)
  expect(of(playing(0, 1), playing(0, 1), playing(0, 1, 0, 0))).toBe(0.25)
  expect(of(playing(0), playing(0, 1), playing(1, 0))).toBe(1)
  expect(of(playing(2))).toBe(0)
})
