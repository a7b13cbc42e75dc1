// What a student learns from a labelled set. A target turns the teacher's labels into numbers to learn from, names the
// loss, and says how the student's outputs are read afterwards: as a policy, as action values, or as state values.
// Read next: losses.ts for the losses, train-student.ts for the loop.

import type { Module } from '../nn/module.ts'
import type { NetworkAgent } from '../rl/agent.ts'
import { ActionValueAgent, PolicyAgent, StateValueAgent } from '../rl/network-agents.ts'
import { unknownName, ValueError } from '../tensor/errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type LabelKind, type LabelledSet, labelsOf } from './labelled-set.ts'
import * as losses from './losses.ts'
import { resolveTemperature, type Temperature } from './temperature.ts'

/** Labels of a set made ready for one loss. */
export interface PreparedTarget<S extends Student = Student> {
  /** How many outputs the student's network must have. */
  readonly outputs: number
  /** Numbers a state, as many as `width`: [size, width]. */
  readonly labels: Float32Array
  readonly width: number
  /** labels [batch, width] (or [batch] if the width is 1), outputs alike → scalar. */
  loss(labels: Tensor, outputs: Tensor): Tensor
  /** How the trained network is used. */
  student(network: Module): S
  /** Numbers worth noting in a report, such as the temperature. */
  readonly settings: Readonly<Record<string, number>>
}

/** A trained network, read as what it was trained to be. */
export type Student = NetworkAgent | StateValueAgent

/** What becomes of a target: an agent that acts, or values that need a look-ahead to. */
export type StudentOf<Name extends TargetName> = Name extends 'stateValues' ? StateValueAgent : NetworkAgent

export type TargetName = 'policy' | 'actionValues' | 'actionValuesMse' | 'stateValues' | 'hard' | 'returns'

export const targetNames: readonly TargetName[] = [
  'policy',
  'actionValues',
  'actionValuesMse',
  'stateValues',
  'hard',
  'returns',
]

/** One action gap: right for broad coverage, such as mixedEpsilon states. */
export const DEFAULT_TEMPERATURE: Temperature = { kind: 'gap', c: 1 }

/** Makes a set's labels ready. Throws a ValueError on an unknown target, or one whose labels the teacher did not give. */
export function prepareTarget<Name extends TargetName>(
  name: Name,
  set: LabelledSet,
  temperature = DEFAULT_TEMPERATURE,
): PreparedTarget<StudentOf<Name>> {
  return prepared(name, set, temperature) as PreparedTarget<StudentOf<Name>>
}

function prepared(name: TargetName, set: LabelledSet, temperature: Temperature): PreparedTarget {
  switch (name) {
    case 'policy':
      return policyTarget(set, temperature)
    case 'actionValues':
      return actionValueTarget(set, temperature)
    case 'actionValuesMse':
      return actionValueRegression(set)
    case 'stateValues':
      return stateValueTarget(set)
    case 'hard':
      return hardTarget(set)
    case 'returns':
      return returnsTarget(set)
    default:
      throw new ValueError(unknownName('target', name, targetNames))
  }
}

/** The teacher's policy, softened: KL(softmax(scores/τ) ‖ softmax(z)). Scores are its logits, or else its action values. */
export function policyTarget(set: LabelledSet, temperature: Temperature): PreparedTarget<NetworkAgent> {
  const scores = scoresOf('policy', set)
  const tau = resolveTemperature(temperature, scores, set.actionCount)
  return {
    ...perAction(set, scores),
    loss: (labels, outputs) => losses.softKL(labels, outputs, tau),
    student: (network) => new PolicyAgent(network, set.observationSize, set.actionCount),
    settings: { tau },
  }
}

/**
 * The teacher's action values, by their softmax at both ends: τ² KL(softmax(Q/τ) ‖ softmax(z/τ)). The student learns Q but
 * for a constant a state, which no choice of action needs.
 */
export function actionValueTarget(set: LabelledSet, temperature: Temperature): PreparedTarget<NetworkAgent> {
  const values = labelsOf('actionValues', set, 'actionValues')
  const tau = resolveTemperature(temperature, values, set.actionCount)
  return {
    ...perAction(set, values),
    loss: (labels, outputs) => losses.softKLSymmetric(labels, outputs, tau),
    student: (network) => new ActionValueAgent(network, set.observationSize, set.actionCount),
    settings: { tau },
  }
}

/** The teacher's action values as numbers: ½ ‖z - (Q - μ)/σ‖². */
export function actionValueRegression(set: LabelledSet): PreparedTarget<NetworkAgent> {
  const { normal, mean, deviation } = standardized(labelsOf('actionValuesMse', set, 'actionValues'))
  return {
    ...perAction(set, normal),
    loss: losses.squaredError,
    student: (network) => new ActionValueAgent(network, set.observationSize, set.actionCount),
    settings: { mean, deviation },
  }
}

/** The teacher's state values: ½ (z - (V - μ)/σ)². Read out as V = μ + σ z. */
export function stateValueTarget(set: LabelledSet): PreparedTarget<StateValueAgent> {
  const { normal, mean, deviation } = standardized(labelsOf('stateValues', set, 'stateValues'))
  return {
    outputs: 1,
    labels: normal,
    width: 1,
    loss: losses.squaredError,
    student: (network) => new StateValueAgent(network, set.observationSize, set.actionCount, { mean, deviation }),
    settings: { mean, deviation },
  }
}

/** Control: the teacher's best action alone, -log q(argmax). Behaviour cloning. */
export function hardTarget(set: LabelledSet): PreparedTarget<NetworkAgent> {
  return {
    ...perAction(set, scoresOf('hard', set)),
    loss: losses.hardLabels,
    student: (network) => new PolicyAgent(network, set.observationSize, set.actionCount),
    settings: {},
  }
}

/** Control without a teacher: the return that was seen after the action that was played, ½ (z_a - (G - μ)/σ)². */
export function returnsTarget(set: LabelledSet): PreparedTarget<NetworkAgent> {
  const { normal, mean, deviation } = standardized(set.returns)
  const width = 2 * set.actionCount // one-hot action, then its return in the same place
  const labels = new Float32Array(set.size * width)
  for (let i = 0; i < set.size; i++) {
    labels[i * width + set.actions[i]!] = 1
    labels[i * width + set.actionCount + set.actions[i]!] = normal[i]!
  }
  return {
    outputs: set.actionCount,
    labels,
    width,
    loss: (pairs, outputs) => losses.playedReturns(pairs, outputs),
    student: (network) => new ActionValueAgent(network, set.observationSize, set.actionCount),
    settings: { mean, deviation },
  }
}

function perAction(set: LabelledSet, labels: Float32Array) {
  return { outputs: set.actionCount, width: set.actionCount, labels }
}

function scoresOf(op: string, set: LabelledSet): Float32Array {
  const kind: LabelKind = set.logits === undefined ? 'actionValues' : 'logits'
  return labelsOf(op, set, kind)
}

// u = (y - μ) / (σ + 1e-8), σ of the population.
function standardized(values: Float32Array): { normal: Float32Array; mean: number; deviation: number } {
  let mean = 0
  for (const value of values) mean += value / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  const deviation = Math.sqrt(squares / values.length)
  return { normal: values.map((value) => (value - mean) / (deviation + 1e-8)), mean, deviation }
}
