// Sarsa: on-policy temporal-difference control (Rummery and Niranjan 1994; Sutton and Barto 2018, section 6.4). It learns
// the values of the policy it follows, exploring included. Read next: expected-sarsa.ts.

import { type GivenOptions, readOptions } from '../options.ts'
import type { SavedTraining } from '../saved-training.ts'
import { qLearningOptions } from './q-learning.ts'
import { QTable } from './q-table.ts'
import { type FiniteTask, Run, type TabularReport } from './run.ts'

export const sarsaOptions = qLearningOptions

/** Yields after each episode, returns the action values. */
export function* sarsa(
  env: FiniteTask,
  options: GivenOptions<typeof sarsaOptions> = {},
  resume?: SavedTraining,
): Generator<TabularReport<QTable>, QTable, void> {
  const o = readOptions('sarsa', sarsaOptions, options)
  const { learningRate, epsilon, gamma, initialValue } = o
  const run = new Run('sarsa', env, o, resume)
  const q = new QTable(run.numStates, run.numActions, epsilon, env.actionsIn?.bind(env))
  const values = run.keep('actionValues', q.values.fill(initialValue))
  while (run.goesOn) {
    let state = run.start()
    let action = q.epsilonGreedy(state, epsilon, run.rng)
    while (run.inEpisode) {
      // 1. take a, observe r, s′; choose a′ from s′ by the policy that Q leads to
      const { reward, observation: nextState, terminated } = run.play(action)
      const nextAction = terminated ? 0 : q.epsilonGreedy(nextState, epsilon, run.rng)
      // 2. Q(s, a) ← Q(s, a) + α (r + γ Q(s′, a′) - Q(s, a)); no value follows a termination
      const target = terminated ? reward : reward + gamma * q.get(nextState, nextAction)
      const at = state * run.numActions + action
      values[at] = values[at]! + learningRate * (target - values[at]!)
      state = nextState
      action = nextAction
    }
    yield run.report(q)
  }
  return q
}
