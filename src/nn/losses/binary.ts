// Losses for yes-or-no targets, element by element. Targets are probabilities: 1 for yes, 0 for no, or between.

import { add, clamp, log, mul, neg, softplus, sub } from '../../tensor/ops/elementwise.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type ReductionOption, reduced, requireSameShape } from './reduction.ts'

export interface BinaryOptions extends ReductionOption {
  /** How much more a yes counts than a no: broadcast against the targets, such as [classes]. Default 1. */
  readonly posWeight?: Tensor
}

/** -w t ln σ(x) - (1 - t) ln(1 - σ(x)), without overflow: -ln σ(x) = softplus(-x). Any shape. */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  target: Tensor,
  { posWeight, reduction }: BinaryOptions = {},
): Tensor {
  requireSameShape('binaryCrossEntropyWithLogits', logits, target)
  const yes = mul(target, softplus(neg(logits)))
  const no = mul(sub(1, target), softplus(logits))
  return reduced(add(posWeight === undefined ? yes : mul(yes, posWeight), no), reduction)
}

/** -t ln p - (1 - t) ln(1 - p) for probabilities; logarithms below -100 count as -100. Prefer the form with logits. */
export function binaryCrossEntropy(probabilities: Tensor, target: Tensor, { reduction }: ReductionOption = {}): Tensor {
  requireSameShape('binaryCrossEntropy', probabilities, target)
  const yes = mul(target, clamp(log(probabilities), -100))
  const no = mul(sub(1, target), clamp(log(sub(1, probabilities)), -100))
  return reduced(neg(add(yes, no)), reduction)
}
