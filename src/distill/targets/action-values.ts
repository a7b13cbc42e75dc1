// Targets that teach what each action is worth. The student's outputs are action values, or bins of them, and it acts by the
// greatest. Read next: policies.ts.

import type { Module } from '../../nn/module.ts'
import { binCentres, hlGauss } from '../../nn/value-bins.ts'
import { ActionValueAgent } from '../../rl/discrete-policies.ts'
import type { DiscretePolicy } from '../../rl/policy.ts'
import { type LabelledSet, labelsOf, requirePlayed } from '../labelled-set.ts'
import * as losses from '../losses.ts'
import { BinReadOut, binsAround, HL_GAUSS_SIGMA } from './bins.ts'
import { advantagesOf, inGaps, type PreparedTarget, perAction, standardized, type TargetSettings } from './prepared.ts'

/**
 * The teacher's action values, by their softmax at both ends: τ² KL(softmax(Q/τ) ‖ softmax(z/τ)), Q in action gaps. The student
 * learns Q but for a constant a state, which no choice of action needs. Read out as action values, in action gaps.
 */
export function actionValueTarget(set: LabelledSet, settings: TargetSettings = {}): PreparedTarget<DiscretePolicy> {
  const { labels, tau, gap, tauInGaps } = inGaps(set, labelsOf('actionValues', set, 'actionValues'), settings)
  return {
    ...perAction(set, labels),
    loss: (values, outputs, weights) => losses.softKLSymmetric(values, outputs, tauInGaps, weights),
    student: valuesOf(set),
    settings: { tau, gap },
  }
}

/**
 * `mixAlpha` of that loss and the rest of `hard`'s, -log q(argmax); the gaps keep their balance whatever the units of reward.
 * Read out alike.
 */
export function mixTarget(set: LabelledSet, settings: TargetSettings = {}): PreparedTarget<DiscretePolicy> {
  const { labels, tau, gap, tauInGaps } = inGaps(set, labelsOf('mix', set, 'actionValues'), settings)
  const { mixAlpha: alpha = 0.8 } = settings
  return {
    ...perAction(set, labels),
    loss: (values, outputs, weights) => losses.softAndHard(values, outputs, tauInGaps, alpha, weights),
    student: valuesOf(set),
    settings: { tau, gap, alpha },
  }
}

/** The teacher's action values as numbers: ½ ‖z - (Q - μ)/σ‖². Read out as action values, in deviations from the mean. */
export function actionValueRegression(set: LabelledSet): PreparedTarget<DiscretePolicy> {
  return regression(set, labelsOf('actionValuesMse', set, 'actionValues'))
}

/** The same on A = Q - mean of Q over the actions: no output is spent on what the state is worth. Read out alike. */
export function advantageTarget(set: LabelledSet): PreparedTarget<DiscretePolicy> {
  return regression(set, advantagesOf(labelsOf('advantages', set, 'actionValues'), set.actionCount))
}

/**
 * Each action value as a distribution over bins, HL-Gauss: actions · bins outputs, cross-entropy. Read out as action values
 * Σ q c, c the middles of the bins. Farebrother et al. 2024, arXiv:2403.03950.
 */
export function hlGaussQTarget(set: LabelledSet, settings: TargetSettings = {}): PreparedTarget<DiscretePolicy> {
  const values = labelsOf('hlGaussQ', set, 'actionValues')
  const { bins, width } = binsAround(values, settings.bins)
  const { low, high, count } = bins
  return {
    outputs: set.actionCount * count,
    width: set.actionCount * count,
    labels: Float32Array.from(hlGauss(values, bins, HL_GAUSS_SIGMA * width)),
    loss: (labels, outputs, weights) => losses.binnedCrossEntropy(labels, outputs, count, weights),
    student: (network) => valuesOf(set)(new BinReadOut(network, binCentres(bins))),
    settings: { low, high, bins: count },
  }
}

/** Control without a teacher: the return that was seen after the action that was played, ½ (z_a - (G - μ)/σ)². */
export function returnsTarget(set: LabelledSet): PreparedTarget<DiscretePolicy> {
  requirePlayed('returns', set)
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
    loss: losses.playedReturns,
    student: valuesOf(set),
    settings: { mean, deviation },
  }
}

function regression(set: LabelledSet, values: Float32Array): PreparedTarget<DiscretePolicy> {
  const { normal, mean, deviation } = standardized(values)
  return {
    ...perAction(set, normal),
    loss: losses.squaredError,
    student: valuesOf(set),
    settings: { mean, deviation },
  }
}

function valuesOf(set: LabelledSet): (network: Module) => DiscretePolicy {
  return (network) => new ActionValueAgent(network, set.observationSize, set.actionCount)
}
