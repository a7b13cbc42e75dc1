// Planning with a model by dynamic programming: policy evaluation, policy iteration and value iteration (Sutton and Barto 2018,
// sections 4.1, 4.3 and 4.4; Howard 1960; Bellman 1957), with the policies π(a|s) that it evaluates. Read next: monte-carlo.ts.

import { count, flag, fraction, type GivenOptions, positive, readOptions } from '../data/options.ts'
import type { TabularModel } from '../rl/envs/tasks/tabular.ts'
import { finish } from '../rl/training/training.ts'
import { DivergenceError } from '../tensor/errors.ts'
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

export const valueIterationOptions = {
  gamma: fraction(1, 'discount'),
  theta: positive(1e-9, 'θ: stop after a sweep in which no value changed by more'),
  maxSweeps: count(100_000, 'sweeps (or rounds of policy iteration) after which it gives up'),
}

export const policyEvaluationOptions = {
  ...valueIterationOptions,
  inPlace: flag(true, 'update values in place; without, a sweep reads only the values of the sweep before'),
}

/** One sweep over the states. */
export interface SweepReport {
  /** Counted from 1. */
  readonly sweep: number
  /** The largest change of the sweep. */
  readonly delta: number
  /** v after the sweep, [numStates]; the next sweep overwrites it. */
  readonly values: Float64Array
}

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
 * v_π by sweeps over the states. Starts from `values`, by default zeros, and overwrites them. Yields after each sweep, returns
 * v_π: [numStates]. Throws a `DivergenceError` where the sweeps do not settle: without a discount, the value of a policy that
 * never ends is infinite.
 */
export function* policyEvaluation(
  model: TabularModel,
  policy: StochasticPolicy,
  options: GivenOptions<typeof policyEvaluationOptions> & { readonly values?: Float64Array } = {},
): Generator<SweepReport, Float64Array, void> {
  const o = readOptions('policyEvaluation', policyEvaluationOptions, options, ['values'])
  const { values = new Float64Array(model.numStates) } = options
  // v(s) ← Σₐ π(a|s) Σ p(s′, r | s, a) (r + γ v(s′))
  const backup = (state: number, before: Float64Array) => {
    let value = 0
    for (let action = 0; action < model.numActions; action++) {
      const probability = policy(state, action)
      if (probability > 0) value += probability * actionValueOf(model, before, state, action, o.gamma)
    }
    return value
  }
  yield* sweeps('policyEvaluation', values, backup, o, 'If the policy never ends an episode')
  return values
}

/**
 * The optimal values and actions, by evaluating the policy and making it greedy until it stays the same. Starts from the
 * uniform policy, whose evaluation settles wherever an end can be reached. Yields after each improvement.
 */
export function* policyIteration(
  model: TabularModel,
  options: GivenOptions<typeof policyEvaluationOptions> = {},
): Generator<ImprovementReport, Plan, void> {
  const o = readOptions('policyIteration', policyEvaluationOptions, options)
  const values = new Float64Array(model.numStates)
  let policy = uniformPolicy(model.numActions)
  let actions: Int32Array | null = null
  for (let round = 1; round <= o.maxSweeps; round++) {
    // 1. policy evaluation
    finish(policyEvaluation(model, policy, { ...o, values }))
    // 2. policy improvement: π(s) ← argmaxₐ Σ p(s′, r | s, a) (r + γ v(s′)), if better by more than θ, the accuracy of the
    // evaluation: else equally good policies could alternate forever (Exercise 4.4)
    const worth = (state: number, action: number) => actionValueOf(model, values, state, action, o.gamma)
    const improved = bestActions(model, values, o.gamma).map((best, state) => {
      const old = actions?.[state]
      return old !== undefined && worth(state, best) - worth(state, old) <= o.theta ? old : best
    })
    const changed = improved.reduce((sum, action, state) => sum + (action === actions?.[state] ? 0 : 1), 0)
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

/**
 * The optimal values and actions, by sweeps that evaluate and improve in one step. Yields after each sweep. Throws a
 * `DivergenceError` if the sweeps do not converge.
 */
export function* valueIteration(
  model: TabularModel,
  options: GivenOptions<typeof valueIterationOptions> = {},
): Generator<SweepReport, Plan, void> {
  const o = readOptions('valueIteration', valueIterationOptions, options)
  const values = new Float64Array(model.numStates)
  // v(s) ← maxₐ Σ p(s′, r | s, a) (r + γ v(s′))
  const backup = (state: number, before: Float64Array) => {
    let best = -Infinity
    for (let action = 0; action < model.numActions; action++) {
      best = Math.max(best, actionValueOf(model, before, state, action, o.gamma))
    }
    return best
  }
  yield* sweeps('valueIteration', values, backup, o, 'If rewards can be collected forever')
  return { values, actions: bestActions(model, values, o.gamma) }
}

// Replaces every value by its backup until no value changes by more than θ. Throws a DivergenceError after `maxSweeps`.
function* sweeps(
  method: string,
  values: Float64Array,
  backup: (state: number, before: Float64Array) => number,
  { theta, maxSweeps, inPlace = true }: { theta: number; maxSweeps: number; inPlace?: boolean },
  cause: string,
): Generator<SweepReport, void, void> {
  for (let sweep = 1; sweep <= maxSweeps; sweep++) {
    const before = inPlace ? values : values.slice()
    let delta = 0
    for (let state = 0; state < values.length; state++) {
      const value = backup(state, before)
      delta = Math.max(delta, Math.abs(value - values[state]!))
      values[state] = value
    }
    yield { sweep, delta, values }
    if (delta <= theta) return
  }
  throw new DivergenceError(
    `${method}: the values still change after ${maxSweeps} sweeps. ${cause}, discount (gamma below 1); else allow more ` +
      'sweeps (maxSweeps)',
  )
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
    const worth = Array.from({ length: model.numActions }, (_, action) =>
      actionValueOf(model, values, state, action, gamma),
    )
    let best = 0
    worth.forEach((value, action) => {
      if (value > worth[best]! + tolerance) best = action
    })
    return best
  })
}
