// Losses of distillation. Logits z are [batch, actions], q = softmax(z). The prediction comes first, the teacher's labels second: no
// gradient flows to the labels.

import { detach } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { formatShape, ShapeError } from '../../tensor/errors.ts'
import { add, exp, log, mul } from '../../tensor/ops/elementwise.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { sum } from '../../tensor/ops/reduce.ts'
import { logSoftmax, softmax } from '../../tensor/ops/rows.ts'
import { requireFraction, requirePositive } from '../checks.ts'
import { klDivergence } from './kl.ts'
import { requireSameShape, weightedMean } from './reduction.ts'

export interface JsdOptions {
  /** From 0, KL(p ‖ q), to 1, KL(q ‖ p). Default 0.5. */
  readonly beta?: number
  /** Weight of each state, of mean 1: [batch]. Default: all 1. */
  readonly sampleWeights?: Tensor | undefined
}

/** Keeps logarithms finite where neither policy allows an action. */
const TINY = 1e-30

/**
 * The generalized Jensen-Shannon divergence, scaled so that its limits are the two KL divergences: with m = β p + (1 - β) q
 *   KL(p ‖ m) / (1 - β) + KL(q ‖ m) / β,
 * which is KL(p ‖ q) at β = 0 and KL(q ‖ p) at β = 1. It is 1 / (β (1 - β)) times the divergence of Agarwal et al. 2024 (GKD),
 * arXiv:2306.13649, eq. 1; at β = ½ four times the classical one. Throws a ValueError unless β is in [0, 1].
 */
export function generalizedJsd(
  logits: Tensor,
  teacherLogits: Tensor,
  { beta = 0.5, sampleWeights }: JsdOptions = {},
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
 * ln((1 - floor) p + floor / actions), p = softmax(logits): label smoothing, so that every action keeps some probability and a
 * reverse KL stays bounded. Throws a ValueError unless `floor` is in [0, 1]. Default 0.001.
 */
export function smoothedLogits(logits: Tensor, floor = 1e-3): Tensor {
  requireFraction('smoothedLogits: floor', floor)
  return log(add(mul(softmax(detach(logits)), 1 - floor), floor / logits.dims.at(-1)!))
}
