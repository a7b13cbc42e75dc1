// The random walk: steps left or right at random until an end is reached, a prediction problem (Sutton and Barto 2018, Example
// 6.2 with 5 states, Example 7.1 with 19).

import { requireSize } from '../../../src/nn/checks.ts'
import { deterministic, transitionTable } from '../../../src/rl/envs/tasks/tabular.ts'
import { FiniteProblem } from './finite-problem.ts'

/**
 * States 1 … `length`, from the left; 0 and `length + 1` are the ends, with rewards -1 on the left and +1 on the right. Starts in
 * the middle. One action.
 */
export function randomWalk(length = 19): FiniteProblem {
  requireSize('randomWalk: length', length)
  const end = length + 1
  const outcomes = transitionTable(length + 2, 1, (state) => {
    if (state === 0 || state === end) return deterministic(state, 0, true)
    return [
      { probability: 0.5, nextState: state - 1, reward: state === 1 ? -1 : 0, terminated: state === 1 },
      { probability: 0.5, nextState: state + 1, reward: state === length ? 1 : 0, terminated: state === length },
    ]
  })
  return new FiniteProblem({ id: `RandomWalk${length}`, actionNames: ['walk'], outcomes, starts: [(length + 1) >> 1] })
}

/** The true values: linear from -1 to 1, and 0 at the ends, which are terminal: [length + 2]. */
export function randomWalkValues(length = 19): Float64Array {
  return Float64Array.from({ length: length + 2 }, (_, state) =>
    state === 0 || state === length + 1 ? 0 : (2 * state) / (length + 1) - 1,
  )
}
