// Regression losses. Arguments have one shape; the result is a scalar, or the terms in that shape with `reduction: 'none'`.
// Gradients flow to both arguments; detach a target that must not learn.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { abs, add, clamp, div, log, mul, square, sub } from '../../tensor/ops/elementwise.ts'
import { requirePositive } from '../checks.ts'
import { type ReductionOption, reduced, requireSameShape } from './reduction.ts'

const HALF_LN_TWO_PI = 0.9189385332046727

/** (prediction - target)². */
export function mseLoss(prediction: Tensor, target: Tensor, { reduction }: ReductionOption = {}): Tensor {
  requireSameShape('mseLoss', prediction, target)
  return reduced(square(sub(prediction, target)), reduction)
}

/** |prediction - target|; its gradient at 0 is 0. */
export function l1Loss(prediction: Tensor, target: Tensor, { reduction }: ReductionOption = {}): Tensor {
  requireSameShape('l1Loss', prediction, target)
  return reduced(abs(sub(prediction, target)), reduction)
}

export interface HuberOptions extends ReductionOption {
  /** Where the parabola becomes a line. Default 1. */
  readonly delta?: number
}

/** With d = |prediction - target|: d² / 2 up to delta, then delta (d - delta / 2). Huber 1964. */
export function huberLoss(prediction: Tensor, target: Tensor, { delta = 1, reduction }: HuberOptions = {}): Tensor {
  requireSameShape('huberLoss', prediction, target)
  requirePositive('huberLoss: delta', delta)
  return reduced(huberTerms(prediction, target, delta), reduction)
}

export interface SmoothL1Options extends ReductionOption {
  /** Where the parabola becomes a line. Default 1. */
  readonly beta?: number
}

/** `huberLoss` divided by beta: its slope is 1 at any beta. Girshick 2015, arXiv:1504.08083, eq. 3. */
export function smoothL1Loss(
  prediction: Tensor,
  target: Tensor,
  { beta = 1, reduction }: SmoothL1Options = {},
): Tensor {
  requireSameShape('smoothL1Loss', prediction, target)
  requirePositive('smoothL1Loss: beta', beta)
  return reduced(mul(huberTerms(prediction, target, beta), 1 / beta), reduction)
}

// With d = |difference| and c = min(d, δ): c (d - c / 2) is d² / 2 below δ and δ (d - δ / 2) above.
function huberTerms(prediction: Tensor, target: Tensor, delta: number): Tensor {
  const distance = abs(sub(prediction, target))
  const capped = clamp(distance, 0, delta)
  return mul(capped, sub(distance, mul(capped, 0.5)))
}

export interface GaussianNllOptions extends ReductionOption {
  /** Add the constant ln(2π) / 2. Default false. */
  readonly full?: boolean
  /** Smallest variance; no gradient flows to smaller ones. Default 1e-6. */
  readonly epsilon?: number
}

/** (ln variance + (mean - target)² / variance) / 2, for a prediction with its variance. Nix and Weigend 1994. */
export function gaussianNllLoss(
  mean: Tensor,
  target: Tensor,
  variance: Tensor,
  { full = false, epsilon = 1e-6, reduction }: GaussianNllOptions = {},
): Tensor {
  requireSameShape('gaussianNllLoss', mean, target)
  requireSameShape('gaussianNllLoss', variance, target)
  requirePositive('gaussianNllLoss: epsilon', epsilon)
  const spread = clamp(variance, epsilon)
  const terms = mul(add(log(spread), div(square(sub(mean, target)), spread)), 0.5)
  return reduced(full ? add(terms, HALF_LN_TWO_PI) : terms, reduction)
}
