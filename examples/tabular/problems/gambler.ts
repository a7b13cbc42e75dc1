// The gambler's problem: stake part of the capital on each toss of a coin until the goal or 0 is reached (Sutton and Barto 2018,
// Example 4.3).

import { requireSize } from '../../../src/nn/checks.ts'
import { type Transition, transitionTable } from '../../../src/rl/envs/tasks/tabular.ts'
import { ValueError } from '../../../src/tensor/errors.ts'
import { FiniteProblem } from './finite-problem.ts'

export interface GamblerOptions {
  /** Probability of heads, which win the stake. Default 0.4. */
  readonly headsProbability?: number
  /** Default 100. */
  readonly goal?: number
}

/**
 * States are the capital, 0 … `goal`; the start is uniform over all but the ends. Action a stakes a + 1, at most the capital
 * and what is missing to the goal. Reward 1 at the goal, else 0, so values are probabilities of winning.
 */
export function gamblersProblem({ headsProbability = 0.4, goal = 100 }: GamblerOptions = {}): FiniteProblem {
  requireSize('gamblersProblem: goal', goal, 2)
  if (!(headsProbability > 0 && headsProbability < 1)) {
    throw new ValueError(`gamblersProblem: headsProbability is ${headsProbability}; expected a number between 0 and 1`)
  }
  const largestStake = (capital: number) => Math.min(capital, goal - capital)
  const numStakes = Math.floor(goal / 2)
  const outcomes = transitionTable(goal + 1, numStakes, (capital, action): Transition[] => {
    const stake = Math.min(action + 1, largestStake(capital))
    const [won, lost] = [capital + stake, capital - stake]
    const isOver = capital === 0 || capital === goal
    return [
      {
        probability: headsProbability,
        nextState: won,
        reward: won === goal && !isOver ? 1 : 0,
        terminated: won === goal || isOver,
      },
      { probability: 1 - headsProbability, nextState: lost, reward: 0, terminated: lost === 0 || isOver },
    ]
  })
  const actionNames = Array.from({ length: numStakes }, (_, action) => `stake ${action + 1}`)
  const starts = Array.from({ length: goal - 1 }, (_, i) => i + 1)
  return new FiniteProblem({ id: 'Gambler', actionNames, outcomes, starts }, (capital) =>
    Math.max(1, largestStake(capital)),
  )
}
