// Losses for numbers: state values z [batch], or one number an action [batch, actions]. Each number is learned for itself,
// as a number or as a distribution over bins. Read next: rankings.ts, which compares states with each other instead.

import { huberLoss } from '../../nn/losses/regression.ts'
import { detach } from '../../tensor/autograd.ts'
import { formatShape, ShapeError } from '../../tensor/errors.ts'
import { mul, square, sub } from '../../tensor/ops/elementwise.ts'
import { narrow, reshape } from '../../tensor/ops/layout.ts'
import { sum } from '../../tensor/ops/reduce.ts'
import { logSoftmax } from '../../tensor/ops/softmax.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { meanOverStates, requireSame } from './common.ts'

/** ½ ‖z - y‖² a state, for one value or a vector of them.  d/dz = (z - y) / batch. */
export function squaredError(targets: Tensor, outputs: Tensor, weights?: Tensor): Tensor {
  requireSame('squaredError', targets, outputs)
  return mul(meanOverStates(perState(square(sub(outputs, detach(targets)))), weights), 0.5)
}

/**
 * Huber's loss of z - y, summed over a state's values: a parabola up to `delta`, a line beyond, so that a few odd labels do
 * not rule the batch.  d/dz = (z - y cut to ±delta) / batch. Huber 1964.
 */
export function huberError(targets: Tensor, outputs: Tensor, delta = 1, weights?: Tensor): Tensor {
  requireSame('huberError', targets, outputs)
  return meanOverStates(perState(huberLoss(outputs, detach(targets), { delta, reduction: 'none' })), weights)
}

/**
 * Values as distributions: -Σ p log q over `bins` bins, summed over the values of a state. Labels and logits are
 * [batch, values · bins], the bins of one value side by side, each value's labels of sum 1 (`twoHot` or `hlGauss` give them).
 * d/dz = (q - p) / batch. Farebrother et al. 2024, arXiv:2403.03950, eq. 4. Throws a ShapeError if the width is no multiple
 * of `bins`.
 */
export function binnedCrossEntropy(probabilities: Tensor, logits: Tensor, bins: number, weights?: Tensor): Tensor {
  requireSame('binnedCrossEntropy', probabilities, logits)
  const [batch, width] = logits.shape
  if (batch === undefined || width === undefined || width % bins !== 0) {
    throw new ShapeError(
      `binnedCrossEntropy: outputs ${formatShape(logits.shape)} in bins of ${bins}; expected [batch, values · ${bins}]`,
    )
  }
  const logQ = reshape(logSoftmax(reshape(logits, [-1, bins])), [batch, width])
  return mul(meanOverStates(sum(mul(detach(probabilities), logQ), -1), weights), -1)
}

/**
 * ½ (z_a - G)² for the one action a that was played: learning from returns that were seen, without a teacher.
 * `played` is [batch, 2 actions]: one-hot a, then G in the same place.
 */
export function playedReturns(played: Tensor, outputs: Tensor, weights?: Tensor): Tensor {
  const actions = outputs.shape.at(-1)!
  const mask = detach(narrow(played, -1, 0, actions))
  const returns = detach(narrow(played, -1, actions, actions))
  return mul(meanOverStates(sum(square(sub(mul(mask, outputs), returns)), -1), weights), 0.5)
}

// [batch] stays, [batch, values] is summed.
function perState(terms: Tensor): Tensor {
  return terms.shape.length === 1 ? terms : sum(terms, -1)
}
