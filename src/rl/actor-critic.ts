// An actor, whose outputs are logits of choices or means of a Gaussian, and a critic, whose output is the value of the state.
// Sutton and Barto 2018, section 13.5. Read next: collect-rollout.ts for how they play, algorithms/a2c.ts for how they learn.

import { collectParameters, type Module, type NamedParameters } from '../nn/module.ts'
import { reshape } from '../tensor/ops/layout.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { GaussianPolicy } from './continuous-policies.ts'
import { CategoricalPolicy, requireOutputs } from './discrete-policies.ts'
import { DiagonalGaussian } from './distributions/diagonal-gaussian.ts'
import type { Bounds } from './distributions/squashed-gaussian.ts'

/** Chooses among actions: the actor's outputs are logits [batch, actions]. */
export class CategoricalActorCritic extends CategoricalPolicy {
  constructor(
    readonly actor: Module,
    readonly critic: Module,
    observationSize: number,
    numActions: number,
  ) {
    super(actor, observationSize, numActions)
    requireOutputs(critic, observationSize, 1)
  }

  /** V(s): [batch] */
  override stateValues(observations: Tensor): Tensor {
    return criticValues(this.critic, observations)
  }

  override parameters(): NamedParameters {
    return collectParameters({ actor: this.actor, critic: this.critic })
  }

  /** The parameters of the policy alone. */
  policyParameters(): NamedParameters {
    return collectParameters({ actor: this.actor })
  }
}

/** Acts by vectors: the actor's outputs are the means [batch, actionSize]; ln σ is one number a dimension, for all states. */
export class GaussianActorCritic extends GaussianPolicy {
  /** @param bounds of the environment's actions. Draws may lie beyond; `toEnvironment` clips them. */
  constructor(
    actor: Module,
    readonly critic: Module,
    observationSize: number,
    /** [actionSize] */
    readonly logStd: Tensor,
    bounds: Bounds,
  ) {
    super(actor, observationSize, bounds)
    requireOutputs(actor, observationSize, this.actionSize)
    requireOutputs(critic, observationSize, 1)
  }

  override distribution(observations: Tensor): DiagonalGaussian {
    return new DiagonalGaussian(this.actor.forward(observations), this.logStd)
  }

  /** V(s): [batch] */
  stateValues(observations: Tensor): Tensor {
    return criticValues(this.critic, observations)
  }

  override parameters(): NamedParameters {
    return { logStd: this.logStd, ...collectParameters({ actor: this.actor, critic: this.critic }) }
  }

  /** The parameters of the policy alone. */
  policyParameters(): NamedParameters {
    return { logStd: this.logStd, ...super.parameters() }
  }
}

export type ActorCritic = CategoricalActorCritic | GaussianActorCritic

function criticValues(critic: Module, observations: Tensor): Tensor {
  return reshape(critic.forward(observations), [observations.shape[0]!])
}
