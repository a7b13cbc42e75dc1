// What a student learns from a labelled dataset. A target turns the teacher's labels into numbers to learn, gives the loss, and
// reads the trained network as a policy, as action values or as state values. A target of one's own is one such object; an
// entry in targets/index.ts gives it a name and its options flags. Read next: policy.ts.

import type { Option, OptionTable, OptionValues } from '../../data/options.ts'
import { requirePositive } from '../../nn/checks.ts'
import { mseLoss } from '../../nn/losses/regression.ts'
import type { Module } from '../../nn/module.ts'
import { detach } from '../../tensor/autograd/autograd.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { ValueError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import { mean, sum } from '../../tensor/ops/reduce.ts'
import type { ColumnName, LabelledDataset } from '../dataset/dataset.ts'

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

// The temperature: how soft the teacher's labels are. Action values have the units of the task's rewards, so one absolute temperature
// gives near-hard labels on one task and near-uniform ones on another. A temperature relative to the spread of the action values means
// the same on every task.

/** In units of the mean standard deviation of the action values (`actionValueStd`), or in the units of the values. */
export type Temperature = { readonly relative: number } | { readonly absolute: number }

/** Suits states of broad coverage, such as play with many random actions. */
export const DEFAULT_TEMPERATURE: Temperature = { relative: 1 }

/** Suits states selected by students: few, and more of them close calls. */
export const ROUNDS_TEMPERATURE: Temperature = { relative: 0.5 }

/** The temperature to prepare labels with: the default stands in for `auto` until one has been chosen. */
export function settled(temperature: Temperature | 'auto'): Temperature {
  return temperature === 'auto' ? DEFAULT_TEMPERATURE : temperature
}

/**
 * Mean over the states of the population standard deviation of Q(s, ·) over the actions. `values` is [states, actions]. Throws a
 * ValueError if it is 0.
 */
export function actionValueStd(values: Float32Array, numActions: number): number {
  const states = values.length / numActions
  let sum = 0
  for (let s = 0; s < states; s++) sum += meanAndStd(values.subarray(s * numActions, (s + 1) * numActions)).std
  const std = sum / states
  if (std > 0) return std
  throw new ValueError(
    'actionValueStd: all actions have the same value in every labelled state; expected labels that rank actions',
  )
}

/** Mean and population standard deviation. */
export function meanAndStd(values: Float32Array): { mean: number; std: number } {
  let mean = 0
  for (const value of values) mean += value / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) * (value - mean)
  return { mean, std: Math.sqrt(squares / values.length) }
}

/** The temperature in the units of the values. Throws a ValueError unless it is positive and finite. */
export function resolveTemperature(given: Temperature | 'auto', values: Float32Array, numActions: number): number {
  const temperature = settled(given)
  const number = 'absolute' in temperature ? temperature.absolute : temperature.relative
  requirePositive('temperature: the temperature', number)
  return 'absolute' in temperature ? number : number * actionValueStd(values, numActions)
}

/** An option that holds a temperature, or `auto`. As text: `0.3` (relative), `absolute:2`, `auto`. */
export function temperatureOption(): Option<Temperature | 'auto'> {
  return {
    value: DEFAULT_TEMPERATURE,
    about:
      'softness of the labels, in standard deviations of the action values, or absolute:<x>; auto cross-validates it; ' +
      '0.5 where students select the states',
    allowed: '{ relative: x } or { absolute: x } with x above 0, or auto; on the command line x, absolute:x or auto',
    accepts: (given) => given === 'auto' || isTemperature(given),
    parse(text) {
      if (text === 'auto') return text
      const [, absolute, digits] = /^(absolute:)?(.+)$/.exec(text.trim()) ?? []
      return absolute === undefined ? { relative: Number(digits) } : { absolute: Number(digits) }
    },
  }
}

function isTemperature(given: unknown): given is Temperature {
  if (given === null || typeof given !== 'object') return false
  const entries = Object.entries(given)
  const [name, value] = entries[0] ?? []
  const isNumber = typeof value === 'number' && value > 0 && value < Infinity
  return entries.length === 1 && (name === 'relative' || name === 'absolute') && isNumber
}
