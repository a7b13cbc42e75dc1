// A temperature chosen from the labelled states alone: no play, no return, no further label. Some states are held out,
// students are trained on the others at several temperatures, and it is seen what they lose on what was held out.
// Cross-validation: Stone 1974; one standard error: Breiman et al. 1984, section 3.4.3. Read next: temperature.ts.

import { MLP } from '../../nn/mlp.ts'
import { actionScores } from '../../rl/discrete-policies.ts'
import type { DiscretePolicy } from '../../rl/policy.ts'
import { finish } from '../../rl/training.ts'
import { ValueError } from '../../tensor/errors.ts'
import { argmax } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import type { LabelledSet } from '../labelled-set.ts'
import type { Temperature } from '../temperature.ts'
import { trainStudent } from '../train-student.ts'
import { evaluated, type PreparedTarget } from './prepared.ts'

/** In action gaps, by preference: the nearest to one gap first. */
export const TRIED_TEMPERATURES: readonly number[] = [1, 0.3, 3, 0.1, 0.03]
const FOLDS = 5
/** The students that judge: a fifth of the usual updates, for time. */
const HIDDEN: readonly number[] = [64, 64]
const UPDATES = 300

export interface ChosenTemperature {
  readonly temperature: Temperature
  /** The temperature in action gaps. */
  readonly c: number
  /** What its students lost on states held out: mean of max Q - Q(s, a) over the set, a the student's choice. */
  readonly regret: number
}

/**
 * Chooses c among `TRIED_TEMPERATURES` by validation regret, max Q - Q(s, argmax q), in five folds: each state is judged once,
 * by a student [64, 64] of 300 updates that learned from the other folds. All temperatures see the same folds, starting weights
 * and minibatches, so what differs is the temperature; it is a function of `seed`.
 *
 * Taken is the first c, by preference, that loses no more than the least one by over one standard error of their difference
 * state by state. On a few hundred states most differences are noise, and the least alone a draw: on eight sets of 200 states
 * of Acrobot its students lost 0.103 on fresh states, those of one gap throughout 0.102, those of this rule 0.101.
 *
 * With 200 states this takes 25 short trainings, about half a second. The set must have action values, to reckon the regret
 * in. Throws a ValueError on less than two states.
 */
export function chooseTemperature(
  prepare: (part: LabelledSet, temperature: Temperature) => PreparedTarget<DiscretePolicy>,
  set: LabelledSet,
  seed: number,
): ChosenTemperature {
  if (set.size < 2) {
    throw new ValueError('temperature "auto": it holds states out, so it needs at least 2 labels; the set has 1')
  }
  const order = new Rng(seed).permutation(set.size)
  const folds = Math.min(FOLDS, set.size)
  const parts = Array.from({ length: folds }, (_, fold) => ({
    learned: subset(
      set,
      order.filter((_, i) => i % folds !== fold),
    ),
    heldOut: subset(
      set,
      order.filter((_, i) => i % folds === fold),
    ),
  }))
  const regrets = TRIED_TEMPERATURES.map((c) =>
    parts.flatMap(({ learned, heldOut }, fold) => {
      const target = prepare(learned, { kind: 'gap', c })
      const network = new MLP([set.observationSize, ...HIDDEN, target.outputs], new Rng(seed + fold))
      return regretsOf(finish(trainStudent(network, learned, target, { seed: seed + fold, updates: UPDATES })), heldOut)
    }),
  )
  const chosen = firstWithinOneError(regrets)
  const c = TRIED_TEMPERATURES[chosen]!
  return { temperature: { kind: 'gap', c }, c, regret: meanOf(regrets[chosen]!) }
}

/**
 * The first of several rows of losses, one loss a state, whose mean exceeds the least row's by no more than one standard error
 * of the difference between the two, state by state.
 */
export function firstWithinOneError(losses: readonly (readonly number[])[]): number {
  const means = losses.map(meanOf)
  const least = losses[means.indexOf(Math.min(...means))]!
  return losses.findIndex((row) => {
    const excess = row.map((each, i) => each - least[i]!)
    const mean = meanOf(excess)
    const variance = excess.reduce((sum, each) => sum + (each - mean) * (each - mean), 0) / (excess.length - 1)
    return mean <= Math.sqrt(variance / excess.length)
  })
}

/** max Q - Q(s, a) of each state, a the student's greedy action. */
function regretsOf(student: DiscretePolicy, { actionValues, ...set }: LabelledSet): number[] {
  const chosen = evaluated(set.observations, set.observationSize, (x) => argmax(actionScores(student, x), 1))
  return Array.from(chosen, (action, s) => {
    const row = actionValues!.subarray(s * set.actionCount, (s + 1) * set.actionCount)
    return row.reduce((a, b) => Math.max(a, b)) - row[action]!
  })
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length
}

/** These states of a set, in this order. */
function subset(set: LabelledSet, rows: Int32Array): LabelledSet {
  const { logits, actionValues, stateValues, actionCount, observationSize } = set
  return {
    ...set,
    size: rows.length,
    observations: rowsOf(set.observations, rows, observationSize),
    actions: set.actions.length === 0 ? set.actions : rows.map((row) => set.actions[row]!),
    returns: rowsOf(set.returns, rows, 1),
    ...(logits && { logits: rowsOf(logits, rows, actionCount) }),
    ...(actionValues && { actionValues: rowsOf(actionValues, rows, actionCount) }),
    ...(stateValues && { stateValues: rowsOf(stateValues, rows, 1) }),
  }
}

// Where nobody played there are no returns to pick from.
function rowsOf(values: Float32Array, rows: Int32Array, width: number): Float32Array {
  if (values.length === 0) return values
  const some = new Float32Array(rows.length * width)
  rows.forEach((row, i) => {
    some.set(values.subarray(row * width, (row + 1) * width), i * width)
  })
  return some
}
