// The distillation losses, as pure functions of the student's outputs. What the teacher gave is constant: no gradient
// flows into it. Every loss is a mean over the batch unless its doc says otherwise, and zero or smallest at equality.
// Student outputs: z [batch, actions], or [batch] for values; q = softmax(z). Read next: targets.ts, which prepares the labels.

import { detach } from '../tensor/autograd.ts'
import { formatShape, ShapeError, ValueError } from '../tensor/errors.ts'
import { oneHot } from '../tensor/ops/create.ts'
import { add, div, exp, log, mul, scale, square, sub } from '../tensor/ops/elementwise.ts'
import { narrow, reshape } from '../tensor/ops/layout.ts'
import { argmax, mean, sum } from '../tensor/ops/reduce.ts'
import { logSoftmax, softmax } from '../tensor/ops/softmax.ts'
import { sameShape } from '../tensor/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * H(p, q) = -Σ p log q in nats, q = softmax(logits).  d/dz = (q - p) / batch.
 * `weights` [batch], of mean 1, count some states more than others.
 */
export function softCrossEntropy(probabilities: Tensor, logits: Tensor, weights?: Tensor): Tensor {
  requireSame('softCrossEntropy', probabilities, logits)
  return weighted(scale(sum(mul(detach(probabilities), logSoftmax(logits)), -1), -1), weights)
}

/**
 * KL(p ‖ q): the forward divergence, which makes the student cover all that the teacher does.
 * d/dz = (q - p) / batch. Rusu et al. 2016, arXiv:1511.06295, eq. 3.
 */
export function forwardKL(teacherLogits: Tensor, logits: Tensor, weights?: Tensor): Tensor {
  requireSame('forwardKL', teacherLogits, logits)
  const logP = logSoftmax(detach(teacherLogits))
  return weighted(sum(mul(exp(logP), sub(logP, logSoftmax(logits))), -1), weights)
}

/** KL(q ‖ p): the reverse divergence, which makes the student settle on one of the teacher's ways. */
export function reverseKL(teacherLogits: Tensor, logits: Tensor, weights?: Tensor): Tensor {
  requireSame('reverseKL', teacherLogits, logits)
  const logQ = logSoftmax(logits)
  return weighted(sum(mul(exp(logQ), sub(logQ, logSoftmax(detach(teacherLogits)))), -1), weights)
}

/**
 * KL(softmax(Q/τ) ‖ softmax(z)): the teacher alone is softened, so the student's logits tend to Q/τ + const(s).
 * d/dz = (q - p) / batch.
 */
export function softKL(actionValues: Tensor, logits: Tensor, tau: number, weights?: Tensor): Tensor {
  requireTemperature('softKL', tau)
  return forwardKL(scale(actionValues, 1 / tau), logits, weights)
}

/**
 * τ² KL(softmax(Q/τ) ‖ softmax(z/τ)): both are softened, so the student's logits tend to Q + const(s). τ² keeps the
 * gradient's size as τ grows: d/dz = τ (q - p) / batch. Hinton et al. 2015, arXiv:1503.02531, section 2.
 */
export function softKLSymmetric(actionValues: Tensor, logits: Tensor, tau: number, weights?: Tensor): Tensor {
  requireTemperature('softKLSymmetric', tau)
  return scale(forwardKL(scale(actionValues, 1 / tau), scale(logits, 1 / tau), weights), tau * tau)
}

/** -log q of the teacher's best action: behaviour cloning.  d/dz = (q - onehot) / batch. */
export function hardLabels(teacherScores: Tensor, logits: Tensor, weights?: Tensor): Tensor {
  requireSame('hardLabels', teacherScores, logits)
  const best = oneHot(argmax(teacherScores, -1), logits.shape.at(-1)!, logits.dtype)
  return softCrossEntropy(best, logits, weights)
}

/** ½ ‖z - y‖² a state, for one value or a vector of them.  d/dz = (z - y) / batch. */
export function squaredError(targets: Tensor, outputs: Tensor, weights?: Tensor): Tensor {
  requireSame('squaredError', targets, outputs)
  const squares = square(sub(outputs, detach(targets)))
  return scale(weighted(outputs.shape.length === 1 ? squares : sum(squares, -1), weights), 0.5)
}

/**
 * -τ² Σ p log q over the states of the batch, p = softmax(u/τ), q = softmax(z/τ): which states are better than which.
 * Unchanged by z → z + c.  d/dz = τ (q - p). Cao et al. 2007 (ListNet), section 4. Throws a ShapeError on a batch of one.
 */
export function listwise(values: Tensor, outputs: Tensor, tau = 1): Tensor {
  requireTemperature('listwise', tau)
  requireSame('listwise', values, outputs)
  if (outputs.shape.length !== 1 || outputs.shape[0]! < 2) {
    throw new ShapeError(
      `listwise: outputs ${formatShape(outputs.shape)}; it ranks states, so it needs [batch] with at least 2`,
    )
  }
  const p = softmax(scale(detach(values), 1 / tau), 0)
  return scale(sum(mul(p, logSoftmax(scale(outputs, 1 / tau), 0))), -tau * tau)
}

/**
 * -Σ p log q over the states of the batch, p = softmax(y) as it stands: the recipe of one output and a softmax over the
 * states, taken literally. Kept for comparison; `listwise` is its corrected form.
 */
export function literal(values: Tensor, outputs: Tensor): Tensor {
  requireSame('literal', values, outputs)
  return scale(sum(mul(softmax(detach(values), 0), logSoftmax(outputs, 0))), -1)
}

/**
 * Categorical cross-entropy on one output divided by its own sum, as a library with a class axis of size one computes it:
 * log(z/z) = 0, so the loss is constant and its gradient exactly zero. A control that must learn nothing.
 */
export function literalKeras(values: Tensor, outputs: Tensor): Tensor {
  requireSame('literalKeras', values, outputs)
  const column = reshape(outputs, [outputs.size, 1])
  const share = reshape(div(column, sum(column, -1, true)), [outputs.size])
  return scale(sum(mul(softmax(detach(values), 0), log(share))), -1)
}

/**
 * Σ q (V - Q) / scale with V = max Q: the expected loss of one step by the student's policy, in action gaps.
 * d/dz_k = q_k (Σ q Q - Q_k) / scale / batch.
 */
export function regret(actionValues: Tensor, logits: Tensor, gapScale: number, weights?: Tensor): Tensor {
  requireTemperature('regret', gapScale)
  requireSame('regret', actionValues, logits)
  const gaps = detach(actionValues)
  const q = softmax(logits)
  const best = sum(mul(oneHot(argmax(gaps, -1), gaps.shape.at(-1)!, gaps.dtype), gaps), -1, true)
  return scale(weighted(sum(mul(q, sub(best, gaps)), -1), weights), 1 / gapScale)
}

/**
 * ½ (z_a - G)² for the one action a that was played: learning from returns that were seen, without a teacher.
 * `played` is [batch, 2 actions]: one-hot a, then G in the same place.
 */
export function playedReturns(played: Tensor, outputs: Tensor, weights?: Tensor): Tensor {
  const actions = outputs.shape.at(-1)!
  const mask = detach(narrow(played, -1, 0, actions))
  const returns = detach(narrow(played, -1, actions, actions))
  return scale(weighted(sum(square(sub(mul(mask, outputs), returns)), -1), weights), 0.5)
}

/** share · a + (1 - share) · b. Throws a ValueError unless the share is in [0, 1]. */
export function mixture(a: Tensor, b: Tensor, share: number): Tensor {
  if (!(share >= 0 && share <= 1)) throw new ValueError(`mixture: the share is ${share}; it must be from 0 to 1`)
  return add(scale(a, share), scale(b, 1 - share))
}

/** Throws a ValueError unless `tau` is a positive, finite number. */
export function requireTemperature(op: string, tau: number): void {
  if (!(tau > 0 && tau < Infinity)) {
    throw new ValueError(`${op}: the temperature is ${tau}; it must be a positive, finite number`)
  }
}

function weighted(perState: Tensor, weights: Tensor | undefined): Tensor {
  return mean(weights === undefined ? perState : mul(perState, detach(weights)))
}

function requireSame(op: string, teacher: Tensor, student: Tensor): void {
  if (sameShape(teacher.shape, student.shape)) return
  throw new ShapeError(
    `${op}: the teacher's labels are ${formatShape(teacher.shape)}, the student's outputs ${formatShape(student.shape)}; ` +
      'they must agree. A student needs one output an action (or one in all, for state values)',
  )
}
