// Expected Sarsa: Sarsa with the average over the next action in place of a draw (van Seijen et al. 2009; Sutton and Barto
// 2018, section 6.6). With ε = 0 it is Q-learning. Read next: double-q-learning.ts.

import { type GivenOptions, readOptions } from '../options.ts'
import type { SavedTraining } from '../saved-training.ts'
import { qLearningOptions } from './q-learning.ts'
import { QTable } from './q-table.ts'
import { type FiniteTask, Run, type TabularReport } from './run.ts'

export const expectedSarsaOptions = qLearningOptions

/** Yields after each episode, returns the action values. */
export function* expectedSarsa(
  env: FiniteTask,
  options: GivenOptions<typeof expectedSarsaOptions> = {},
  resume?: SavedTraining,
): Generator<TabularReport<QTable>, QTable, void> {
  const o = readOptions('expectedSarsa', expectedSarsaOptions, options)
  const { learningRate, epsilon, gamma, initialValue } = o
  const run = new Run('expectedSarsa', env, o, resume)
  const q = new QTable(run.numStates, run.numActions, epsilon, env.actionsIn?.bind(env))
  const values = run.keep('actionValues', q.values.fill(initialValue))
  while (run.goesOn) {
    let state = run.start()
    while (run.inEpisode) {
      // 1. choose a by the policy that Q leads to; observe r, s′
      const action = q.epsilonGreedy(state, epsilon, run.rng)
      const { reward, observation: nextState, terminated } = run.play(action)
      // 2. Q(s, a) ← Q(s, a) + α (r + γ Σₐ′ π(a′|s′) Q(s′, a′) - Q(s, a)); no value follows a termination
      const target = terminated ? reward : reward + gamma * q.expected(nextState, epsilon)
      const at = state * run.numActions + action
      values[at] = values[at]! + learningRate * (target - values[at]!)
      state = nextState
    }
    yield run.report(q)
  }
  return q
}
