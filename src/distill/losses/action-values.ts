// Losses for policies that learn from action values Q [batch, actions]: softmax(Q/τ) as the teacher's policy, or the student's
// own expected Q. Student outputs z [batch, actions], q = softmax(z). τ is in the units of Q. Read next: policies.ts.

import { detach } from '../../tensor/autograd.ts'
import { oneHot } from '../../tensor/ops/create.ts'
import { add, exp, mul, sub } from '../../tensor/ops/elementwise.ts'
import { argmax, sum } from '../../tensor/ops/reduce.ts'
import { logSoftmax, softmax } from '../../tensor/ops/softmax.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { meanOverStates, requireSame, requireTemperature } from './common.ts'
import { forwardKL, hardLabels, mixture } from './policies.ts'

/**
 * KL(softmax(Q/τ) ‖ softmax(z)): the teacher alone is softened, so the student's logits tend to Q/τ + const(s).
 * d/dz = (q - p) / batch.
 */
export function softKL(actionValues: Tensor, logits: Tensor, tau: number, weights?: Tensor): Tensor {
  requireTemperature('softKL', tau)
  return forwardKL(mul(actionValues, 1 / tau), logits, weights)
}

/**
 * τ² KL(softmax(Q/τ) ‖ softmax(z/τ)): both are softened, so the student's logits tend to Q + const(s). τ² keeps the
 * gradient's size as τ grows: d/dz = τ (q - p) / batch. Hinton et al. 2015, arXiv:1503.02531, section 2.
 */
export function softKLSymmetric(actionValues: Tensor, logits: Tensor, tau: number, weights?: Tensor): Tensor {
  requireTemperature('softKLSymmetric', tau)
  return mul(forwardKL(mul(actionValues, 1 / tau), mul(logits, 1 / tau), weights), tau * tau)
}

/** α · softKLSymmetric + (1 - α) · hardLabels. Hinton et al. 2015, section 2: τ² keeps their balance as τ changes. */
export function softAndHard(actionValues: Tensor, logits: Tensor, tau: number, alpha = 0.8, weights?: Tensor): Tensor {
  const soft = softKLSymmetric(actionValues, logits, tau, weights)
  return mixture(soft, hardLabels(actionValues, logits, weights), alpha)
}

/**
 * Σ q (V - Q) / scale with V = max Q: the expected loss of one step by the student's policy, in action gaps.
 * d/dz_k = q_k (Σ q Q - Q_k) / scale / batch. `entropyBonus` times the student's entropy is taken off, which keeps it from
 * being sure too early.
 */
export function regret(
  actionValues: Tensor,
  logits: Tensor,
  gapScale: number,
  weights?: Tensor,
  entropyBonus = 0,
): Tensor {
  requireTemperature('regret', gapScale)
  requireSame('regret', actionValues, logits)
  const gaps = detach(actionValues)
  const q = softmax(logits)
  const best = sum(mul(oneHot(argmax(gaps, -1), gaps.shape.at(-1)!, gaps.dtype), gaps), -1, true)
  const expected = mul(meanOverStates(sum(mul(q, sub(best, gaps)), -1), weights), 1 / gapScale)
  if (entropyBonus === 0) return expected
  const negativeEntropy = meanOverStates(sum(mul(q, logSoftmax(logits)), -1), weights)
  return add(expected, mul(negativeEntropy, entropyBonus))
}

/**
 * -(Σ q Q + τ H(q)): the teacher's action values as a critic of the student's policy, H its entropy. For each state this is
 * τ KL(q ‖ softmax(Q/τ)) - τ ln Σ e^(Q/τ), so its gradient is τ times that of `reverseKL` to softmax(Q/τ):
 * d/dz_k = q_k (Σ q Q - Q_k + τ (ln q_k + H)) / batch.
 */
export function teacherCritic(actionValues: Tensor, logits: Tensor, tau: number, weights?: Tensor): Tensor {
  requireTemperature('teacherCritic', tau)
  requireSame('teacherCritic', actionValues, logits)
  const logQ = logSoftmax(logits)
  return meanOverStates(sum(mul(exp(logQ), sub(mul(logQ, tau), detach(actionValues))), -1), weights)
}
