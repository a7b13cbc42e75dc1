import { describe, expect, it } from 'vitest'
import { BlackjackModel, blackjackState } from '../../examples/tabular/problems/blackjack-model.ts'
import { dynaMaze } from '../../examples/tabular/problems/dyna-maze.ts'
import { FiniteProblem } from '../../examples/tabular/problems/finite-problem.ts'
import { MaximisationBias } from '../../examples/tabular/problems/maximisation-bias.ts'
import { Blackjack, type Checkpoint, CliffWalking, finish, GridWorld, Taxi, TimeLimit } from '../../src/rl/index.ts'
import { EnumeratedStates, monteCarloControl, offPolicyMonteCarlo, type QTable } from '../../src/tabular/index.ts'
import { actionValueOf, valueIteration } from '../../src/tabular/planning.ts'
import type { FiniteTask } from '../../src/tabular/run.ts'
import { doubleQLearning, dynaQ, expectedSarsa, qLearning, sarsa } from '../../src/tabular/td-control.ts'
import { CheckpointError, ValueError } from '../../src/tensor/errors.ts'
import { expectNumbers } from '../support/arrays.ts'

const methods = { qLearning, sarsa, expectedSarsa, doubleQLearning, dynaQ, monteCarloControl, offPolicyMonteCarlo }
const each = Object.entries(methods) as [string, typeof qLearning][]
const meanOf = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length

/** The return of one greedy episode, at most 200 steps. */
function greedyReturn(q: QTable, env: FiniteTask, seed = 0): number {
  let { observation } = env.reset({ seed })
  let total = 0
  for (let i = 0; i < 200; i++) {
    const step = env.step(q.act(observation))
    observation = step.observation
    total += step.reward
    if (step.terminated) break
  }
  return total
}

describe.each(each)('%s', (_, method) => {
  it('finds the shortest ways of Example 4.1', () => {
    const grid = new GridWorld()
    const { values } = finish(valueIteration(grid))
    const options = { totalTimesteps: 40_000, epsilon: 0.3, initialValue: -100, seed: 1 }
    const q = finish(method(new TimeLimit(new GridWorld(), 30), options))
    for (let cell = 1; cell < 15; cell++) {
      // Every greedy action is one of the best ones.
      expectNumbers([actionValueOf(grid, values, cell, q.act(cell), 1)], [values[cell]!])
    }
  })

  it('is a function of its seed', () => {
    const run = (seed: number) => [...finish(method(new CliffWalking(), { totalTimesteps: 3000, seed })).values]
    expect(run(5)).toEqual(run(5))
    expect(run(5)).not.toEqual(run(6))
  })

  it('goes on from any saved episode with the same bits', () => {
    const options = { totalTimesteps: 4000, seed: 3, epsilon: 0.5 }
    const grid = () => new TimeLimit(new GridWorld(), 30)
    const unbroken = method(grid(), options)
    const saved: Checkpoint[] = []
    let expected: QTable | undefined
    for (;;) {
      const next = unbroken.next()
      if (next.done === true) {
        expected = next.value
        break
      }
      saved.push(next.value.save())
    }
    const copy = structuredClone(saved[Math.floor(saved.length / 2)]!)
    const resumed = finish(method(grid(), { ...options, resume: copy }))
    expect([...resumed.values]).toEqual([...expected.values])
    expect(() => finish(method(new TimeLimit(new Taxi(), 30), { ...options, resume: copy }))).toThrow(CheckpointError)
    expect(() => finish(method(grid(), { ...options, gamma: 0.5, resume: copy }))).toThrow(/gamma = 1, this one 0.5/)
  })

  it('keeps to its budget, in the midst of an episode if need be', () => {
    // A maze with the way to the goal shut: no episode ever ends.
    const endless = new GridWorld({ map: ['...', '...'] })
    const reports = [...method(endless, { totalTimesteps: 50 })]
    expect(reports.map(({ step, episodes }) => [step, episodes.length])).toEqual([[50, 0]])
    expect([...method(new GridWorld(), { totalEpisodes: 3 })]).toHaveLength(3)
  })

  it('refuses options out of range and spaces that a table cannot hold', () => {
    expect(() => finish(method(new GridWorld(), { epsilon: 2 }))).toThrow(ValueError)
    expect(() => finish(method(new GridWorld(), { gamma: -1 }))).toThrow(/gamma is -1/)
    expect(() => finish(method(new GridWorld(), { totalTimesteps: 0 }))).toThrow(/totalTimesteps is 0/)
    expect(() => finish(method(new GridWorld(), { epsilom: 1 } as never))).toThrow(/Did you mean "epsilon"/)
    expect(() => finish(method(new Blackjack() as unknown as FiniteTask))).toThrow(/EnumeratedStates/)
  })
})

describe.each(each)('%s, in an environment that breaks the contract,', (_, method) => {
  const broken = (change: object) => {
    const grid = new GridWorld()
    const step = grid.step.bind(grid)
    return Object.assign(grid, { step: (action: number) => ({ ...step(action), ...change }) }) as FiniteTask
  }

  it.each([
    [
      'a state outside its space',
      { observation: 99 },
      /GridWorld-v0: the observation of step 1 is outside its space: 99/,
    ],
    ['no state', { observation: undefined }, /the observation of step 1 has the wrong type: undefined/],
    ['no reward', { reward: undefined }, /the reward of step 1 is undefined; expected a number; checkEnv\(env\)/],
    ['NaN as a reward', { reward: Number.NaN }, /the reward of step 1 is NaN; expected a finite number/],
  ])('throws on %s', (_, change, fault) => {
    expect(() => finish(method(broken(change), { totalTimesteps: 10 }))).toThrow(ValueError)
    expect(() => finish(method(broken(change), { totalTimesteps: 10 }))).toThrow(fault)
  })
})

describe('bootstrapping', () => {
  // One state that pays 1 and stays; cut off after every step, or ended.
  const payer = (map: string): FiniteTask => new TimeLimit(new GridWorld({ map: [map], moveReward: 1 }), 1)
  const options = { gamma: 0.5, totalTimesteps: 40_000, epsilon: 1, seed: 1 }

  it.each(each)('%s: a truncation is followed by a value: 1 + γ + γ² + … = 2', (_, method) => {
    expect(finish(method(payer('.'), options)).max(0)).toBeCloseTo(2, 1)
  })

  it.each(each)('%s: a termination is not', (_, method) => {
    // The end itself is given a value, which must not be used.
    const q = finish(method(payer('ST'), { ...options, initialValue: 7 }))
    expect(q.get(0, 2)).toBeCloseTo(1, 6) // to the right is the end
  })
})

describe('on-policy Monte-Carlo control', () => {
  it('counts the first visit of an episode only', () => {
    // Each step pays 1 and ends the task with probability ½.
    const outcomes = [false, true].map((terminated) => ({ probability: 0.5, nextState: 0, reward: 1, terminated }))
    const task = new FiniteProblem({ id: 'Coin', actionNames: ['toss'], outcomes: [outcomes], starts: [0] })
    let total = 0
    for (const { episode, episodes, agent } of monteCarloControl(task, { totalEpisodes: 20 })) {
      total += episodes[0]!.length
      expectNumbers([agent.get(0, 0)], [total / episode]) // later visits would bring shorter returns in
    }
    expect(total).toBeGreaterThan(20)
  })
})

describe('off-policy Monte-Carlo control', () => {
  it('is led astray by actions that no episode ends with, unless their first value is low', () => {
    const grid = new GridWorld()
    const { values } = finish(valueIteration(grid))
    const mistakes = (initialValue: number) => {
      const options = { totalTimesteps: 40_000, epsilon: 0.3, initialValue }
      const q = finish(offPolicyMonteCarlo(new TimeLimit(new GridWorld(), 1000), options))
      const isWorse = (cell: number) => actionValueOf(grid, values, cell, q.act(cell), 1) < values[cell]! - 1e-6
      return Array.from({ length: 14 }, (_, i) => i + 1).filter(isWorse).length
    }
    expect(mistakes(0)).toBeGreaterThan(5)
    expect(mistakes(-100)).toBeLessThan(3)
  })
})

describe('cliff walking, Example 6.6', () => {
  const play = (method: typeof qLearning) => {
    const returns: number[] = []
    const tables: QTable[] = []
    for (let seed = 0; seed < 20; seed++) {
      for (const { episode, episodes, agent } of method(new CliffWalking(), {
        totalTimesteps: 1e6,
        totalEpisodes: 500,
        learningRate: 0.5,
        seed,
      })) {
        if (episode > 400) returns.push(episodes[0]!.return)
        if (episode === 500) tables.push(agent)
      }
    }
    return { online: meanOf(returns), tables }
  }

  it('Sarsa earns about -25 an episode while it learns, Q-learning about -50, and yet Q-learning knows the best way', () => {
    const careful = play(sarsa)
    const bold = play(qLearning)
    expect(careful.online).toBeGreaterThan(-30)
    expect(careful.online).toBeLessThan(-20)
    expect(bold.online).toBeGreaterThan(-60)
    expect(bold.online).toBeLessThan(-40)
    for (const q of bold.tables) expect(greedyReturn(q, new CliffWalking())).toBe(-13)
    const longWays = careful.tables.filter((q) => greedyReturn(q, new CliffWalking()) <= -15)
    expect(longWays).toHaveLength(20)
  })

  it('Expected Sarsa does better than Sarsa at the same step size', () => {
    expect(play(expectedSarsa).online).toBeGreaterThan(play(sarsa).online)
  })
})

describe('Dyna maze, Fig. 8.2', () => {
  it('learns within few episodes with planning, and within many without', () => {
    const stepsInEpisode = (planningSteps: number) => {
      const sums = new Float64Array(50)
      const runs = 5
      for (let seed = 0; seed < runs; seed++) {
        const options = { totalTimesteps: 1e6, totalEpisodes: 50, gamma: 0.95, planningSteps, seed }
        for (const { episode, episodes } of dynaQ(dynaMaze(), options)) sums[episode - 1]! += episodes[0]!.length / runs
      }
      return sums
    }
    const [without, some, many] = [stepsInEpisode(0), stepsInEpisode(5), stepsInEpisode(50)]
    expect(without[2]).toBeGreaterThan(200)
    expect(some[9]).toBeLessThan(40)
    expect(many[3]).toBeLessThan(30)
    for (const steps of [without, some, many]) {
      expect(steps[0]).toBeGreaterThan(200) // the first episode is chance
      expect(steps[49]).toBeLessThan(30) // the best policy takes 14, an exploring one some more
      expect(steps[49]).toBeGreaterThanOrEqual(14)
    }
  })
})

describe('maximisation bias, Fig. 6.5', () => {
  it('draws Q-learning to the worse side and double Q-learning hardly', () => {
    const leftShares = (method: typeof qLearning) => {
      const shares = new Float64Array(300)
      const runs = 400
      for (let seed = 0; seed < runs; seed++) {
        for (const { episode, episodes } of method(new MaximisationBias(), { totalEpisodes: 300, seed })) {
          if (episodes[0]!.length === 2) shares[episode - 1]! += 1 / runs
        }
      }
      return shares
    }
    const [single, double] = [leftShares(qLearning), leftShares(doubleQLearning)]
    const around = (shares: Float64Array, from: number, to: number) => meanOf([...shares.subarray(from, to)])
    expect(around(single, 0, 3)).toBeCloseTo(0.5, 0)
    expect(around(single, 20, 60)).toBeGreaterThan(0.7)
    expect(around(double, 20, 60)).toBeLessThan(0.4)
    expect(around(double, 250, 300)).toBeLessThan(0.12) // 5 % is the least that ε = 0.1 allows
    expect(around(double, 250, 300)).toBeGreaterThan(0.03)
    expect(around(single, 250, 300)).toBeGreaterThan(around(double, 250, 300))
  })
})

describe('Blackjack, Fig. 5.2', () => {
  const { actions } = finish(valueIteration(new BlackjackModel()))
  const agreement = (q: QTable) => {
    let same = 0
    for (const usableAce of [false, true]) {
      for (let dealer = 1; dealer <= 10; dealer++) {
        for (let sum = 12; sum <= 21; sum++) {
          const state = blackjackState(sum, dealer, usableAce)
          if (q.act(state) === actions[state]) same++
        }
      }
    }
    return same / 200
  }
  const table = () => new EnumeratedStates(new Blackjack())
  const budget = { totalTimesteps: 1e9, totalEpisodes: 150_000 }

  it.each([
    ['with exploring starts', () => monteCarloControl(table(), { ...budget, epsilon: 0, exploringStarts: true })],
    ['with an ε-soft policy', () => monteCarloControl(table(), { ...budget, epsilon: 0.1 })],
    ['off policy', () => offPolicyMonteCarlo(table(), budget)],
  ])('Monte-Carlo control %s comes near the best policy', (_, learn) => {
    expect(agreement(finish(learn()))).toBeGreaterThan(0.87)
  })
})

describe('Taxi', () => {
  it('is solved by Q-learning: every start by the shortest way', () => {
    const q = finish(
      qLearning(new Taxi(), { totalTimesteps: 500_000, learningRate: 1, epsilon: 0.3, gamma: 0.99, seed: 2 }),
    )
    const { values } = finish(valueIteration(new Taxi()))
    const env = new Taxi()
    for (let seed = 0; seed < 100; seed++) {
      const start = env.reset({ seed }).observation
      expectNumbers([greedyReturn(q, env, seed)], [values[start]!])
    }
  })
})
