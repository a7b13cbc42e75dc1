// What a student learns from a labelled dataset. A target turns the teacher's labels into numbers to learn, gives the loss, and
// reads the trained network as a policy, as action values or as state values. A target of one's own is one such object; an
// entry in targets/index.ts gives it a name and its options flags. Read next: policy.ts.

import type { OptionTable, OptionValues } from '../../data/options.ts'
import { mseLoss } from '../../nn/losses/regression.ts'
import type { Module } from '../../nn/module.ts'
import { detach } from '../../tensor/autograd/autograd.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import { mean, sum } from '../../tensor/ops/reduce.ts'
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
  /** Smallest minibatch that the loss allows. Default 1. */
  readonly minBatch?: number
  /** Outputs [batch · inputs, outputs], labels [batch, width] → scalar. No gradient flows to the labels. */
  loss(outputs: Tensor, labels: Tensor): Tensor
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

/** Standardized numbers, `width` per state, by the sum of half their squared errors. */
export function regression<Student>(
  values: Float32Array,
  width: number,
  read: (network: Module, units: { readonly mean: number; readonly deviation: number }) => Student,
): Objective<Student> {
  const { normal, mean: average, std } = standardized(values)
  return {
    outputs: width,
    width,
    labels: normal,
    loss: (outputs, labels) => mean(sum(mul(mseLoss(outputs, detach(labels), { reduction: 'none' }), 0.5), -1)),
    student: (network) => read(network, { mean: average, deviation: std }),
    metrics: { mean: average, std },
  }
}
