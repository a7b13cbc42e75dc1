// A hand on the learner's shoulder: a term added to the loss of an actor-critic while it learns from its own play. The
// learner does not know what the term is for; distillation uses it to keep a student near its teacher (kickstarting,
// proximal policy distillation). Read next: ppo.ts and a2c.ts for the two places where it is asked.

import type { Tensor } from '../../tensor/tensor.ts'
import type { ActorCritic } from '../actor-critic.ts'
import type { Saveable } from '../checkpoint.ts'
import type { DistributionWithEntropy } from '../distributions/distribution.ts'
import type { FinishedEpisode } from '../training.ts'

/** What the learner sees of a minibatch of its own play. */
export interface AuxiliaryBatch {
  /** [batch, observationSize] */
  readonly observations: Tensor
  /** 1 where a choice is allowed [batch, actions], if any are forbidden. */
  readonly masks: Tensor | undefined
  /** π now: gradients flow through it. */
  readonly policy: DistributionWithEntropy
  /** ln π(a|s) of the actions taken, now and when they were taken: [batch]. */
  readonly logProbs: Tensor
  readonly oldLogProbs: Tensor
}

export interface AuxiliaryLoss extends Saveable {
  /** Before any time is spent: throws a `ValueError` if it cannot guide this agent. */
  start(agent: ActorCritic): void
  /** After each rollout, before it is learnt from. `step` counts environment steps, of `totalTimesteps`. */
  afterRollout(episodes: readonly FinishedEpisode[], step: number, totalTimesteps: number): void
  /** Added to the loss: a scalar. */
  term(batch: AuxiliaryBatch): Tensor
}
