// The Kullback-Leibler divergence between categorical distributions, in nats. Kullback and Leibler 1951. It is not symmetric:
// minimizing KL(P ‖ Q) makes Q cover the modes of P, minimizing KL(Q ‖ P) makes it seek one of them.

import { detach } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { exp, mul, sub, where } from '../../tensor/ops/elementwise.ts'
import { sum } from '../../tensor/ops/reduce.ts'
import { type ReductionOption, reduced, requireSameShape } from './reduction.ts'

/**
 * KL(P ‖ Q) = Σ p (ln p - ln q) over the last axis, then reduced over the rows. Arguments are log-probabilities [..., classes];
 * gradients flow to both. With a detached teacher, `klDivergence(teacher, student)` is the forward and `klDivergence(student, teacher)` the
 * reverse divergence. Terms with p = 0 are 0.
 */
export function klDivergence(logP: Tensor, logQ: Tensor, { reduction }: ReductionOption = {}): Tensor {
  return reduced(sum(klDivergences(logP, logQ), -1), reduction)
}

/** The terms p (ln p - ln q) of `klDivergence`, in the shape of its arguments. */
export function klDivergences(logP: Tensor, logQ: Tensor): Tensor {
  requireSameShape('klDivergence', logQ, logP)
  return zeroSafeProduct(exp(logP), sub(logP, logQ))
}

/** p · x, but 0 with gradient 0 where p = 0, even if x is infinite or NaN there: 0 · ln 0 = 0. Both of one shape. */
export function zeroSafeProduct(p: Tensor, x: Tensor): Tensor {
  const mask = detach(p)
  return mul(p, where(mask, x, mul(mask, 0)))
}
