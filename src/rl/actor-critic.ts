// Actor-critics: an actor with logits of choices or means of a Gaussian as outputs, and a critic with the state value as output.
// Sutton and Barto 2018, section 13.5. Read next: collect-rollout.ts, algorithms/a2c.ts.

import { collectParameters, type HasParameters, type Module, type NamedParameters } from '../nn/module.ts'
import { noGrad } from '../tensor/autograd.ts'
import { tensor } from '../tensor/ops/create.ts'
import { reshape } from '../tensor/ops/layout.ts'
import type { Rng } from '../tensor/random.ts'
import { scope } from '../tensor/scope.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { GaussianPolicy } from './continuous-policies.ts'
import { CategoricalPolicy, requireOutputs } from './discrete-policies.ts'
import { DiagonalGaussian } from './distributions/diagonal-gaussian.ts'
import { MultiCategorical } from './distributions/multi-categorical.ts'
import type { Bounds } from './distributions/squashed-gaussian.ts'
import { flattenSpace } from './flatten.ts'
import { packedSize, unpack } from './packing.ts'
import { type Actions, type Policy, requireFinite } from './policy.ts'
import { MultiBinary, type MultiDiscrete } from './spaces.ts'

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
 * the entries, as in Stable-Baselines3: [batch, Σ counts], or [batch, n] for bits.
 */
export class FactoredActorCritic implements Policy<Int32Array | Int8Array>, HasParameters {
  readonly actionSize: number

  constructor(
    readonly actor: Module,
    readonly critic: Module,
    readonly observationSize: number,
    readonly actionSpace: MultiDiscrete | MultiBinary,
  ) {
    requireOutputs(actor, observationSize, flattenSpace(actionSpace).low.length)
    requireOutputs(critic, observationSize, 1)
    this.actionSize = packedSize(actionSpace)
  }

  /** π(·|s) for observations [batch, observationSize]; its actions are [batch, actionSize]. */
  distribution(observations: Tensor): MultiCategorical {
    const { actionSpace } = this
    const logits = this.actor.forward(observations)
    return actionSpace instanceof MultiBinary
      ? MultiCategorical.ofBits(logits)
      : new MultiCategorical(logits, actionSpace.counts)
  }

  act(observation: Float32Array): Int32Array | Int8Array {
    requireFinite(observation)
    return unpack(this.actionSpace, this.actBatch(observation), 0) as Int32Array | Int8Array
  }

  sample(observation: Float32Array, rng: Rng): Int32Array | Int8Array {
    requireFinite(observation)
    return unpack(this.actionSpace, this.sampleBatch(observation, rng), 0) as Int32Array | Int8Array
  }

  actBatch(observations: Float32Array): Int32Array {
    return this.chooseBatch(observations, (policy) => policy.mode())
  }

  sampleBatch(observations: Float32Array, rng: Rng): Int32Array {
    return this.chooseBatch(observations, (policy) => policy.sample(rng))
  }

  toEnvironment(actions: Actions): Actions {
    return actions
  }

  /** V(s): [batch] */
  stateValues(observations: Tensor): Tensor {
    return criticValues(this.critic, observations)
  }

  parameters(): NamedParameters {
    return collectParameters({ factoredActor: this.actor, critic: this.critic })
  }

  /** The parameters of the actor, without the critic. */
  policyParameters(): NamedParameters {
    return collectParameters({ factoredActor: this.actor })
  }

  private chooseBatch(observations: Float32Array, choose: (policy: MultiCategorical) => Tensor): Int32Array {
    const shape = [observations.length / this.observationSize, this.observationSize]
    return scope(() => noGrad(() => choose(this.distribution(tensor(observations, shape))).toArray() as Int32Array))
  }
}

export type ActorCritic = CategoricalActorCritic | GaussianActorCritic | FactoredActorCritic

function criticValues(critic: Module, observations: Tensor): Tensor {
  return reshape(critic.forward(observations), [observations.shape[0]!])
}
