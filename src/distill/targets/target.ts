// What a student learns from a labelled dataset. A target turns the teacher's labels into numbers to learn, gives the loss, and
// reads the trained network as a policy, as action values or as state values. A target of one's own is one such object; an
// entry in targets/index.ts gives it a name and its options flags. Read next: policy.ts.

import { count, type Option, type OptionTable, type OptionValues } from '../../data/options.ts'
import type { Support } from '../../nn/layers/value-bins.ts'
import { weightedMean } from '../../nn/losses/reduction.ts'
import { mseLoss } from '../../nn/losses/regression.ts'
import type { Module } from '../../nn/module.ts'
import { detach } from '../../tensor/autograd/autograd.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import { sum } from '../../tensor/ops/reduce.ts'
import type { ColumnName, LabelledDataset } from '../dataset/dataset.ts'
import { actionValueStd, meanAndStd, resolveTemperature, type Temperature } from './temperature.ts'

/** The labels of a dataset made ready for one loss. */
export interface Objective<Student> {
  /** Outputs that the student's network needs. */
  readonly outputs: number
  /** What the network is evaluated at, one or more inputs a state: [size, inputs, observationSize]. Default: the observations. */
  readonly inputs?: Float32Array
  /** [size, width] */
  readonly labels: Float32Array
  readonly width: number
  /** Weight of each state, of mean 1: [size]. Default: all 1. */
  readonly sampleWeights?: Float32Array
  /** Smallest minibatch that the loss allows. Default 1. */
  readonly minBatch?: number
  /** Outputs [batch · inputs, outputs], labels [batch, width], weights [batch] → scalar. No gradient flows to the labels. */
  loss(outputs: Tensor, labels: Tensor, sampleWeights?: Tensor): Tensor
  /** Reads the trained network. */
  student(network: Module): Student
  /** Numbers for reports, such as the temperature. */
  readonly metrics: Readonly<Record<string, number>>
}

/** A way to learn from labels. */
export interface Target<Student = unknown, Options extends OptionTable = OptionTable> {
  readonly name: string
  /** One line for `--help`. */
  readonly about: string
  readonly options: Options
  /** Columns of which the dataset needs at least one. */
  readonly columns: readonly ColumnName[]
  /** Whether the student can choose actions. If not, a `policy` student plays in its place. */
  readonly acts: boolean
  /** Successors of a state that have labels, in its place, for a student that acts by a look-ahead. Default: none. */
  readonly successors?: number
  /** Whether states can have weights. Default true. */
  readonly weightable?: boolean
  /** Whether `temperature: 'auto'` can be cross-validated by how well the students act. Default false. */
  readonly crossValidates?: boolean
  /** Throws a ValueError on labels that it cannot learn from. */
  prepare(dataset: LabelledDataset, options: OptionValues<Options>): Objective<Student>
}

/** Infers the type of the options. */
export function defineTarget<Student, Options extends OptionTable>(
  target: Target<Student, Options>,
): Target<Student, Options> {
  return target
}

/** `compute` of numbers [rows, width], without gradients, as plain numbers. */
export function evaluated(values: Float32Array, width: number, compute: (x: Tensor) => Tensor): Float32Array {
  return inferenceMode(() => Float32Array.from(compute(tensor(values, [values.length / width, width])).view()))
}

/** u = (y - μ) / (σ + 1e-8) with the population σ. */
export function standardized(values: Float32Array): { normal: Float32Array; mean: number; std: number } {
  const { mean, std } = meanAndStd(values)
  return { normal: values.map((value) => (value - mean) / (std + 1e-8)), mean, std }
}

/** A = Q - mean of Q over the actions of each state. `values` is [states, actions]. */
export function advantagesOf(values: Float32Array, numActions: number): Float32Array {
  const advantages = new Float32Array(values.length)
  for (let start = 0; start < values.length; start += numActions) {
    let mean = 0
    for (let a = 0; a < numActions; a++) mean += values[start + a]! / numActions
    for (let a = 0; a < numActions; a++) advantages[start + a] = values[start + a]! - mean
  }
  return advantages
}

/**
 * Action values minus their mean per state, in units of their standard deviation `std`: what is learned from them does not depend
 * on the unit of reward or on the value of the state. With the temperature in the same units, and as a metric in those of the values.
 */
export function centered(dataset: LabelledDataset, temperature: Temperature | 'auto') {
  const values = dataset.column('actionValues')
  const { numActions } = dataset
  const resolved = resolveTemperature(temperature, values, numActions)
  const std = actionValueStd(values, numActions)
  return {
    labels: advantagesOf(values, numActions).map((each) => each / std),
    temperature: resolved / std,
    metrics: { temperature: resolved, actionValueStd: std },
  }
}

/** Standardized numbers, `width` per state, by the sum of `terms`, which are half the squared errors by default. */
export function regression<Student>(
  values: Float32Array,
  width: number,
  read: (network: Module, units: { readonly mean: number; readonly deviation: number }) => Student,
  terms = (outputs: Tensor, labels: Tensor) => mul(mseLoss(outputs, labels, { reduction: 'none' }), 0.5),
): Objective<Student> {
  const { normal, mean, std } = standardized(values)
  return {
    outputs: width,
    width,
    labels: normal,
    loss: (outputs, labels, weights) => weightedMean(sum(terms(outputs, detach(labels)), -1), weights),
    student: (network) => read(network, { mean, deviation: std }),
    metrics: { mean, std },
  }
}

/** Standard deviation of HL-Gauss in bin widths. Farebrother et al. 2024, arXiv:2403.03950, section 3.2. */
export const HL_GAUSS_SIGMA = 0.75

/** The option of all targets with bins. */
export function binsOption(): Option<number> {
  return {
    ...count(51, 'bins, from 10 % of the range below the least label to 10 % above the greatest'),
    allowed: 'a whole number from 2 on',
    accepts: (given) => Number.isSafeInteger(given) && (given as number) >= 2,
  }
}

/**
 * `bins` bins from the least value minus 10 % of the range to the greatest plus 10 %, and the width of one. Values that are all
 * equal get a range of 1.
 */
export function binsAround(values: Float32Array, bins: number): { bins: Support; width: number } {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity)
  const greatest = values.reduce((a, b) => Math.max(a, b), -Infinity)
  const margin = 0.1 * (greatest - least || 1)
  const [low, high] = [least - margin, greatest + margin]
  return { bins: { low, high, count: bins }, width: (high - low) / bins }
}
