// Value iteration: one sweep of evaluation and improvement at once, until nothing changes (Sutton and Barto 2018, section
// 4.4; Bellman 1957). Read next: problems/gambler.ts for a problem, td-control.ts for control without a model.

import type { TabularModel } from '../rl/envs/tabular.ts'
import { count, type GivenOptions, positive, readOptions, share } from '../rl/options.ts'
import { DivergenceError } from '../tensor/errors.ts'
import { actionValueOf, bestActions } from './policy.ts'
import type { SweepReport } from './policy-evaluation.ts'
import type { Plan } from './policy-iteration.ts'

export const valueIterationOptions = {
  gamma: share(1, 'discount'),
  theta: positive(1e-9, 'θ: stop after a sweep in which no value changed by more'),
  maxSweeps: count(100_000, 'sweeps after which it gives up'),
}

/** Yields after each sweep, returns the optimal values and actions. Throws a `DivergenceError` where sweeps do not settle. */
export function* valueIteration(
  model: TabularModel,
  options: GivenOptions<typeof valueIterationOptions> = {},
): Generator<SweepReport, Plan, void> {
  const { gamma, theta, maxSweeps } = readOptions('valueIteration', valueIterationOptions, options)
  const values = new Float64Array(model.numStates)
  for (let sweep = 1; sweep <= maxSweeps; sweep++) {
    let delta = 0
    for (let state = 0; state < model.numStates; state++) {
      // v(s) ← maxₐ Σ p(s′, r | s, a) (r + γ v(s′))
      let best = -Infinity
      for (let action = 0; action < model.numActions; action++) {
        best = Math.max(best, actionValueOf(model, values, state, action, gamma))
      }
      delta = Math.max(delta, Math.abs(best - values[state]!))
      values[state] = best
    }
    yield { sweep, delta, values }
    if (delta <= theta) return { values, actions: bestActions(model, values, gamma) }
  }
  throw new DivergenceError(
    `valueIteration: the values still change after ${maxSweeps} sweeps. Can rewards be collected for ever? ` +
      'Then discount (gamma below 1); else allow more sweeps (maxSweeps)',
  )
}
