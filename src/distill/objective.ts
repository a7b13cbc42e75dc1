// From a target's name and options to an objective: a temperature that is left open is cross-validated, and states are weighted.

import type { DiscreteAgent } from '../rl/discrete-policies.ts'
import { choice, type OptionTable, readOptions } from '../rl/options.ts'
import { ValueError } from '../tensor/errors.ts'
import { crossValidateTemperature } from './cross-validate.ts'
import type { LabelledDataset } from './dataset.ts'
import { namesOf } from './dataset-operations.ts'
import { type SampleWeighting, sampleWeightings, sampleWeightsOf } from './sample-weights.ts'
import { type StudentOf, type TargetLike, type TargetOptions, targetOf } from './targets/index.ts'
import type { Objective, Target } from './targets/target.ts'
import { DEFAULT_TEMPERATURE, settled, type Temperature } from './temperature.ts'

export const sampleWeightsOption = choice<SampleWeighting>(
  'none',
  'which states count more: by the cost of a random action (regret), of the worst one (viper), or by confidence',
  sampleWeightings,
)

export type ObjectiveOptions<T extends TargetLike> = TargetOptions<T> & {
  readonly sampleWeights?: SampleWeighting
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
  const table: OptionTable = { ...found.options, sampleWeights: sampleWeightsOption }
  const o = { ...readOptions(found.name, table, given), seed } as ReadOptions
  return prepared(found, dataset, o) as Objective<StudentOf<T>>
}

/** Options that have been read; `temperature` where the target has one. */
export interface ReadOptions {
  readonly seed: number
  readonly sampleWeights: SampleWeighting
  readonly temperature?: Temperature | 'auto'
  readonly [name: string]: unknown
}

/** As `prepareObjective`, for a target object and options that have been read already. */
export function prepared(target: Target, dataset: LabelledDataset, o: ReadOptions): Objective<unknown> {
  dataset.requireUsable(target.name)
  requireColumns(target, dataset)
  const { temperature = DEFAULT_TEMPERATURE, sampleWeights } = o
  if (temperature === 'auto') return crossValidated(target, dataset, o)
  const objective = target.prepare(dataset, o)
  if (sampleWeights !== 'none' && target.weightable === false) {
    throw new ValueError(`${target.name}: sampleWeights is ${sampleWeights}, but this target has no weights; use none`)
  }
  const weights = sampleWeightsOf(sampleWeights, dataset, temperature)
  return weights === undefined ? objective : { ...objective, sampleWeights: weights }
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
  const present = namesOf(dataset).filter((column) => column !== 'observations')
  throw new ValueError(
    `${name}: learns from ${columns.join(' or ')}; the labels are ${present.join(', ') || 'missing'}`,
  )
}
