// Categorical distribution from logits. Masked choices have logit -∞: probability 0, no entropy, no gradient (Huang and Ontañón 2022,
// arXiv:2006.14171).

import { zeroSafeProduct } from '../../../nn/losses/kl.ts'
import { requireSameShape } from '../../../nn/losses/reduction.ts'
import type { Tensor } from '../../../tensor/autograd/tensor.ts'
import { formatShape, ShapeError, ValueError } from '../../../tensor/errors.ts'
import { tensor } from '../../../tensor/ops/create.ts'
import { exp, neg, sub, where } from '../../../tensor/ops/elementwise.ts'
import { gather } from '../../../tensor/ops/indexing.ts'
import { reshape } from '../../../tensor/ops/layout.ts'
import { constant } from '../../../tensor/ops/primitives.ts'
import { argmax, sum } from '../../../tensor/ops/reduce.ts'
import { logSoftmax } from '../../../tensor/ops/rows.ts'
import type { Rng } from '../../../tensor/random.ts'
import { sameShape } from '../../../tensor/shape.ts'
import type { DistributionWithEntropy } from './distribution.ts'

export class Categorical implements DistributionWithEntropy {
  /** ln π of every choice: [batch, actions]. */
  readonly logProbs: Tensor

  /**
   * @param logits unnormalised log-probabilities [batch, actions]
   * @param mask 1 where a choice is allowed, else 0: [batch, actions]
   *
   * Throws a `ShapeError` on other shapes, a `ValueError` if a row of the mask is all 0.
   */
  constructor(logits: Tensor, mask?: Tensor) {
    if (logits.dims.length !== 2) {
      throw new ShapeError(`Categorical: the logits are ${formatShape(logits.dims)}; expected [batch, actions]`)
    }
    this.logProbs = logSoftmax(mask === undefined ? logits : masked(logits, mask))
  }

  /** π of every choice: [batch, actions]. */
  get probs(): Tensor {
    return exp(this.logProbs)
  }

  /** ln π(action) for int32 choices [batch] → [batch]. */
  logProb(actions: Tensor): Tensor {
    const [batch] = this.logProbs.dims as [number, number]
    if (!sameShape(actions.dims, [batch])) {
      throw new ShapeError(`Categorical.logProb: the actions are ${formatShape(actions.dims)}; expected [${batch}]`)
    }
    return reshape(gather(this.logProbs, 1, reshape(actions, [batch, 1])), [batch])
  }

  /** H = -Σ π ln π, in nats: [batch]. */
  entropy(): Tensor {
    return neg(sum(zeroSafeProduct(this.probs, this.logProbs), 1))
  }

  /** KL(this ‖ other) = Σ π (ln π - ln π′), in nats: [batch]. Infinite if `other` masks an action that this one allows. */
  kl(other: Categorical): Tensor {
    requireSameShape('Categorical.kl', other.logProbs, this.logProbs)
    return sum(zeroSafeProduct(this.probs, sub(this.logProbs, other.logProbs)), 1)
  }

  /** int32 [batch], by inverse transform sampling: one uniform number for each row. */
  sample(rng: Pick<Rng, 'uniform'>): Tensor {
    const [batch, actions] = this.logProbs.dims as [number, number]
    const probs = this.probs.view()
    const drawn = new Int32Array(batch)
    for (let row = 0; row < batch; row++) {
      let left = rng.uniform()
      for (let action = 0; action < actions; action++) {
        const p = probs[row * actions + action]!
        if (p > 0) drawn[row] = action // the last possible choice, if rounding leaves a remainder
        left -= p
        if (left < 0) break
      }
    }
    return tensor(drawn)
  }

  /** int32 [batch]; the first maximum. */
  mode(): Tensor {
    return argmax(this.logProbs, 1)
  }
}

function masked(logits: Tensor, mask: Tensor): Tensor {
  if (!sameShape(mask.dims, logits.dims)) {
    throw new ShapeError(`Categorical: mask ${formatShape(mask.dims)}, logits ${formatShape(logits.dims)}; they differ`)
  }
  const [batch, actions] = logits.dims as [number, number]
  const allowed = mask.view()
  for (let row = 0; row < batch; row++) {
    if (!allowed.subarray(row * actions, (row + 1) * actions).some((each) => each !== 0)) {
      throw new ValueError(`Categorical: row ${row} of the mask allows no action; each row needs at least one 1`)
    }
  }
  return where(mask, logits, constant(logits, -Infinity))
}
