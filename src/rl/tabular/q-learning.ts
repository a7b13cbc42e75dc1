// Q-learning: off-policy temporal-difference control (Watkins 1989; Sutton and Barto 2018, section 6.5). It learns the
// values of the greedy policy while it follows an exploring one. Read next: sarsa.ts for the on-policy sister,
// double-q-learning.ts for the cure of its bias, ../algorithms/dqn.ts for the same with a network.

import { QTable } from './q-table.ts'
import { type FiniteTask, Run, requireShares, runDefaults, type SavedRun, type TabularReport } from './run.ts'

export const qLearningDefaults = {
  ...runDefaults,
  /** α, the step size. */
  learningRate: 0.1,
  /** How often a random action. */
  epsilon: 0.1,
  /** Q(s, a) before anything is known. */
  initialValue: 0,
}

/** Yields after each episode, returns the action values. */
export function* qLearning(
  env: FiniteTask,
  options: Partial<typeof qLearningDefaults> = {},
  saved?: SavedRun,
): Generator<TabularReport<QTable>, QTable, void> {
  const o = { ...qLearningDefaults, ...options }
  const { learningRate, epsilon, gamma, initialValue } = o
  requireShares('qLearning', { learningRate, epsilon })
  const run = new Run('qLearning', env, o, saved)
  const q = new QTable(run.numStates, run.numActions, epsilon, env.actionsIn?.bind(env))
  const values = run.keep('actionValues', q.values.fill(initialValue))
  while (run.goesOn) {
    let state = run.start()
    while (run.inEpisode) {
      // 1. choose a by the policy that Q leads to; observe r, s′
      const action = q.epsilonGreedy(state, epsilon, run.rng)
      const { reward, observation: nextState, terminated } = run.play(action)
      // 2. Q(s, a) ← Q(s, a) + α (r + γ maxₐ′ Q(s′, a′) - Q(s, a)); no value follows a termination
      const target = terminated ? reward : reward + gamma * q.max(nextState)
      const at = state * run.numActions + action
      values[at] = values[at]! + learningRate * (target - values[at]!)
      state = nextState
    }
    yield run.report(q)
  }
  return q
}
