// Actor-critics: an actor with logits of choices or means of a Gaussian as outputs, and a critic with the state value as output.
// Sutton and Barto 2018, section 13.5. Read next: ../on-policy/collect-rollout.ts, ../on-policy/a2c.ts.

import { flattenSpace, packedSize } from '../../data/packing.ts'
import { MultiBinary, type MultiDiscrete } from '../../data/spaces.ts'
import { collectParameters, type Module, type NamedParameters } from '../../nn/module.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { GaussianPolicy, VectorAgent } from './continuous-policies.ts'
import { CategoricalPolicy, requireOutputs } from './discrete-policies.ts'
import { DiagonalGaussian } from './distributions/diagonal-gaussian.ts'
import { MultiCategorical } from './distributions/multi-categorical.ts'
import type { Bounds } from './distributions/squashed-gaussian.ts'
import type { Actions } from './policy.ts'

/** For discrete actions: the actor's outputs are logits [batch, actions]. */
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

  /** The parameters of the actor, without the critic. */
  policyParameters(): NamedParameters {
    return collectParameters({ actor: this.actor })
  }
}

/** For vector actions: the actor's outputs are means [batch, actionSize]; ln σ is independent of the state. */
export class GaussianActorCritic extends GaussianPolicy {
  /** @param bounds bounds of the environment's actions, to which `toEnvironment` clips */
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

  /** The parameters of actor and logStd, without the critic. */
  policyParameters(): NamedParameters {
    return { logStd: this.logStd, ...super.parameters() }
  }
}

/**
 * For MultiDiscrete and MultiBinary actions, whose entries are chosen independently. The actor's outputs are the concatenated logits of
 * the entries, as in Stable-Baselines3: [batch, Σ nvec], or [batch, n] for bits.
 */
export class FactoredActorCritic extends VectorAgent<Int32Array | Int8Array> {
  constructor(
    actor: Module,
    readonly critic: Module,
    observationSize: number,
    readonly actionSpace: MultiDiscrete | MultiBinary,
  ) {
    super(actor, observationSize, packedSize(actionSpace))
    requireOutputs(actor, observationSize, flattenSpace(actionSpace).low.length)
    requireOutputs(critic, observationSize, 1)
  }

  /** π(·|s) for observations [batch, observationSize]. */
  override distribution(observations: Tensor): MultiCategorical {
    const { actor, actionSpace } = this
    const logits = actor.forward(observations)
    if (actionSpace instanceof MultiBinary) return MultiCategorical.ofBits(logits)
    return new MultiCategorical(logits, actionSpace.nvec)
  }

  /** The actions in the array type of the space. */
  toEnvironment(actions: Actions): Int32Array | Int8Array {
    return this.actionSpace instanceof MultiBinary ? Int8Array.from(actions) : Int32Array.from(actions)
  }

  /** V(s): [batch] */
  stateValues(observations: Tensor): Tensor {
    return criticValues(this.critic, observations)
  }

  override parameters(): NamedParameters {
    return { ...this.policyParameters(), ...collectParameters({ critic: this.critic }) }
  }

  /** The parameters of the actor, without the critic. Their name tells `loadAgent` that they are not the logits of one choice. */
  policyParameters(): NamedParameters {
    return collectParameters({ factoredActor: this.actor })
  }
}

export type ActorCritic = CategoricalActorCritic | GaussianActorCritic | FactoredActorCritic

function criticValues(critic: Module, observations: Tensor): Tensor {
  return reshape(critic.forward(observations), [observations.shape[0]!])
}
