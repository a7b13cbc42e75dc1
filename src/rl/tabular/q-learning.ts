// Q-learning: off-policy temporal-difference control (Watkins 1989; Sutton and Barto 2018, section 6.5). It learns the
// values of the greedy policy while it follows an exploring one. Read next: sarsa.ts for the on-policy sister,
// double-q-learning.ts for the cure of its bias, ../algorithms/dqn.ts for the same with a network.

import { finite, type GivenOptions, readOptions, share } from '../options.ts'
import type { SavedTraining } from '../saved-training.ts'
import { QTable } from './q-table.ts'
import { type FiniteTask, Run, runOptions, type TabularReport } from './run.ts'

export const qLearningOptions = {
  ...runOptions,
  learningRate: share(0.1, 'α, the step size'),
  epsilon: share(0.1, 'how often a random action'),
  initialValue: finite(0, 'Q(s, a) before anything is known'),
}

/** Yields after each episode, returns the action values. */
export function* qLearning(
  env: FiniteTask,
  options: GivenOptions<typeof qLearningOptions> = {},
  resume?: SavedTraining,
): Generator<TabularReport<QTable>, QTable, void> {
  const o = readOptions('qLearning', qLearningOptions, options)
  const { learningRate, epsilon, gamma, initialValue } = o
  const run = new Run('qLearning', env, o, resume)
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
