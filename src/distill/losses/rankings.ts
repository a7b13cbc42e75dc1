// Losses over a batch of states, which say which states are better than which: one output z a state, [batch], and a softmax
// over the batch. Not means over states, so no state can be weighted.

import { detach } from '../../tensor/autograd.ts'
import { formatShape, ShapeError } from '../../tensor/errors.ts'
import { div, log, mul } from '../../tensor/ops/elementwise.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { sum } from '../../tensor/ops/reduce.ts'
import { logSoftmax, softmax } from '../../tensor/ops/softmax.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { requireSame, requireTemperature } from './common.ts'

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
  const p = softmax(mul(detach(values), 1 / tau), 0)
  return mul(sum(mul(p, logSoftmax(mul(outputs, 1 / tau), 0))), -tau * tau)
}

/**
 * -Σ p log q over the states of the batch, p = softmax(y) as it stands: the recipe of one output and a softmax over the
 * states, taken literally. Kept for comparison; `listwise` is its corrected form.
 */
export function literal(values: Tensor, outputs: Tensor): Tensor {
  requireSame('literal', values, outputs)
  return mul(sum(mul(softmax(detach(values), 0), logSoftmax(outputs, 0))), -1)
}

/**
 * Categorical cross-entropy on one output divided by its own sum, as a library with a class axis of size one computes it:
 * log(z/z) = 0, so the loss is constant and its gradient exactly zero. A control that must learn nothing.
 */
export function literalKeras(values: Tensor, outputs: Tensor): Tensor {
  requireSame('literalKeras', values, outputs)
  const column = reshape(outputs, [outputs.size, 1])
  const share = reshape(div(column, sum(column, -1, true)), [outputs.size])
  return mul(sum(mul(softmax(detach(values), 0), log(share))), -1)
}
