// Losses for policies over a finite set of actions: z [batch, actions], q = softmax(z). What the teacher gave is constant:
// no gradient flows into it. All are means over the batch and unchanged when a constant is added to a state's z.
// Which way a divergence points: KL(p ‖ q), forward, makes the student cover all that the teacher does; KL(q ‖ p), reverse,
// makes it settle on one of the teacher's ways. Read next: action-values.ts.

import { klLoss } from '../../nn/losses/kl.ts'
import { detach } from '../../tensor/autograd.ts'
import { ValueError } from '../../tensor/errors.ts'
import { oneHot } from '../../tensor/ops/create.ts'
import { add, exp, log, mul, sub } from '../../tensor/ops/elementwise.ts'
import { argmax, sum } from '../../tensor/ops/reduce.ts'
import { logSoftmax, softmax } from '../../tensor/ops/softmax.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { meanOverStates, requireSame } from './common.ts'

/**
 * H(p, q) = -Σ p log q in nats, q = softmax(logits).  d/dz = (q - p) / batch.
 * `weights` [batch], of mean 1, count some states more than others.
 */
export function softCrossEntropy(probabilities: Tensor, logits: Tensor, weights?: Tensor): Tensor {
  requireSame('softCrossEntropy', probabilities, logits)
  return meanOverStates(mul(sum(mul(detach(probabilities), logSoftmax(logits)), -1), -1), weights)
}

/** -log q of the teacher's best action: behaviour cloning.  d/dz = (q - onehot) / batch. */
export function hardLabels(teacherScores: Tensor, logits: Tensor, weights?: Tensor): Tensor {
  requireSame('hardLabels', teacherScores, logits)
  const best = oneHot(argmax(teacherScores, -1), logits.shape.at(-1)!, logits.dtype)
  return softCrossEntropy(best, logits, weights)
}

/** KL(p ‖ q).  d/dz = (q - p) / batch. Rusu et al. 2016, arXiv:1511.06295, eq. 3. */
export function forwardKL(teacherLogits: Tensor, logits: Tensor, weights?: Tensor): Tensor {
  requireSame('forwardKL', teacherLogits, logits)
  const logP = logSoftmax(detach(teacherLogits))
  return meanOverStates(sum(mul(exp(logP), sub(logP, logSoftmax(logits))), -1), weights)
}

/**
 * KL(q ‖ p).  d/dz_k = q_k (log(q_k / p_k) - KL) / batch. Where the teacher is nearly sure this grows without bound, so give
 * it `flooredLogits`.
 */
export function reverseKL(teacherLogits: Tensor, logits: Tensor, weights?: Tensor): Tensor {
  requireSame('reverseKL', teacherLogits, logits)
  const logQ = logSoftmax(logits)
  return meanOverStates(sum(mul(exp(logQ), sub(logQ, logSoftmax(detach(teacherLogits)))), -1), weights)
}

/** ln((1 - floor) p + floor / actions): the teacher's policy with every action left possible, as logits again. */
export function flooredLogits(teacherLogits: Tensor, floor = 1e-3): Tensor {
  if (!(floor >= 0 && floor <= 1)) throw new ValueError(`flooredLogits: the floor is ${floor}; it must be from 0 to 1`)
  const actions = teacherLogits.shape.at(-1)!
  return log(add(mul(softmax(detach(teacherLogits)), 1 - floor), floor / actions))
}

/**
 * The generalised Jensen-Shannon divergence, scaled so that its ends are the two KLs themselves: with m = β p + (1 - β) q
 *   KL(p ‖ m) / (1 - β) + KL(q ‖ m) / β,
 * which tends to KL(p ‖ q), forward, as β → 0 and to KL(q ‖ p), reverse, as β → 1, and is taken as these at 0 and 1. It is
 * 1 / (β (1 - β)) times the divergence of Agarwal et al. 2024 (GKD), arXiv:2306.13649, eq. 1; β = ½ is four times the one
 * that Jensen and Shannon gave their names to. Throws a ValueError unless β is in [0, 1].
 */
export function jensenShannon(teacherLogits: Tensor, logits: Tensor, beta = 0.5, weights?: Tensor): Tensor {
  if (!(beta >= 0 && beta <= 1)) throw new ValueError(`jensenShannon: beta is ${beta}; it must be from 0 to 1`)
  if (beta === 0) return forwardKL(teacherLogits, logits, weights)
  if (beta === 1) return reverseKL(teacherLogits, logits, weights)
  requireSame('jensenShannon', teacherLogits, logits)
  const logP = logSoftmax(detach(teacherLogits))
  const logQ = logSoftmax(logits)
  // The mixture is kept above 0, where an action is out of the question for both.
  const logM = log(add(add(mul(exp(logP), beta), mul(exp(logQ), 1 - beta)), TINY))
  const fromTeacher = klLoss(logP, logM, { reduction: 'none' })
  const fromStudent = klLoss(logQ, logM, { reduction: 'none' })
  return meanOverStates(add(mul(fromTeacher, 1 / (1 - beta)), mul(fromStudent, 1 / beta)), weights)
}

const TINY = 1e-30

/** share · a + (1 - share) · b. Throws a ValueError unless the share is in [0, 1]. */
export function mixture(a: Tensor, b: Tensor, share: number): Tensor {
  if (!(share >= 0 && share <= 1)) throw new ValueError(`mixture: the share is ${share}; it must be from 0 to 1`)
  return add(mul(a, share), mul(b, 1 - share))
}
