import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BlackjackModel, blackjackState } from '../../examples/tabular/problems/blackjack-model.ts'
import { FiniteProblem } from '../../examples/tabular/problems/finite-problem.ts'
import { gamblersProblem } from '../../examples/tabular/problems/gambler.ts'
import { randomWalk, randomWalkValues } from '../../examples/tabular/problems/random-walk.ts'
import { GridWorld, jumpingGrid } from '../../src/rl/envs/tasks/grid-world.ts'
import type { Transition } from '../../src/rl/envs/tasks/tabular.ts'
import { FrozenLake, finish } from '../../src/rl/index.ts'
import {
  actionValueOf,
  deterministicPolicy,
  policyEvaluation,
  policyIteration,
  uniformPolicy,
  valueIteration,
} from '../../src/tabular/planning.ts'
import { DivergenceError, ValueError } from '../../src/tensor/errors.ts'
import { expectNumbers } from '../support/arrays.ts'
import { forAll, property } from '../support/property.ts'

const to = (nextState: number, reward: number): Transition => ({
  probability: 0.5,
  nextState,
  reward,
  terminated: false,
})

describe('policy evaluation', () => {
  it('finds the values of Example 4.1', () => {
    const values = finish(policyEvaluation(new GridWorld(), uniformPolicy(4)))
    expectNumbers(values, [0, -14, -20, -22, -14, -18, -20, -20, -20, -20, -18, -14, -22, -20, -14, 0], 0, 1e-6)
  })

  it('goes through the sweeps of Fig. 4.1 when each works on the one before', () => {
    const rows = new Map<number, number[]>()
    for (const { sweep, values } of policyEvaluation(new GridWorld(), uniformPolicy(4), { inPlace: false })) {
      rows.set(sweep, [...values.subarray(0, 4)])
      if (sweep === 10) break
    }
    // The figure cuts -1.75 to -1.7.
    expectNumbers(rows.get(1)!, [0, -1, -1, -1])
    expectNumbers(rows.get(2)!, [0, -1.75, -2, -2])
    expectNumbers(rows.get(3)!, [0, -2.4, -2.9, -3], 0, 0.05)
    expectNumbers(rows.get(10)!, [0, -6.1, -8.4, -9], 0, 0.05)
  })

  it('finds the values of Example 3.5, whose walk never ends', () => {
    const values = finish(policyEvaluation(new GridWorld(jumpingGrid), uniformPolicy(4), { gamma: 0.9 }))
    const figure = [3.3, 8.8, 4.4, 5.3, 1.5, 1.5, 3, 2.3, 1.9, 0.5, 0.1, 0.7, 0.7, 0.4, -0.4]
    expectNumbers(values.subarray(0, 15), figure, 0, 0.05)
  })

  it('finds the straight line of the random walk', () => {
    expectNumbers(finish(policyEvaluation(randomWalk(), uniformPolicy(1))), randomWalkValues(), 0, 1e-6)
  })

  it('says so when the values never settle', () => {
    const walkIntoTheWall = deterministicPolicy(new Int32Array(16))
    const evaluation = policyEvaluation(new GridWorld(), walkIntoTheWall, { maxSweeps: 500 })
    expect(() => finish(evaluation)).toThrow(DivergenceError)
  })
})

describe('policy iteration and value iteration', () => {
  it('solve Example 4.1: the fewest steps to a corner', () => {
    const steps = [0, 1, 2, 3, 1, 2, 3, 2, 2, 3, 2, 1, 3, 2, 1, 0]
    for (const { values } of [finish(policyIteration(new GridWorld())), finish(valueIteration(new GridWorld()))]) {
      expectNumbers(
        values,
        steps.map((count) => -count),
      )
    }
  })

  it("find the values of Fig. 3.5's optimal policy", () => {
    const { values } = finish(valueIteration(new GridWorld(jumpingGrid), { gamma: 0.9 }))
    expectNumbers(values.subarray(0, 10), [22, 24.4, 22, 19.4, 17.5, 19.8, 22, 19.8, 17.8, 16], 0, 0.05)
  })

  it("solve the gambler's problem: bold play is best, and Fig. 4.3 shows its smallest stakes", () => {
    const { values, actions } = finish(valueIteration(gamblersProblem()))
    expectNumbers([values[25]!, values[50]!, values[75]!], [0.16, 0.4, 0.64]) // p², p, p + (1 - p) p
    const stakes = Array.from(actions, (action) => action + 1)
    expect(stakes.slice(1, 26)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 25,
    ])
    expect([stakes[50], stakes[51], stakes[75]]).toEqual([50, 1, 25])
  })

  it('solve the gambler with a coin that favours them: the smallest stake is safest', () => {
    const { actions, values } = finish(valueIteration(gamblersProblem({ headsProbability: 0.55, goal: 20 })))
    expect([...actions.subarray(1, 20)]).toEqual(new Array(19).fill(0))
    const ruin = 0.45 / 0.55 // the gambler's ruin: (1 - r^i) / (1 - r^n)
    expectNumbers([values[10]!], [(1 - ruin ** 10) / (1 - ruin ** 20)], 0, 1e-7)
  })

  it('solve Blackjack as Fig. 5.2 shows', () => {
    const { actions } = finish(policyIteration(new BlackjackModel()))
    // From the dealer's ace to the ten: the sums on which to stick.
    const stickFrom = { hard: [17, 13, 13, 12, 12, 12, 17, 17, 17, 17], soft: [19, 18, 18, 18, 18, 18, 18, 18, 19, 19] }
    for (const usableAce of [false, true]) {
      for (let dealer = 1; dealer <= 10; dealer++) {
        const stick = (usableAce ? stickFrom.soft : stickFrom.hard)[dealer - 1]!
        for (let sum = 12; sum <= 21; sum++) {
          const action = actions[blackjackState(sum, dealer, usableAce)]
          expect(action, `${sum} against ${dealer}, ace ${usableAce}`).toBe(sum >= stick ? 0 : 1)
        }
      }
    }
  })

  it('report each round, until no state changes its action', () => {
    const rounds = [...policyIteration(new GridWorld())]
    expect(rounds[0]!.changed).toBe(16)
    expect(rounds.at(-1)!.changed).toBe(0)
    expect(rounds.map(({ round }) => round)).toEqual(rounds.map((_, i) => i + 1))
  })

  it('lets equally good policies not take turns for ever', () => {
    const outcomes = [
      [to(0, 0), to(0, -1)],
      [to(1, 0), to(1, 0)],
      [to(1, -1), to(0, 1)],
      [to(1, 1), to(1, -1)],
    ]
    const problem = new FiniteProblem({ id: 'Turns', actionNames: ['a', 'b'], outcomes, starts: [0] })
    const rounds = [...policyIteration(problem, { gamma: 0.95, theta: 0.5 })]
    expect(rounds.length).toBeLessThan(10)
    expect(() => finish(policyIteration(new GridWorld(), { theta: 100, maxSweeps: 1 }))).toThrow(/after 1 rounds/)
  })

  // Problems of any kind, each action with two outcomes, now and then an end.
  const problems = fc
    .record({ numStates: fc.integer({ min: 1, max: 6 }), numActions: fc.integer({ min: 1, max: 3 }) })
    .chain(({ numStates, numActions }) => {
      const outcome = fc.record({
        probability: fc.constant(0.5),
        nextState: fc.nat({ max: numStates - 1 }),
        reward: fc.integer({ min: -5, max: 5 }),
        terminated: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
      })
      const pair: fc.Arbitrary<readonly Transition[]> = fc.tuple(outcome, outcome)
      const rows = numStates * numActions
      return fc.array(pair, { minLength: rows, maxLength: rows }).map((outcomes) => {
        const actionNames = Array.from({ length: numActions }, (_, i) => `${i}`)
        return new FiniteProblem({ id: 'Any', actionNames, outcomes, starts: [0] })
      })
    })

  it('agree on any problem, and what they find satisfies the Bellman optimality equation', () => {
    forAll([problems], (problem) => {
      const gamma = 0.8
      const byValues = finish(valueIteration(problem, { gamma }))
      const byPolicies = finish(policyIteration(problem, { gamma }))
      expectNumbers(byPolicies.values, byValues.values, 0, 1e-6)
      for (let state = 0; state < problem.numStates; state++) {
        const best = Math.max(
          ...Array.from({ length: problem.numActions }, (_, action) =>
            actionValueOf(problem, byValues.values, state, action, gamma),
          ),
        )
        expectNumbers([byValues.values[state]!], [best], 0, 1e-6)
      }
    })
  })

  property('a better policy is never worse: each round raises every value', [problems], (problem) => {
    let before = new Float64Array(problem.numStates).fill(-Infinity)
    for (const { values } of policyIteration(problem, { gamma: 0.8 })) {
      for (let state = 0; state < problem.numStates; state++) {
        expect(values[state]).toBeGreaterThanOrEqual(before[state]! - 1e-6)
      }
      before = values.slice()
    }
  })

  it('find the best chance of crossing the frozen lake', () => {
    const lake = new FrozenLake()
    const { values } = finish(valueIteration(lake))
    expectNumbers([values[0]!], [14 / 17], 0, 1e-6) // the known optimum of the 4 x 4 map without a time limit
  })

  it('refuse options out of range', () => {
    expect(() => finish(valueIteration(new GridWorld(), { gamma: 1.1 }))).toThrow(ValueError)
    expect(() => finish(policyIteration(new GridWorld(), { theta: 0 }))).toThrow(/theta is 0/)
    const collector = new FiniteProblem({
      id: 'Collector',
      actionNames: ['stay'],
      outcomes: [[{ probability: 1, nextState: 0, reward: 1, terminated: false }]],
      starts: [0],
    })
    expect(() => finish(valueIteration(collector, { maxSweeps: 100 }))).toThrow(/If rewards can be collected forever/)
  })
})
