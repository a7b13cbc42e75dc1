// Classification losses. Logits are [batch, classes]; a target is int32 labels [batch] or probabilities [batch, classes].
// With `reduction: 'none'` the result is one term per row. Binary losses are elementwise, on probabilities of the positive class.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { DTypeError, formatShape, ShapeError, ValueError } from '../../tensor/errors.ts'
import { onDeviceOf, tensor } from '../../tensor/ops/create.ts'
import { add, clamp, div, log, mul, neg, softplus, sub, where } from '../../tensor/ops/elementwise.ts'
import { gather, indexSelect, requireIndices } from '../../tensor/ops/indexing.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { sum } from '../../tensor/ops/reduce.ts'
import { logSoftmax } from '../../tensor/ops/rows.ts'
import { requireFraction } from '../checks.ts'
import { zeroSafeProduct } from './kl.ts'
import { type ReductionOption, reduced, requireSameShape } from './reduction.ts'

export interface NllOptions extends ReductionOption {
  /** Weight of each label, in the sum and in the divisor of the mean: [classes]. Default: all 1. */
  readonly weight?: Tensor
  /** Rows with this label are left out of the sum and of the divisor of the mean. Default: none. */
  readonly ignoreIndex?: number
}

export interface CrossEntropyOptions extends NllOptions {
  /** Probability mass spread evenly over all classes. Szegedy et al. 2016, section 7. Default 0. */
  readonly labelSmoothing?: number
}

/**
 * -Σ target · ln softmax(logits), in nats. Probabilities as the target allow neither `weight` nor `ignoreIndex`. Throws a
 * ValueError for a label outside the classes.
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { labelSmoothing = 0 } = options
  requireFraction('crossEntropy: labelSmoothing', labelSmoothing)
  const logProbs = logSoftmax(logits)
  if (target.dtype === 'int32') return labelLoss('crossEntropy', logProbs, target, labelSmoothing, options)
  if (options.weight !== undefined || options.ignoreIndex !== undefined) {
    throw new ValueError('crossEntropy: weight and ignoreIndex go with int32 labels, not with probabilities')
  }
  if (target.dims.length === 1 && logits.dims.length === 2) requireLabels('crossEntropy', logits, target)
  requireSameShape('crossEntropy', logits, target)
  const smooth = add(mul(target, 1 - labelSmoothing), labelSmoothing / logits.dims.at(-1)!)
  return reduced(neg(sum(zeroSafeProduct(smooth, logProbs), -1)), options.reduction)
}

/** -ln p of each row's label, for log-probabilities [batch, classes] and labels int32 [batch]. */
export function nllLoss(logProbs: Tensor, labels: Tensor, options: NllOptions = {}): Tensor {
  return labelLoss('nllLoss', logProbs, labels, 0, options)
}

function labelLoss(loss: string, logProbs: Tensor, labels: Tensor, smoothing: number, options: NllOptions): Tensor {
  requireLabels(loss, logProbs, labels)
  const { weight, ignoreIndex, reduction } = options
  const batch = labels.dims[0]!
  const { safe, counted } =
    ignoreIndex === undefined ? { safe: labels, counted: null } : split(labels, ignoreIndex, logProbs)
  requireIndices(`${loss}: the labels`, safe, logProbs.dims[1]!)
  const picked = reshape(gather(logProbs, 1, reshape(safe, [batch, 1])), [batch])
  const weights = weight === undefined ? null : indexSelect(weight, 0, safe)
  let terms = neg(weights === null ? picked : mul(picked, weights))
  if (smoothing > 0) {
    const all = weight === undefined ? logProbs : mul(logProbs, weight)
    terms = add(mul(terms, 1 - smoothing), mul(sum(all, -1), -smoothing / logProbs.dims[1]!))
  }
  if (counted !== null) terms = where(counted, terms, mul(counted, 0))
  const isPlain = weights === null && counted === null
  if (isPlain || (reduction ?? 'mean') !== 'mean') return reduced(terms, reduction)
  const divisors = weights === null ? counted! : counted === null ? weights : mul(weights, counted)
  return div(sum(terms), sum(divisors))
}

// Labels with 0 in place of ignored ones, and 1 for each row that counts.
function split(labels: Tensor, ignored: number, like: Tensor): { safe: Tensor; counted: Tensor } {
  const values = labels.view()
  const safe = Int32Array.from(values, (label) => (label === ignored ? 0 : label))
  const ones = Array.from(values, (label) => (label === ignored ? 0 : 1))
  return { safe: tensor(safe), counted: onDeviceOf(like, tensor(ones, labels.dims, { dtype: like.dtype })) }
}

function requireLabels(loss: string, scores: Tensor, labels: Tensor): void {
  if (labels.dtype !== 'int32') {
    throw new DTypeError(`${loss}: the labels are ${labels.dtype}; expected int32, such as an Int32Array`)
  }
  if (scores.dims.length !== 2 || labels.dims.length !== 1 || labels.dims[0] !== scores.dims[0]) {
    throw new ShapeError(
      `${loss}: scores ${formatShape(scores.dims)} and labels ${formatShape(labels.dims)} do not fit; ` +
        'expected [batch, classes] and [batch]',
    )
  }
}

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
