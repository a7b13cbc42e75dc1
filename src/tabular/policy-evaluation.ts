// Iterative policy evaluation: v_π by sweeping over the states until nothing changes (Sutton and Barto 2018, section 4.1).
// Read next: policy-iteration.ts.

import type { TabularModel } from '../rl/envs/tabular.ts'
import { count, flag, type GivenOptions, positive, readOptions, share } from '../rl/options.ts'
import { DivergenceError } from '../tensor/errors.ts'
import { actionValueOf, type StochasticPolicy } from './policy.ts'

export const policyEvaluationOptions = {
  gamma: share(1, 'discount'),
  theta: positive(1e-9, 'θ: stop after a sweep in which no value changed by more'),
  inPlace: flag(true, 'update values in place; without, a sweep reads only the values of the sweep before'),
  maxSweeps: count(100_000, 'sweeps (or rounds of policy iteration) after which it gives up'),
}

/** One sweep over the states. */
export interface SweepReport {
  /** Counted from 1. */
  readonly sweep: number
  /** The largest change of the sweep. */
  readonly delta: number
  /** v after the sweep, [numStates]; the next sweep goes on with the same array. */
  readonly values: Float64Array
}

/**
 * Starts from `values`, by default zeros, and overwrites them. Yields after each sweep, returns v_π: [numStates]. Throws a `DivergenceError` where the sweeps do not settle: without a
 * discount, the value of a policy that never ends is infinite.
 */
export function* policyEvaluation(
  model: TabularModel,
  policy: StochasticPolicy,
  options: GivenOptions<typeof policyEvaluationOptions> & { readonly values?: Float64Array } = {},
): Generator<SweepReport, Float64Array, void> {
  const o = readOptions('policyEvaluation', policyEvaluationOptions, options, ['values'])
  const { gamma, theta, inPlace, maxSweeps } = o
  const { values = new Float64Array(model.numStates) } = options
  for (let sweep = 1; sweep <= maxSweeps; sweep++) {
    const before = inPlace ? values : values.slice()
    let delta = 0
    for (let state = 0; state < model.numStates; state++) {
      // v(s) ← Σₐ π(a|s) Σ p(s′, r | s, a) (r + γ v(s′))
      let value = 0
      for (let action = 0; action < model.numActions; action++) {
        const probability = policy(state, action)
        if (probability > 0) value += probability * actionValueOf(model, before, state, action, gamma)
      }
      delta = Math.max(delta, Math.abs(value - values[state]!))
      values[state] = value
    }
    yield { sweep, delta, values }
    if (delta <= theta) return values
  }
  throw new DivergenceError(
    `policyEvaluation: the values still change after ${maxSweeps} sweeps. Does the policy ever end an episode? ` +
      'If not, discount (gamma below 1); else allow more sweeps (maxSweeps)',
  )
}
