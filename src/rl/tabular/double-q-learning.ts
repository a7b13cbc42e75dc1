// Double Q-learning: two tables, one to choose the best next action and the other to value it, so that the largest of noisy
// values is not taken at its word (van Hasselt 2010; Sutton and Barto 2018, section 6.7).
// Read next: problems/maximisation-bias.ts, where the difference shows.

import { argmaxOf } from '../exploration.ts'
import { type GivenOptions, readOptions } from '../options.ts'
import type { SavedTraining } from '../saved-training.ts'
import { qLearningOptions } from './q-learning.ts'
import { QTable } from './q-table.ts'
import { type FiniteTask, Run, type TabularReport } from './run.ts'

export const doubleQLearningOptions = qLearningOptions

/** Yields after each episode, returns the mean of the two tables. */
export function* doubleQLearning(
  env: FiniteTask,
  options: GivenOptions<typeof doubleQLearningOptions> = {},
  resume?: SavedTraining,
): Generator<TabularReport<QTable>, QTable, void> {
  const o = readOptions('doubleQLearning', doubleQLearningOptions, options)
  const { learningRate, epsilon, gamma, initialValue } = o
  const run = new Run('doubleQLearning', env, o, resume)
  const { numStates, numActions, rng } = run
  const actionsIn = env.actionsIn?.bind(env) ?? (() => numActions)
  const first = run.keep('first', new Float64Array(numStates * numActions).fill(initialValue))
  const second = run.keep('second', new Float64Array(numStates * numActions).fill(initialValue))
  // What the policy follows is Q₁ + Q₂, halved so that it reads as values.
  const mean = new QTable(numStates, numActions, epsilon, actionsIn)
  for (let i = 0; i < first.length; i++) mean.values[i] = (first[i]! + second[i]!) / 2
  while (run.goesOn) {
    let state = run.start()
    while (run.inEpisode) {
      // 1. choose a by the policy that Q₁ + Q₂ leads to; observe r, s′
      const action = mean.epsilonGreedy(state, epsilon, rng)
      const { reward, observation: nextState, terminated } = run.play(action)
      // 2. with probability ½ Q₁ learns and Q₂ values its choice, else the other way round:
      //    Q₁(s, a) ← Q₁(s, a) + α (r + γ Q₂(s′, argmaxₐ′ Q₁(s′, a′)) - Q₁(s, a))
      const [learner, judge] = rng.uniform() < 0.5 ? [first, second] : [second, first]
      const next = nextState * numActions
      const target = terminated ? reward : reward + gamma * judge[next + argmaxOf(learner, next, actionsIn(nextState))]!
      const at = state * numActions + action
      learner[at] = learner[at]! + learningRate * (target - learner[at]!)
      mean.values[at] = (first[at]! + second[at]!) / 2
      state = nextState
    }
    yield run.report(mean)
  }
  return mean
}
