// N-step TD: the value of a policy, each estimate made from n rewards and the estimate that follows them (Sutton and Barto
// 2018, section 7.1). n = 1 is TD(0), n without end is Monte Carlo. Read next: td-lambda.ts, which mixes all n.

import { count, type GivenOptions, readOptions } from '../options.ts'
import type { SavedTraining } from '../saved-training.ts'
import { drawAction, type StochasticPolicy } from './policy.ts'
import { type FiniteTask, Run, type TabularReport } from './run.ts'
import { tdOptions } from './td.ts'

export const nStepTdOptions = {
  ...tdOptions,
  numSteps: count(4, 'n, the rewards that a target is made of'),
}

/** Follows `policy`. Yields after each episode, returns V: [numStates]. */
export function* nStepTd(
  env: FiniteTask,
  policy: StochasticPolicy,
  options: GivenOptions<typeof nStepTdOptions> = {},
  resume?: SavedTraining,
): Generator<TabularReport<Float64Array>, Float64Array, void> {
  const o = readOptions('nStepTd', nStepTdOptions, options)
  const { learningRate, gamma, initialValue, numSteps: n } = o
  const run = new Run('nStepTd', env, o, resume)
  const values = run.keep('values', new Float64Array(run.numStates).fill(initialValue))
  while (run.goesOn) {
    const states = [run.start()] // Sₜ
    const rewards = [0] // Rₜ, from t = 1 on
    let end = Infinity // T
    let endValue = 0 // what follows S_T: nothing, or after a truncation its value
    for (let t = 0, tau = 1 - n; tau < end; t++, tau++) {
      // 1. act by π, until the episode ends
      if (t < end) {
        const action = drawAction(policy, states[t]!, run.numActions, run.rng)
        const { reward, observation, terminated } = run.play(action)
        states.push(observation)
        rewards.push(reward)
        if (!run.inEpisode) {
          end = t + 1
          endValue = terminated ? 0 : 1
        }
      }
      // 2. τ is the time whose n rewards are in: G ← Σ γ^(i-τ-1) Rᵢ + γ^n V(S_τ₊ₙ), V(S_τ) ← V(S_τ) + α (G - V(S_τ))
      if (tau < 0) continue
      const last = Math.min(tau + n, end)
      let target = (last === end ? endValue : 1) * values[states[last]!]!
      for (let i = last; i > tau; i--) target = rewards[i]! + gamma * target
      const state = states[tau]!
      values[state] = values[state]! + learningRate * (target - values[state]!)
    }
    yield run.report(values)
  }
  return values
}
