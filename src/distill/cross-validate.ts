// Chooses a temperature from the labelled states alone, without play or further labels: students are trained on some of the states
// at several temperatures, and evaluated by the regret of their actions on the others. Cross-validation: Stone 1974; the one-standard-error
// rule: Breiman et al. 1984, section 3.4.3. Read next: temperature.ts.

import { MLP } from '../nn/mlp.ts'
import { actionPreferences, type DiscreteAgent } from '../rl/discrete-policies.ts'
import { meanOf } from '../rl/statistics.ts'
import { finish } from '../rl/training.ts'
import { argmax } from '../tensor/ops/reduce.ts'
import { Rng } from '../tensor/random.ts'
import type { LabelledDataset } from './dataset.ts'
import { selectRows } from './dataset-operations.ts'
import { fitStudent } from './fit.ts'
import { evaluated, type Objective } from './targets/target.ts'
import type { Temperature } from './temperature.ts'

/** Relative temperatures, in order of preference: those nearest to 1 first. */
const CANDIDATES: readonly number[] = [1, 0.3, 3, 0.1, 0.03]
const FOLDS = 5
/** Of the students that are trained: a fifth of the usual updates, to save time. */
const HIDDEN: readonly number[] = [64, 64]
const UPDATES = 300

export interface CrossValidated {
  readonly temperature: { readonly relative: number }
  /** Mean of max Q - Q(s, a) over the states, each held out once, a the student's action. */
  readonly validationRegret: number
}

/**
 * Chooses a relative temperature from 0.03 to 3 by five-fold cross-validated regret, max Q - Q(s, argmax z). All temperatures share
 * folds, initial weights and minibatches, so only the temperature differs; the result is a function of `seed`. Takes the first
 * candidate whose mean regret is within one standard error of the smallest (the one-standard-error rule): on a few hundred states most
 * differences are noise.
 *
 * Trains 25 students for 300 updates each: about half a second for 200 states. The dataset must have action
 * values and at least two states.
 */
export function crossValidateTemperature(
  prepare: (part: LabelledDataset, temperature: Temperature) => Objective<DiscreteAgent>,
  dataset: LabelledDataset,
  seed: number,
): CrossValidated {
  const order = new Rng(seed).permutation(dataset.size)
  const folds = Math.min(FOLDS, dataset.size)
  const parts = Array.from({ length: folds }, (_, fold) => {
    const rows = (isHeldOut: boolean) => order.filter((_, i) => (i % folds === fold) === isHeldOut)
    return { learned: selectRows(dataset, rows(false)), heldOut: selectRows(dataset, rows(true)) }
  })
  const regrets = CANDIDATES.map((relative) =>
    parts.flatMap(({ learned, heldOut }, fold) => {
      const objective = prepare(learned, { relative })
      const network = new MLP([dataset.observationSize, ...HIDDEN, objective.outputs], new Rng(seed + fold))
      const student = finish(fitStudent(network, learned, objective, { seed: seed + fold, updates: UPDATES }))
      return regretsOf(student, heldOut)
    }),
  )
  const chosen = firstWithinOneError(regrets)
  return { temperature: { relative: CANDIDATES[chosen]! }, validationRegret: meanOf(regrets[chosen]!) }
}

/**
 * Index of the first row of losses, one loss per state, whose mean exceeds the least mean by no more than one standard error of the
 * difference between the two rows.
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

// max Q - Q(s, a) per state, a the student's greedy action.
function regretsOf(student: DiscreteAgent, dataset: LabelledDataset): number[] {
  const { numActions } = dataset
  const values = dataset.column('actionValues')
  const actions = evaluated(dataset.column('observations'), dataset.observationSize, (x) =>
    argmax(actionPreferences(student, x), 1),
  )
  return Array.from(actions, (action, s) => {
    const row = values.subarray(s * numActions, (s + 1) * numActions)
    return Math.max(...row) - row[action]!
  })
}
