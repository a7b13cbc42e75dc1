// Binary classification losses, elementwise. Targets are probabilities of the positive class.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { add, clamp, log, mul, neg, softplus, sub } from '../../tensor/ops/elementwise.ts'
import { type ReductionOption, reduced, requireSameShape } from './reduction.ts'

export interface BinaryOptions extends ReductionOption {
  /** Weight of the positive class, broadcast against the targets, such as [classes]. Default 1. */
  readonly posWeight?: Tensor
}

/** -w t ln σ(x) - (1 - t) ln(1 - σ(x)), without overflow: -ln σ(x) = softplus(-x). Any shape. */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  target: Tensor,
  { posWeight, reduction }: BinaryOptions = {},
): Tensor {
  requireSameShape('binaryCrossEntropyWithLogits', logits, target)
  const positive = mul(target, softplus(neg(logits)))
  const negative = mul(sub(1, target), softplus(logits))
  return reduced(add(posWeight === undefined ? positive : mul(positive, posWeight), negative), reduction)
}

/** -t ln p - (1 - t) ln(1 - p) for probabilities; logarithms below -100 count as -100. Prefer the form with logits. */
export function binaryCrossEntropy(probabilities: Tensor, target: Tensor, { reduction }: ReductionOption = {}): Tensor {
  requireSameShape('binaryCrossEntropy', probabilities, target)
  const positive = mul(target, clamp(log(probabilities), -100))
  const negative = mul(sub(1, target), clamp(log(sub(1, probabilities)), -100))
  return reduced(neg(add(positive, negative)), reduction)
}
