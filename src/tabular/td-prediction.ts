// Temporal-difference prediction: the value of a policy from experience, each estimate updated from later ones (Sutton 1988;
// Sutton and Barto 2018, sections 6.1, 7.1 and 12.2). Read next: td-control.ts.

import type { Resumable } from '../data/checkpoint.ts'
import { count, finite, fraction, type GivenOptions } from '../data/options.ts'
import { drawAction, type StochasticPolicy } from './planning.ts'
import { type FiniteTask, Run, runOptions, type TabularReport } from './run.ts'

export const tdOptions = {
  ...runOptions,
  learningRate: fraction(0.1, 'α, the step size'),
  initialValue: finite(0, 'V(s) before the first update'),
}

export const nStepTdOptions = {
  ...tdOptions,
  nStep: count(4, 'n, the number of rewards in a target'),
}

export const tdLambdaOptions = {
  ...tdOptions,
  lambda: fraction(0.8, 'λ, the decay of the traces'),
}

type Prediction = Generator<TabularReport<Float64Array>, Float64Array, void>

/**
 * TD(0), one-step TD: V(s) ← V(s) + α (r + γ V(s′) - V(s)). Follows `policy`. Yields after each episode, returns V:
 * [numStates].
 */
export function* td(
  env: FiniteTask,
  policy: StochasticPolicy,
  options: GivenOptions<typeof tdOptions> & Resumable = {},
): Prediction {
  return yield* bootstrapAfter(1, new Run('td', env, tdOptions, options), policy)
}

/**
 * N-step TD: targets of n rewards and the value of the state after them. n = 1 is TD(0), an n as long as the episode is Monte
 * Carlo. Follows `policy`. Yields after each episode, returns V: [numStates].
 */
export function* nStepTd(
  env: FiniteTask,
  policy: StochasticPolicy,
  options: GivenOptions<typeof nStepTdOptions> & Resumable = {},
): Prediction {
  const run = new Run('nStepTd', env, nStepTdOptions, options)
  return yield* bootstrapAfter(run.o.nStep, run, policy)
}

function* bootstrapAfter(n: number, run: Run<typeof tdOptions>, policy: StochasticPolicy): Prediction {
  const { learningRate, gamma, initialValue } = run.o
  const values = run.keep('values', new Float64Array(run.numStates).fill(initialValue))
  while (run.goesOn) {
    const states = [run.start()] // Sₜ
    const rewards = [0] // Rₜ, from t = 1 on
    let end = Infinity // T
    let endValue = 0 // factor of V(S_T): 0 after a termination, 1 after a truncation
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
      // 2. update S_τ, whose n rewards are known: G ← Σ γ^(i-τ-1) Rᵢ + γ^n V(S_τ₊ₙ), V(S_τ) ← V(S_τ) + α (G - V(S_τ))
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

/**
 * TD(λ): each TD error updates all states visited before, by traces that decay by γλ a step. λ = 0 is TD(0), λ = 1 is Monte
 * Carlo. Follows `policy`. Yields after each episode, returns V: [numStates].
 */
export function* tdLambda(
  env: FiniteTask,
  policy: StochasticPolicy,
  options: GivenOptions<typeof tdLambdaOptions> & Resumable = {},
): Prediction {
  const run = new Run('tdLambda', env, tdLambdaOptions, options)
  const { learningRate, gamma, initialValue, lambda } = run.o
  const values = run.keep('values', new Float64Array(run.numStates).fill(initialValue))
  const traces = new Float64Array(run.numStates) // z(s)
  while (run.goesOn) {
    let state = run.start()
    traces.fill(0)
    while (run.inEpisode) {
      // 1. act by π; observe r, s′
      const action = drawAction(policy, state, run.numActions, run.rng)
      const { reward, observation: nextState, terminated } = run.play(action)
      // 2. z(s) ← z(s) + 1 and δ ← r + γ V(s′) - V(s); no value follows a termination
      traces[state] = traces[state]! + 1
      const error = reward + (terminated ? 0 : gamma * values[nextState]!) - values[state]!
      // 3. V ← V + α δ z, z ← γ λ z
      for (let each = 0; each < values.length; each++) {
        values[each] = values[each]! + learningRate * error * traces[each]!
        traces[each] = traces[each]! * gamma * lambda
      }
      state = nextState
    }
    yield run.report(values)
  }
  return values
}
