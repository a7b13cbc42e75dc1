// Play of a teacher that several distillations select from.

import { describe, expect, it } from 'vitest'
import { playTeacher, type TeacherFunction } from '../../src/distill/index.ts'
import { make, makeVec, Rollout } from '../../src/rl/index.ts'
import { ShapeError, ValueError } from '../../src/tensor/index.ts'
import {
  type Changes,
  cartPole,
  contentsOf,
  corridor,
  someAgent,
  someDataset,
  someTeacher,
  statesOf,
} from './support.ts'

/** An environment that must not be played. */
function untouchable() {
  const still = () => {
    throw new Error('a step was played')
  }
  return Object.assign(cartPole(), { step: still, reset: still })
}

const critic: TeacherFunction = () => ({ stateValues: 1 })

describe('a rollout that is given', () => {
  const rollout = playTeacher(cartPole(), someTeacher(), { seed: 8, rolloutSteps: 200 })

  it.each(['random', 'farthest', 'sequential'] as const)(
    'serves many datasets of %s: nothing is played',
    (selection) => {
      const dataset = (seed: number) => someDataset({ env: untouchable(), rollout, labels: 50, seed, selection })
      expect(contentsOf(dataset(1))).toEqual(contentsOf(dataset(1)))
      expect(dataset(1).environmentSteps).toBe(rollout.environmentSteps)
      const states = Array.from({ length: 200 }, (_, i) => rollout.observation(i).join())
      if (selection === 'sequential') expect(statesOf(dataset(1))).toEqual(states.slice(0, 50))
      else expect(statesOf(dataset(1))).not.toEqual(statesOf(dataset(2)))
      expect(states).toEqual(expect.arrayContaining(statesOf(dataset(1))))
    },
  )

  it('is what a distillation with the same options plays itself', () => {
    const options = { selection: 'sequential', labels: 50, exploration: 'fixed', epsilon: 0.2 } as const
    const play = { exploration: 'fixed', epsilon: 0.2, seed: 3, rolloutSteps: 50 } as const
    const given = playTeacher(cartPole(), someTeacher(), play)
    expect(contentsOf(someDataset({ ...options, rollout: given }))).toEqual(contentsOf(someDataset(options)))
  })

  it('may be of a teacher that cannot play, if it is random', () => {
    const random = { exploration: 'fixed', epsilon: 1, rolloutSteps: 30 } as const
    expect(playTeacher(cartPole(), critic, random).size).toBe(30)
    expect(() => playTeacher(cartPole(), critic, { rolloutSteps: 30 })).toThrow(
      /gives stateValues, so it cannot choose/,
    )
    const noted = someDataset({ teacher: critic, target: 'value-mse' as never, rollout, labels: 20 })
    expect([noted.size, noted.has('stateValues')]).toEqual([20, true])
  })

  it('counts the steps of all sub-environments, and more states than the label budget cost no labels', () => {
    const teacher = someTeacher(7)
    const played = playTeacher(makeVec('CartPole-v1', 5), teacher, { rolloutSteps: 60 })
    expect([played.size, played.environmentSteps % 5, teacher.labels]).toEqual([60, 0, 0])
    expect(someDataset({ teacher, rollout: played, labels: 7 }).labels).toBe(7)
  })

  it.each([
    [{ labels: 201 }, /201 labels in round 0 from 200 states; make rolloutSteps larger/],
    [
      { env: corridor(), teacher: () => ({ logits: [0, 1] }) },
      /rollout is of CartPole-v1 with 4 numbers .* not of Corr/,
    ],
    [
      { rollout: Rollout.ofStates('CartPole-v1', 3, new Float32Array(300), 0) },
      /rollout is of CartPole-v1 with 3 numbers per state, not of CartPole-v1 with 4/,
    ],
  ] as [Changes, RegExp][])('does not fit: %#', (changes, message) => {
    expect(() => someDataset({ rollout, ...changes })).toThrow(ValueError)
    expect(() => someDataset({ rollout, ...changes })).toThrow(message)
  })

  it('takes the options of play alone', () => {
    expect(() => playTeacher(cartPole(), someAgent(), { labels: 5 } as object)).toThrow(
      /playTeacher: unknown option "labels"/,
    )
    expect(() => playTeacher(cartPole(), someAgent(), { rolloutSteps: 0 })).toThrow(/rolloutSteps is 0/)
    expect(() => playTeacher(make('Acrobot-v1'), someAgent())).toThrow(ShapeError)
  })
})
