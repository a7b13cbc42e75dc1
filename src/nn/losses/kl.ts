// The Kullback-Leibler divergence between categorical distributions, in nats. Kullback and Leibler 1951. It is no
// distance: KL(P || Q) asks Q to cover all that P does, KL(Q || P) asks Q to do nothing that P does not.

import { exp, sub } from '../../tensor/ops/elementwise.ts'
import { sum } from '../../tensor/ops/reduce.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type ReductionOption, reduced, requireSameShape } from './reduction.ts'
import { zeroSafeProduct } from './zero-safe.ts'

/**
 * KL(P || Q) = Σ p (ln p - ln q) over the last axis, one number a row, then reduced over the rows. Both arguments are
 * log-probabilities [..., classes], and gradients flow to both: with a detached teacher, `klDivergence(teacher, student)` is the
 * forward and `klDivergence(student, teacher)` the reverse divergence. Where p is 0 the term is 0, whatever q is.
 */
export function klDivergence(logP: Tensor, logQ: Tensor, { reduction }: ReductionOption = {}): Tensor {
  return reduced(sum(klDivergences(logP, logQ), -1), reduction)
}

/** The terms p (ln p - ln q) of `klDivergence`, in the shape of its arguments. */
export function klDivergences(logP: Tensor, logQ: Tensor): Tensor {
  requireSameShape('klDivergence', logQ, logP)
  return zeroSafeProduct(exp(logP), sub(logP, logQ))
}
