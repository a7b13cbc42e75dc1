// TD(0): the value of a policy from experience, each estimate made from the next one (Sutton 1988; Sutton and Barto 2018,
// section 6.1). Read next: n-step-td.ts, td-lambda.ts, sarsa.ts.

import { finite, type GivenOptions, readOptions, share } from '../options.ts'
import type { SavedTraining } from '../saved-training.ts'
import { drawAction, type StochasticPolicy } from './policy.ts'
import { type FiniteTask, Run, runOptions, type TabularReport } from './run.ts'

export const tdOptions = {
  ...runOptions,
  learningRate: share(0.1, 'α, the step size'),
  initialValue: finite(0, 'V(s) before anything is known'),
}

/** Follows `policy`. Yields after each episode, returns V: [numStates]. */
export function* td(
  env: FiniteTask,
  policy: StochasticPolicy,
  options: GivenOptions<typeof tdOptions> = {},
  resume?: SavedTraining,
): Generator<TabularReport<Float64Array>, Float64Array, void> {
  const o = readOptions('td', tdOptions, options)
  const { learningRate, gamma, initialValue } = o
  const run = new Run('td', env, o, resume)
  const values = run.keep('values', new Float64Array(run.numStates).fill(initialValue))
  while (run.goesOn) {
    let state = run.start()
    while (run.inEpisode) {
      // 1. act by π; observe r, s′
      const action = drawAction(policy, state, run.numActions, run.rng)
      const { reward, observation: nextState, terminated } = run.play(action)
      // 2. V(s) ← V(s) + α (r + γ V(s′) - V(s)); no value follows a termination
      const target = terminated ? reward : reward + gamma * values[nextState]!
      values[state] = values[state]! + learningRate * (target - values[state]!)
      state = nextState
    }
    yield run.report(values)
  }
  return values
}
