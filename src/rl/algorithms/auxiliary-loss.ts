// An auxiliary term in the loss of PPO and A2C. Distillation uses it to keep a student near its teacher (teacher-losses.ts).
// Read next: on-policy.ts, ppo.ts.

import type { Tensor } from '../../tensor/tensor.ts'
import type { ActorCritic } from '../actor-critic.ts'
import type { Saveable } from '../checkpoint.ts'
import type { DistributionWithEntropy } from '../distributions/distribution.ts'
import type { FinishedEpisode } from '../training.ts'

/** A minibatch of the learner's play. */
export interface AuxiliaryBatch {
  /** [batch, observationSize] */
  readonly observations: Tensor
  /** 1 where an action is allowed: [batch, actions]. Undefined without masks. */
  readonly masks: Tensor | undefined
  /** The current policy, with gradient. */
  readonly policy: DistributionWithEntropy
  /** ln π(a|s) of the actions taken, under the current policy: [batch]. */
  readonly logProbs: Tensor
  /** The same under the policy that acted. */
  readonly oldLogProbs: Tensor
}

export interface AuxiliaryLoss extends Saveable {
  /** Called before training. Throws a `ValueError` on an agent of another task. */
  start(agent: ActorCritic): void
  /** Called after each rollout, before its update. `step` counts environment steps. */
  afterRollout(episodes: readonly FinishedEpisode[], step: number, totalTimesteps: number): void
  /** The term added to the loss: a scalar. */
  loss(batch: AuxiliaryBatch): Tensor
}
