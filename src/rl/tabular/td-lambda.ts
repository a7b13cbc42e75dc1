// TD(λ): the value of a policy, where each surprise is shared out among the states visited before, by traces that fade
// (Sutton 1988; Sutton and Barto 2018, section 12.2, for a table). λ = 0 is TD(0), λ = 1 does the work of Monte Carlo.

import { type GivenOptions, readOptions, share } from '../options.ts'
import type { SavedTraining } from '../saved-training.ts'
import { drawAction, type StochasticPolicy } from './policy.ts'
import { type FiniteTask, Run, type TabularReport } from './run.ts'
import { tdOptions } from './td.ts'

export const tdLambdaOptions = {
  ...tdOptions,
  lambda: share(0.8, 'how slowly traces fade'),
}

/** Follows `policy`. Yields after each episode, returns V: [numStates]. */
export function* tdLambda(
  env: FiniteTask,
  policy: StochasticPolicy,
  options: GivenOptions<typeof tdLambdaOptions> = {},
  resume?: SavedTraining,
): Generator<TabularReport<Float64Array>, Float64Array, void> {
  const o = readOptions('tdLambda', tdLambdaOptions, options)
  const { learningRate, gamma, initialValue, lambda } = o
  const run = new Run('tdLambda', env, o, resume)
  const values = run.keep('values', new Float64Array(run.numStates).fill(initialValue))
  const traces = new Float64Array(run.numStates)
  while (run.goesOn) {
    let state = run.start()
    traces.fill(0) // no surprise reaches back into the episode before
    while (run.inEpisode) {
      // 1. act by π; observe r, s′
      const action = drawAction(policy, state, run.numActions, run.rng)
      const { reward, observation: nextState, terminated } = run.play(action)
      // 2. z(s) ← z(s) + 1 and δ ← r + γ V(s′) - V(s); no value follows a termination
      traces[state] = traces[state]! + 1
      const surprise = reward + (terminated ? 0 : gamma * values[nextState]!) - values[state]!
      // 3. V ← V + α δ z, z ← γ λ z
      for (let each = 0; each < values.length; each++) {
        values[each] = values[each]! + learningRate * surprise * traces[each]!
        traces[each] = traces[each]! * gamma * lambda
      }
      state = nextState
    }
    yield run.report(values)
  }
  return values
}
