// From a target's name and options to an objective. `temperature: 'auto'` is chosen from the labelled states alone, without play or
// further labels: students are trained on some of the states at several temperatures and evaluated by the regret of their actions on
// the others. Cross-validation: Stone 1974; the one-standard-error rule: Breiman et al. 1984, section 3.4.3.

import { readOptions } from '../data/options.ts'
import { meanOf } from '../data/statistics.ts'
import { MLP } from '../nn/layers/mlp.ts'
import { actionPreferences, type DiscreteAgent } from '../rl/policies/discrete-policies.ts'
import { finish } from '../rl/training/training.ts'
import { ValueError } from '../tensor/errors.ts'
import { argmax } from '../tensor/ops/reduce.ts'
import { Rng } from '../tensor/random.ts'
import type { LabelledDataset } from './dataset/dataset.ts'
import { selectRows } from './dataset/dataset-operations.ts'
import { fitStudent } from './fit.ts'
import { type StudentOf, type TargetLike, type TargetOptions, targetOf } from './targets/index.ts'
import { evaluated, type Objective, settled, type Target, type Temperature } from './targets/target.ts'

export type ObjectiveOptions<T extends TargetLike> = TargetOptions<T> & {
  /** Of the students that `temperature: 'auto'` tries. Default 0. */
  readonly seed?: number
}

/**
 * Prepares a dataset's labels for a target. Throws a ValueError on a misspelt or unsuitable option, and on a dataset without the
 * columns that the target learns from.
 */
export function prepareObjective<T extends TargetLike>(
  target: T,
  dataset: LabelledDataset,
  options: ObjectiveOptions<T> = {} as ObjectiveOptions<T>,
): Objective<StudentOf<T>> {
  const { seed = 0, ...given } = options as ObjectiveOptions<'policy'>
  const found = targetOf(target)
  const o = { ...readOptions(found.name, found.options, given), seed } as ReadOptions
  return prepared(found, dataset, o) as Objective<StudentOf<T>>
}

/** Options that have been read; `temperature` where the target has one. */
export interface ReadOptions {
  readonly seed: number
  readonly temperature?: Temperature | 'auto'
  readonly [name: string]: unknown
}

/** As `prepareObjective`, for a target object and options that have been read already. */
export function prepared(target: Target, dataset: LabelledDataset, o: ReadOptions): Objective<unknown> {
  dataset.requireUsable(target.name)
  requireColumns(target, dataset)
  return o.temperature === 'auto' ? crossValidated(target, dataset, o) : target.prepare(dataset, o)
}

function crossValidated(target: Target, dataset: LabelledDataset, o: ReadOptions) {
  requireCrossValidation(target, dataset, o)
  const prepare = (part: LabelledDataset, temperature: Temperature) =>
    prepared(target, part, { ...o, temperature }) as Objective<DiscreteAgent>
  const { temperature, validationRegret } = crossValidateTemperature(prepare, dataset, o.seed)
  const objective = prepare(dataset, temperature)
  return { ...objective, metrics: { ...objective.metrics, relative: temperature.relative, validationRegret } }
}

/**
 * Checks what `prepared` would throw, on a dataset of made-up labels, without training the students of `temperature: 'auto'`.
 */
export function rehearsed(target: Target, dataset: LabelledDataset, o: ReadOptions) {
  if (o.temperature === 'auto') requireCrossValidation(target, dataset, o)
  return prepared(target, dataset, o.temperature === 'auto' ? { ...o, temperature: settled('auto') } : o)
}

function requireCrossValidation(target: Target, dataset: LabelledDataset, { divergence }: ReadOptions): void {
  if (target.crossValidates !== true || divergence === 'hard') {
    throw new ValueError(
      `${target.name}: temperature is auto, but there is no temperature to cross-validate; give none`,
    )
  }
  dataset.column('actionValues')
  if (dataset.size >= 2) return
  throw new ValueError(
    `temperature auto: holds states out; expected at least 2 labels, the dataset has ${dataset.size}`,
  )
}

function requireColumns({ name, columns }: Target, dataset: LabelledDataset): void {
  if (columns.some((column) => dataset.has(column))) return
  const present = dataset.names.filter((column) => column !== 'observations')
  throw new ValueError(
    `${name}: learns from ${columns.join(' or ')}; the labels are ${present.join(', ') || 'missing'}`,
  )
}

/** Relative temperatures, in order of preference: those nearest to 1 first. */
const CANDIDATES: readonly number[] = [1, 0.3, 3, 0.1, 0.03]
const FOLDS = 5
/** Hidden layers of the students that are trained. */
const HIDDEN: readonly number[] = [64, 64]
/** Their gradient steps: a fifth of the usual number, to save time. */
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
