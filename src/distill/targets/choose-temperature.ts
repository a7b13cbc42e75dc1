// A temperature chosen from the labelled states alone: no play, no return, no further label. Some states are held out,
// students are trained on the others at several temperatures, and the one whose students lose least on what was held out
// is taken. Cross-validation: Stone 1974. Read next: temperature.ts.

import { MLP } from '../../nn/mlp.ts'
import { actionScores, type NetworkAgent } from '../../rl/agent.ts'
import { finish } from '../../rl/training.ts'
import { ValueError } from '../../tensor/errors.ts'
import { argmax } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import { type LabelledSet, labelsOf } from '../labelled-set.ts'
import type { Temperature } from '../temperature.ts'
import { trainStudent } from '../train-student.ts'
import { evaluated, type PreparedTarget } from './prepared.ts'

/** In action gaps, by preference: of equally good ones the first, the nearest to one gap, is taken. */
export const TRIED_TEMPERATURES: readonly number[] = [1, 0.3, 3, 0.1, 0.03]
const FOLDS = 5
/** The students that judge: a fifth of the usual updates shows which labels serve, in a fraction of the time. */
const HIDDEN: readonly number[] = [64, 64]
const UPDATES = 300

export interface ChosenTemperature {
  readonly temperature: Temperature
  /** The temperature in action gaps. */
  readonly c: number
  /** What its students lost on states held out: mean of max Q - Q(s, a) over all states, a the student's choice. */
  readonly regret: number
}

/**
 * The c of `TRIED_TEMPERATURES` with the least validation regret, mean over the set of max Q - Q(s, argmax q), by five folds:
 * each state is judged once, by a student [64, 64] of 300 updates that learned from the other folds. All temperatures see the
 * same folds, starting weights and minibatches, so what differs is the temperature; it is a function of `seed`. With 200
 * states this takes 25 short trainings, about half a second. Throws a ValueError on less than two states, or without action
 * values to reckon the regret in.
 */
export function chooseTemperature(
  prepare: (part: LabelledSet, temperature: Temperature) => PreparedTarget<NetworkAgent>,
  set: LabelledSet,
  seed: number,
): ChosenTemperature {
  labelsOf('temperature "auto"', set, 'actionValues')
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
  let best: ChosenTemperature | undefined
  for (const c of TRIED_TEMPERATURES) {
    const temperature: Temperature = { kind: 'gap', c }
    let lost = 0
    for (const [fold, { learned, heldOut }] of parts.entries()) {
      const target = prepare(learned, temperature)
      const network = new MLP([set.observationSize, ...HIDDEN, target.outputs], new Rng(seed + fold))
      const student = finish(trainStudent(network, learned, target, { seed: seed + fold, updates: UPDATES }))
      lost += totalRegret(student, heldOut)
    }
    const regret = lost / set.size
    if (best === undefined || regret < best.regret) best = { temperature, c, regret }
  }
  return best!
}

/** Σ over the states of max Q - Q(s, a), a the student's greedy action. */
function totalRegret(student: NetworkAgent, { actionValues, ...set }: LabelledSet): number {
  const chosen = evaluated(set.observations, set.observationSize, (x) => argmax(actionScores(student, x), 1))
  let total = 0
  for (let s = 0; s < set.size; s++) {
    const row = actionValues!.subarray(s * set.actionCount, (s + 1) * set.actionCount)
    total += row.reduce((a, b) => Math.max(a, b)) - row[chosen[s]!]!
  }
  return total
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
