// Reduction of a loss: the mean of its terms (the default), their sum, or none.

import { detach } from '../../tensor/autograd/autograd.ts'
import { requireLive, type Tensor } from '../../tensor/autograd/tensor.ts'
import { formatShape, ShapeError, unknownName, ValueError } from '../../tensor/errors.ts'
import { mul } from '../../tensor/ops/elementwise.ts'
import { mean, sum } from '../../tensor/ops/reduce.ts'
import { sameShape } from '../../tensor/shape.ts'

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

/** Reduces the terms of a loss. Throws a ValueError for an unknown name. */
export function reduced(terms: Tensor, reduction: Reduction = 'mean'): Tensor {
  if (!Object.hasOwn(REDUCTIONS, reduction)) {
    throw new ValueError(unknownName('reduction', String(reduction), Object.keys(REDUCTIONS)))
  }
  return REDUCTIONS[reduction](terms)
}

/** The mean of a loss over its rows [batch], each weighted by `sampleWeights` [batch] of mean 1 where given. */
export function weightedMean(terms: Tensor, sampleWeights?: Tensor): Tensor {
  return mean(sampleWeights === undefined ? terms : mul(terms, detach(sampleWeights)))
}

/** Losses do not broadcast: [batch] against [batch, 1] would silently compare every pair. */
export function requireSameShape(loss: string, prediction: Tensor, target: Tensor): void {
  for (const x of [prediction, target]) requireLive(loss, x)
  if (sameShape(prediction.dims, target.dims)) return
  throw new ShapeError(
    `${loss}: the prediction is ${formatShape(prediction.dims)}, the target ${formatShape(target.dims)}; ` +
      'they must have one shape (reshape one of them?)',
  )
}
