// Batches of distributions over actions.

import type { Tensor } from '../../../tensor/autograd/tensor.ts'
import type { Rng } from '../../../tensor/random.ts'

export interface Distribution {
  /** ln π(action): [batch]. Actions are int32 choices [batch], or vectors [batch, actionSize]. */
  logProb(actions: Tensor): Tensor
  /** Draws an action for each row. */
  sample(rng: Rng): Tensor
  /** The most likely action of each row. */
  mode(): Tensor
}

/** Distributions whose entropy and divergence have a closed form. */
export interface DistributionWithEntropy extends Distribution {
  /** -E ln π, in nats: [batch]. */
  entropy(): Tensor
  /** KL(this ‖ other), in nats: [batch]. `other` is of the same kind. */
  kl(other: this): Tensor
}
