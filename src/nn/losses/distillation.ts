// Losses of distillation. Logits z are [batch, actions], q = softmax(z). The prediction comes first, the teacher's labels second: no
// gradient flows to the labels. All but `listNet` are means over the batch, weighted by `sampleWeights` where given.

import { detach } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { formatShape, ShapeError } from '../../tensor/errors.ts'
import { oneHot } from '../../tensor/ops/create.ts'
import { add, exp, log, mul, sub } from '../../tensor/ops/elementwise.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { argmax, sum } from '../../tensor/ops/reduce.ts'
import { logSoftmax, softmax } from '../../tensor/ops/softmax.ts'
import { requireFraction, requirePositive } from '../checks.ts'
import { klDivergence } from './kl.ts'
import { requireSameShape, weightedMean } from './reduction.ts'

export interface WeightedOptions {
  /** Weight of each state, of mean 1: [batch]. Default: all 1. */
  readonly sampleWeights?: Tensor | undefined
}

/** Keeps logarithms finite where neither policy allows an action. */
const TINY = 1e-30

/**
 * The generalized Jensen-Shannon divergence, scaled so that its limits are the two KL divergences: with m = β p + (1 - β) q
 *   KL(p ‖ m) / (1 - β) + KL(q ‖ m) / β,
 * which is KL(p ‖ q) at β = 0 and KL(q ‖ p) at β = 1. It is 1 / (β (1 - β)) times the divergence of Agarwal et al. 2024 (GKD),
 * arXiv:2306.13649, eq. 1; at β = ½ four times the classical one. Throws a ValueError unless β is in [0, 1]. Default 0.5.
 */
export function generalizedJsd(
  logits: Tensor,
  teacherLogits: Tensor,
  { beta = 0.5, sampleWeights }: WeightedOptions & { readonly beta?: number } = {},
): Tensor {
  requireFraction('generalizedJsd: beta', beta)
  requireSameShape('generalizedJsd', logits, teacherLogits)
  const teacher = detach(teacherLogits)
  const logP = logSoftmax(teacher)
  const logQ = logSoftmax(logits)
  if (beta === 0) return weightedMean(klDivergence(logP, logQ, { reduction: 'none' }), sampleWeights)
  if (beta === 1) return weightedMean(klDivergence(logQ, logP, { reduction: 'none' }), sampleWeights)
  const logM = log(add(add(mul(exp(logP), beta), mul(exp(logQ), 1 - beta)), TINY))
  const fromTeacher = klDivergence(logP, logM, { reduction: 'none' })
  const fromStudent = klDivergence(logQ, logM, { reduction: 'none' })
  return weightedMean(add(mul(fromTeacher, 1 / (1 - beta)), mul(fromStudent, 1 / beta)), sampleWeights)
}

export interface ExpectedRegretOptions extends WeightedOptions {
  /** Divides the regret, in the units of the action values. Default 1. */
  readonly unit?: number
  /** Weight of the student's entropy, which is subtracted. Default 0. */
  readonly entropyCoef?: number
}

/**
 * Σ q (max Q - Q) / unit - entropyCoef H(q): what one step by the student's policy costs, Q the action values [batch, actions].
 * d/dz_k = q_k (Σ q Q - Q_k) / unit / batch. Ross and Bagnell 2014 (AggreVaTe), arXiv:1406.5979. Throws a ValueError unless
 * `unit` is positive.
 */
export function expectedRegret(
  logits: Tensor,
  actionValues: Tensor,
  { unit = 1, entropyCoef = 0, sampleWeights }: ExpectedRegretOptions = {},
): Tensor {
  requirePositive('expectedRegret: unit', unit)
  requireSameShape('expectedRegret', logits, actionValues)
  const values = detach(actionValues)
  const q = softmax(logits)
  const best = sum(mul(oneHot(argmax(values, -1), values.dims.at(-1)!, values.dtype), values), -1, true)
  const regret = mul(weightedMean(sum(mul(q, sub(best, values)), -1), sampleWeights), 1 / unit)
  if (entropyCoef === 0) return regret
  const negativeEntropy = weightedMean(sum(mul(q, logSoftmax(logits)), -1), sampleWeights)
  return add(regret, mul(negativeEntropy, entropyCoef))
}

/**
 * -(Σ q Q + τ H(q)): the actor loss of SAC for discrete actions with the teacher as critic, Q [batch, actions]. Per state it is
 * τ KL(q ‖ softmax(Q/τ)) plus a constant.  d/dz_k = q_k (Σ q Q - Q_k + τ (ln q_k + H)) / batch. Christodoulou 2019,
 * arXiv:1910.07207, eq. 12. Throws a ValueError unless the temperature τ is positive and finite. Default 1.
 */
export function softActorLoss(
  logits: Tensor,
  actionValues: Tensor,
  { temperature = 1, sampleWeights }: WeightedOptions & { readonly temperature?: number } = {},
): Tensor {
  requirePositive('softActorLoss: temperature', temperature)
  requireSameShape('softActorLoss', logits, actionValues)
  const logQ = logSoftmax(logits)
  return weightedMean(sum(mul(exp(logQ), sub(mul(logQ, temperature), detach(actionValues))), -1), sampleWeights)
}

/**
 * -τ² Σ p log q over the states of the batch, p = softmax(y/τ), q = softmax(z/τ): which states are better than which. Outputs
 * and labels are [batch] or [batch, 1]. Unchanged by z → z + c, so it leaves a constant open.  d/dz = τ (q - p). Cao et al. 2007
 * (ListNet), section 4. Throws a ShapeError on a batch of one. Default τ = 1.
 */
export function listNet(
  outputs: Tensor,
  values: Tensor,
  { temperature = 1 }: { readonly temperature?: number } = {},
): Tensor {
  requirePositive('listNet: temperature', temperature)
  requireSameShape('listNet', outputs, values)
  const batch = outputs.dims[0] ?? 0
  if (batch < 2 || outputs.size !== batch) {
    throw new ShapeError(
      `listNet: outputs are ${formatShape(outputs.dims)}; it ranks states, so it expects [batch] with at least 2`,
    )
  }
  const [z, y] = [reshape(outputs, [batch]), reshape(detach(values), [batch])]
  const p = softmax(mul(y, 1 / temperature), 0)
  return mul(sum(mul(p, logSoftmax(mul(z, 1 / temperature), 0))), -temperature * temperature)
}

/**
 * Values as distributions: -Σ p log q over `bins` bins, summed over the values of a state. Outputs and labels are
 * [batch, values · bins], the bins of one value side by side.  d/dz = (q - p) / batch. Farebrother et al. 2024,
 * arXiv:2403.03950, eq. 4. Throws a ShapeError if the width is not a multiple of `bins`.
 */
export function binnedCrossEntropy(
  outputs: Tensor,
  probabilities: Tensor,
  { bins, sampleWeights }: WeightedOptions & { readonly bins: number },
): Tensor {
  requireSameShape('binnedCrossEntropy', outputs, probabilities)
  const [batch, width] = outputs.dims
  if (batch === undefined || width === undefined || width % bins !== 0) {
    throw new ShapeError(
      `binnedCrossEntropy: outputs ${formatShape(outputs.dims)} in bins of ${bins}; expected [batch, values · ${bins}]`,
    )
  }
  const logQ = reshape(logSoftmax(reshape(outputs, [-1, bins])), [batch, width])
  return mul(weightedMean(sum(mul(detach(probabilities), logQ), -1), sampleWeights), -1)
}

/**
 * ln((1 - floor) p + floor / actions), p = softmax(logits): label smoothing, so that every action keeps some probability and a
 * reverse KL stays bounded. Throws a ValueError unless `floor` is in [0, 1]. Default 0.001.
 */
export function smoothedLogits(logits: Tensor, floor = 1e-3): Tensor {
  requireFraction('smoothedLogits: floor', floor)
  return log(add(mul(softmax(detach(logits)), 1 - floor), floor / logits.dims.at(-1)!))
}
