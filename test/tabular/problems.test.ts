import { describe, expect, it } from 'vitest'
import { BlackjackModel, blackjackState } from '../../examples/tabular/problems/blackjack-model.ts'
import { DYNA_MAZE, dynaMaze } from '../../examples/tabular/problems/dyna-maze.ts'
import { gamblersProblem } from '../../examples/tabular/problems/gambler.ts'
import { LEFT, MaximisationBias, RIGHT } from '../../examples/tabular/problems/maximisation-bias.ts'
import { randomWalk } from '../../examples/tabular/problems/random-walk.ts'
import { Blackjack, finish } from '../../src/rl/index.ts'
import { EnumeratedStates, valueIteration } from '../../src/tabular/index.ts'
import { StateError, ValueError } from '../../src/tensor/errors.ts'
import { expectNumbers } from '../support/arrays.ts'

describe('every table', () => {
  const tables = [randomWalk(), randomWalk(1), gamblersProblem(), dynaMaze(), new BlackjackModel()]
  it('has chances that sum to one, for what follows and for where one starts', () => {
    for (const model of tables) {
      for (let state = 0; state < model.numStates; state++) {
        for (let action = 0; action < model.numActions; action++) {
          const outcomes = model.transitions(state, action)
          expectNumbers([outcomes.reduce((sum, { probability }) => sum + probability, 0)], [1])
          for (const { nextState } of outcomes) expect(nextState).toBeLessThan(model.numStates)
        }
      }
      expectNumbers([model.startDistribution().reduce((sum, each) => sum + each, 0)], [1])
    }
  })
})

describe('the random walk', () => {
  it('starts in the middle and ends with -1 or +1', () => {
    const walk = randomWalk(3)
    const rewards = new Set<number>()
    for (let seed = 0; seed < 20; seed++) {
      expect(walk.reset({ seed }).observation).toBe(2)
      for (;;) {
        const { reward, terminated, observation } = walk.step(0)
        if (!terminated) expect(reward).toBe(0)
        else {
          expect(reward).toBe(observation === 0 ? -1 : 1)
          rewards.add(reward)
          break
        }
      }
    }
    expect(rewards).toEqual(new Set([-1, 1]))
  })
})

describe('the Dyna maze', () => {
  it('is 14 steps long', () => {
    const { values } = finish(valueIteration(dynaMaze(), { gamma: 0.95 }))
    const start = DYNA_MAZE.join('').indexOf('S')
    expectNumbers([values[start]!], [0.95 ** 13]) // the reward comes with the 14th step
  })
})

describe('the maximisation bias', () => {
  it('pays nothing to the right, and about -0.1 by way of the left', () => {
    const env = new MaximisationBias()
    env.reset({ seed: 1 })
    expect(env.step(RIGHT)).toMatchObject({ reward: 0, terminated: true })
    let sum = 0
    for (let i = 0; i < 10_000; i++) {
      env.reset()
      expect(env.step(LEFT)).toMatchObject({ observation: 1, reward: 0, terminated: false })
      sum += env.step(i % 10).reward
    }
    expect(Math.abs(sum / 10_000 + 0.1)).toBeLessThan(0.05) // 5 standard errors
  })

  it('has two actions at first and refuses the others, as it refuses a step after the end', () => {
    const env = new MaximisationBias()
    expect(() => env.step(0)).toThrow(StateError)
    env.reset()
    expect(() => env.step(2)).toThrow(/MaximisationBias: the action is 2/)
    env.state = [1]
    expect(env.step(9).terminated).toBe(true)
    expect(() => env.step(0)).toThrow(StateError)
    expect(() => {
      env.state = [2]
    }).toThrow(ValueError)
  })
})

describe('the model of Blackjack', () => {
  // Play sticks and hits in the environment and counts; the model says how often each should come.
  it.each([
    ['a hard 16 against a 10, hit', 16, 10, false, 1],
    ['a soft 18 against an ace, hit', 18, 1, true, 1],
    ['a hard 20 against a 6, stick', 20, 6, false, 0],
    ['a soft 15 against a 9, stick', 15, 9, true, 0],
  ] as const)('agrees with play: %s', (_, sum, dealer, usableAce, action) => {
    const env = new EnumeratedStates(new Blackjack())
    env.reset({ seed: 4 })
    // Three cards, so that no hand counts as a natural.
    const hand = usableAce ? [1, 2, sum - 13] : [2, 8, sum - 10]
    const model = new BlackjackModel()
    const rounds = 20_000
    let total = 0
    const arrivals = new Map<number, number>()
    for (let i = 0; i < rounds; i++) {
      env.state = [dealer, Math.min(10, 1 + env.rng.integer(13)), ...hand]
      const { observation, reward, terminated } = env.step(action)
      total += reward
      const key = terminated ? -1 : observation
      arrivals.set(key, (arrivals.get(key) ?? 0) + 1 / rounds)
    }
    const outcomes = model.transitions(blackjackState(sum, dealer, usableAce), action)
    const expected = new Map<number, number>()
    for (const { probability, nextState, terminated } of outcomes) {
      const key = terminated ? -1 : nextState
      expected.set(key, (expected.get(key) ?? 0) + probability)
    }
    expect(
      Math.abs(total / rounds - outcomes.reduce((mean, { probability, reward }) => mean + probability * reward, 0)),
    ).toBeLessThan(0.035)
    for (const [state, share] of expected) expect(Math.abs((arrivals.get(state) ?? 0) - share)).toBeLessThan(0.02)
    for (const state of arrivals.keys()) expect(expected.has(state)).toBe(true)
  })

  it('refuses what is not in it', () => {
    expect(() => new BlackjackModel().transitions(-1, 0)).toThrow(ValueError)
    expect(() => new BlackjackModel().transitions(0, 2)).toThrow(/actions are 0 stick and 1 hit/)
    expect(() => randomWalk(0)).toThrow(ValueError)
    expect(() => gamblersProblem({ headsProbability: 1 })).toThrow(ValueError)
  })
})

describe('EnumeratedStates', () => {
  it('numbers tuples, the last part fastest, and refuses what is none', () => {
    const env = new EnumeratedStates(new Blackjack())
    const { observation } = env.reset({ seed: 2 })
    const [sum, dealer, ace] = (env.env as Blackjack).reset({ seed: 2 }).observation
    expect(observation).toBe((sum * 11 + dealer) * 2 + ace)
    expect(env.observationSpace.n).toBe(704)
    expect(() => new EnumeratedStates(dynaMaze() as never)).toThrow(/expected a Tuple of Discrete/)
  })
})
