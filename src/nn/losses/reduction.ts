// How a loss becomes one number: the mean (default) or the sum of its terms, or none, which leaves them apart.

import { formatShape, ShapeError, unknownName, ValueError } from '../../tensor/errors.ts'
import { mean, sum } from '../../tensor/ops/reduce.ts'
import { sameShape } from '../../tensor/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'

export type Reduction = 'mean' | 'sum' | 'none'

export interface ReductionOption {
  /** Default `mean`. */
  readonly reduction?: Reduction
}

const REDUCTIONS: Readonly<Record<Reduction, (terms: Tensor) => Tensor>> = {
  mean: (terms) => mean(terms),
  sum: (terms) => sum(terms),
  none: (terms) => terms,
}

/** The terms of a loss as the caller wants them. Throws a ValueError for an unknown name. */
export function reduced(terms: Tensor, reduction: Reduction = 'mean'): Tensor {
  if (!Object.hasOwn(REDUCTIONS, reduction)) {
    throw new ValueError(unknownName('reduction', String(reduction), Object.keys(REDUCTIONS)))
  }
  return REDUCTIONS[reduction](terms)
}

/** Losses do not broadcast: [batch] against [batch, 1] would silently compare every pair. */
export function requireSameShape(loss: string, prediction: Tensor, target: Tensor): void {
  if (sameShape(prediction.shape, target.shape)) return
  throw new ShapeError(
    `${loss}: the prediction is ${formatShape(prediction.shape)}, the target ${formatShape(target.shape)}; ` +
      'they must have one shape (reshape one of them?)',
  )
}
