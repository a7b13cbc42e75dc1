// Targets that teach which action to take. The student's outputs are logits, and it acts as a policy.
// The teacher's policy is softmax(scores/τ), its scores being its logits, or else its action values.

import type { Module } from '../../nn/module.ts'
import { PolicyAgent } from '../../rl/discrete-policies.ts'
import type { DiscretePolicy } from '../../rl/policy.ts'
import { type LabelledSet, labelsOf } from '../labelled-set.ts'
import * as losses from '../losses.ts'
import { actionGap } from '../temperature.ts'
import { evaluated, inGaps, type PreparedTarget, perAction, scoresOf, type TargetSettings, tauOf } from './prepared.ts'

/** The teacher's policy, softened: KL(softmax(scores/τ) ‖ softmax(z)), forward. Read out as a policy. */
export function policyTarget(set: LabelledSet, settings: TargetSettings = {}): PreparedTarget<DiscretePolicy> {
  const { logits, tau } = teacherLogits('policy', set, settings)
  return {
    ...perAction(set, logits),
    loss: losses.forwardKL,
    student: policyOf(set),
    settings: { tau },
  }
}

/** The same the other way about: KL(softmax(z) ‖ p), reverse, p = softmax(scores/τ) floored at 1e-3. Read out as a policy. */
export function reverseKLTarget(set: LabelledSet, settings: TargetSettings = {}): PreparedTarget<DiscretePolicy> {
  const { logits, tau } = teacherLogits('reverseKL', set, settings)
  return {
    ...perAction(set, floored(logits, set.actionCount)),
    loss: losses.reverseKL,
    student: policyOf(set),
    settings: { tau },
  }
}

/** Between the two: `jensenShannon` with `jsBeta`, the teacher's policy floored at 1e-3. Read out as a policy. */
export function jensenShannonTarget(set: LabelledSet, settings: TargetSettings = {}): PreparedTarget<DiscretePolicy> {
  const { logits, tau } = teacherLogits('jensenShannon', set, settings)
  const { jsBeta: beta = 0.5 } = settings
  return {
    ...perAction(set, floored(logits, set.actionCount)),
    loss: (labels, outputs, weights) => losses.jensenShannon(labels, outputs, beta, weights),
    student: policyOf(set),
    settings: { tau, beta },
  }
}

/**
 * The teacher's action values as the critic of a policy gradient: -(Σ q Q + τ H(q)), in action gaps and less a constant a
 * state, neither of which moves the optimum softmax(Q/τ). Read out as a policy.
 */
export function teacherCriticTarget(set: LabelledSet, settings: TargetSettings = {}): PreparedTarget<DiscretePolicy> {
  const { labels, tau, gap, tauInGaps } = inGaps(set, labelsOf('teacherCritic', set, 'actionValues'), settings)
  return {
    ...perAction(set, labels),
    loss: (values, outputs, weights) => losses.teacherCritic(values, outputs, tauInGaps, weights),
    student: policyOf(set),
    settings: { tau, gap },
  }
}

/** What one step by the student costs: Σ q (V - Q) in action gaps, less `entropyBonus` H(q). Read out as a policy. */
export function regretTarget(set: LabelledSet, settings: TargetSettings = {}): PreparedTarget<DiscretePolicy> {
  const values = labelsOf('regret', set, 'actionValues')
  const gap = actionGap(values, set.actionCount)
  const { entropyBonus = 0 } = settings
  return {
    ...perAction(set, values),
    loss: (labels, outputs, weights) => losses.regret(labels, outputs, gap, weights, entropyBonus),
    student: policyOf(set),
    settings: { gap, entropyBonus },
  }
}

/** Control: the teacher's best action alone, -log q(argmax). Behaviour cloning. Read out as a policy. */
export function hardTarget(set: LabelledSet): PreparedTarget<DiscretePolicy> {
  return {
    ...perAction(set, scoresOf('hard', set)),
    loss: losses.hardLabels,
    student: policyOf(set),
    settings: {},
  }
}

function policyOf(set: LabelledSet): (network: Module) => DiscretePolicy {
  return (network) => new PolicyAgent(network, set.observationSize, set.actionCount)
}

/** The teacher's policy as logits: scores/τ. */
function teacherLogits(op: string, set: LabelledSet, settings: TargetSettings) {
  const scores = scoresOf(op, set)
  const tau = tauOf(set, scores, settings)
  return { logits: scores.map((each) => each / tau), tau }
}

function floored(logits: Float32Array, actionCount: number): Float32Array {
  return evaluated(logits, actionCount, (x) => losses.flooredLogits(x))
}
