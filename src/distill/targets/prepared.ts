// What every target is made of: labels ready for one loss, and how the trained network is read. Read next: policies.ts.

import type { Module } from '../../nn/module.ts'
import type { StateValueAgent } from '../../rl/discrete-policies.ts'
import type { DiscretePolicy } from '../../rl/policy.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { scope } from '../../tensor/scope.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type LabelKind, type LabelledSet, labelsOf } from '../labelled-set.ts'
import { actionGap, resolveTemperature, type Temperature } from '../temperature.ts'

/** A trained network, read as what it was trained to be. */
export type Student = DiscretePolicy | StateValueAgent

/** Labels of a set made ready for one loss. */
export interface PreparedTarget<S = Student> {
  /** How many outputs the student's network must have. */
  readonly outputs: number
  /** Numbers a state, as many as `width`: [size, width]. */
  readonly labels: Float32Array
  readonly width: number
  /** How much each state counts, of mean 1: [size]. Default: all alike. */
  readonly weights?: Float32Array
  /** The fewest states that a minibatch must have. Default 1. */
  readonly leastBatch?: number
  /** labels [batch, width] (or [batch] if the width is 1), outputs alike, weights [batch] if there are any → scalar. */
  loss(labels: Tensor, outputs: Tensor, weights?: Tensor): Tensor
  /** How the trained network is used. */
  student(network: Module): S
  /** Numbers worth noting in a report, such as the temperature. */
  readonly settings: Readonly<Record<string, number>>
}

/** What a single target reads. */
export interface TargetSettings {
  /**
   * How soft the labels are, for the targets that have a temperature; for `listwise` in deviations of the state values in
   * place of action gaps. Default: one of either, right for broad coverage; 0.3 gaps suit states that students chose.
   */
  readonly temperature?: Temperature
  /** `mix`: the share of the soft labels, in [0, 1]. Default 0.8. */
  readonly mixAlpha?: number
  /** `jensenShannon`: 0 is forward KL, 1 reverse KL. Default 0.5. */
  readonly jsBeta?: number
  /** `stateValuesHuber`: where the parabola becomes a line, in deviations of the values. Default 1. */
  readonly huberDelta?: number
  /** `regret`: how much of the student's entropy is taken off, in action gaps a nat. Default 0. */
  readonly entropyBonus?: number
  /** `twoHot`, `hlGauss`, `hlGaussQ`: bins from the least value less 10 % of the range to the greatest and 10 %. Default 51. */
  readonly bins?: number
}

/** One action gap: right for broad coverage, such as mixedEpsilon states. */
export const DEFAULT_TEMPERATURE: Temperature = { kind: 'gap', c: 1 }

/** Cooler where students chose the states: more of them are close calls, and there are few to be sure of each. */
export const STUDENT_DRIVEN_TEMPERATURE: Temperature = { kind: 'gap', c: 0.3 }

/** One label and one output an action. */
export function perAction(set: LabelledSet, labels: Float32Array) {
  return { outputs: set.actionCount, width: set.actionCount, labels }
}

/** What ranks the actions [size, actions]: the teacher's logits, or else its action values. */
export function scoresOf(op: string, set: LabelledSet): Float32Array {
  const kind: LabelKind = set.logits === undefined ? 'actionValues' : 'logits'
  return labelsOf(op, set, kind)
}

/** The temperature of a target whose labels are `values` [size, actions], in their units. */
export function tauOf(set: LabelledSet, values: Float32Array, settings: TargetSettings): number {
  return resolveTemperature(settings.temperature ?? DEFAULT_TEMPERATURE, values, set.actionCount)
}

/** u = (y - μ) / (σ + 1e-8), σ of the population. */
export function standardized(values: Float32Array): { normal: Float32Array; mean: number; deviation: number } {
  let mean = 0
  for (const value of values) mean += value / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) * (value - mean)
  const deviation = Math.sqrt(squares / values.length)
  return { normal: values.map((value) => (value - mean) / (deviation + 1e-8)), mean, deviation }
}

/** A - mean of A over the actions of each state: what is left of action values without the value of the state. */
export function advantagesOf(values: Float32Array, actionCount: number): Float32Array {
  const advantages = new Float32Array(values.length)
  for (let start = 0; start < values.length; start += actionCount) {
    let mean = 0
    for (let a = 0; a < actionCount; a++) mean += values[start + a]! / actionCount
    for (let a = 0; a < actionCount; a++) advantages[start + a] = values[start + a]! - mean
  }
  return advantages
}

/**
 * Action values less their mean over the actions and in action gaps, with τ in the same units: what is learned from them does
 * not depend on the units of reward, nor on what the state is worth. The optimum keeps its place, in these units.
 */
export function inGaps(set: LabelledSet, values: Float32Array, settings: TargetSettings) {
  const tau = tauOf(set, values, settings)
  const gap = actionGap(values, set.actionCount)
  const labels = advantagesOf(values, set.actionCount).map((each) => each / gap)
  return { labels, tau, gap, tauInGaps: tau / gap }
}

/** What `compute` makes of numbers of the given shape, as plain numbers. */
export function evaluated(values: Float32Array, columns: number, compute: (x: Tensor) => Tensor): Float32Array {
  return scope(() =>
    noGrad(() => Float32Array.from(compute(tensor(values, [values.length / columns, columns])).view())),
  )
}
