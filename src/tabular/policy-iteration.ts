// Policy iteration: evaluate the policy, make it greedy, until it stays the same (Sutton and Barto 2018, section 4.3; Howard
// 1960). Read next: value-iteration.ts.

import type { TabularModel } from '../rl/envs/tabular.ts'
import { type GivenOptions, readOptions } from '../rl/options.ts'
import { finish } from '../rl/training.ts'
import { DivergenceError } from '../tensor/errors.ts'
import { actionValueOf, bestActions, deterministicPolicy, uniformPolicy } from './policy.ts'
import { policyEvaluation, policyEvaluationOptions } from './policy-evaluation.ts'

export const policyIterationOptions = policyEvaluationOptions

/** The result of planning. */
export interface Plan {
  /** v of the policy: [numStates]. */
  readonly values: Float64Array
  /** The action of each state: [numStates]. */
  readonly actions: Int32Array
}

/** One round of evaluation and improvement. */
export interface ImprovementReport extends Plan {
  /** Counted from 1. */
  readonly round: number
  /** States whose action changed; all of them in round 1. */
  readonly changed: number
}

/**
 * Yields after each improvement, returns the optimal values and actions. Starts from the uniform policy, whose evaluation
 * settles wherever an end can be reached.
 */
export function* policyIteration(
  model: TabularModel,
  options: GivenOptions<typeof policyIterationOptions> = {},
): Generator<ImprovementReport, Plan, void> {
  const o = readOptions('policyIteration', policyIterationOptions, options)
  const values = new Float64Array(model.numStates)
  let policy = uniformPolicy(model.numActions)
  let actions: Int32Array | null = null
  for (let round = 1; round <= o.maxSweeps; round++) {
    // 1. policy evaluation
    finish(policyEvaluation(model, policy, { ...o, values }))
    // 2. policy improvement: π(s) ← argmaxₐ Σ p(s′, r | s, a) (r + γ v(s′)), if better by more than θ
    const improved = bestActions(model, values, o.gamma)
    if (actions !== null) keepEquals(model, values, o, actions, improved)
    const changed = actions === null ? model.numStates : countDifferences(actions, improved)
    actions = improved
    yield { round, changed, values, actions }
    if (changed === 0) return { values, actions }
    policy = deterministicPolicy(actions)
  }
  throw new DivergenceError(
    `policyIteration: the policy still changes after ${o.maxSweeps} rounds; evaluate it better (a smaller theta) ` +
      'or allow more (maxSweeps)',
  )
}

// Keeps the old action unless the new one is better by more than θ, the accuracy of the evaluation: else equally good policies
// could alternate for ever (Exercise 4.4).
function keepEquals(
  model: TabularModel,
  values: Float64Array,
  { gamma, theta }: { readonly gamma: number; readonly theta: number },
  old: Int32Array,
  improved: Int32Array,
): void {
  const worth = (state: number, action: number) => actionValueOf(model, values, state, action, gamma)
  for (let state = 0; state < model.numStates; state++) {
    if (worth(state, improved[state]!) - worth(state, old[state]!) <= theta) improved[state] = old[state]!
  }
}

function countDifferences(a: Int32Array, b: Int32Array): number {
  return a.reduce((count, each, i) => count + (each === b[i] ? 0 : 1), 0)
}
