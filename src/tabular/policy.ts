// Policies π(a|s) of a finite task, and one-step look-ahead: q(s, a) from v.
// Read next: planning.ts.

import type { TabularModel } from '../rl/envs/tasks/tabular.ts'
import type { Rng } from '../tensor/random.ts'

/** π(a|s): the probability of an action in a state. */
export type StochasticPolicy = (state: number, action: number) => number

/** All actions equally likely. */
export function uniformPolicy(numActions: number): StochasticPolicy {
  return () => 1 / numActions
}

/** One action in each state: [numStates]. */
export function deterministicPolicy(actions: ArrayLike<number>): StochasticPolicy {
  return (state, action) => (actions[state] === action ? 1 : 0)
}

/** An action drawn from π(·|s). */
export function drawAction(policy: StochasticPolicy, state: number, numActions: number, rng: Rng): number {
  let left = rng.uniform()
  for (let action = 0; action < numActions - 1; action++) {
    left -= policy(state, action)
    if (left < 0) return action
  }
  return numActions - 1
}

/** q(s, a) = Σ p(s′, r | s, a) (r + γ v(s′)), with v(s′) = 0 after a termination. */
export function actionValueOf(
  model: TabularModel,
  values: Float64Array,
  state: number,
  action: number,
  gamma: number,
): number {
  let sum = 0
  for (const { probability, nextState, reward, terminated } of model.transitions(state, action)) {
    sum += probability * (reward + (terminated ? 0 : gamma * values[nextState]!))
  }
  return sum
}

/**
 * The greedy action of each state by one-step look-ahead: [numStates]. Of values that differ by less than `tolerance` the first
 * is taken, so that rounding errors do not decide.
 */
export function bestActions(model: TabularModel, values: Float64Array, gamma: number, tolerance = 1e-9): Int32Array {
  return Int32Array.from({ length: model.numStates }, (_, state) => {
    let best = 0
    let bestValue = actionValueOf(model, values, state, 0, gamma)
    for (let action = 1; action < model.numActions; action++) {
      const value = actionValueOf(model, values, state, action, gamma)
      if (value > bestValue + tolerance) {
        best = action
        bestValue = value
      }
    }
    return best
  })
}
