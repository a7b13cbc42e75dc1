// Two networks side by side: the actor says what to do, the critic what will come of it. The actor's outputs are logits of
// choices, or means of a Gaussian. What an algorithm needs of either is a distribution. Sutton and Barto 2018, section 13.5.
// Read next: collect-rollout.ts for how they play, algorithms/a2c.ts for how they learn.

import { type HasParameters, joinParameters, type Module, type NamedParameters } from '../nn/module.ts'
import { noGrad } from '../tensor/autograd.ts'
import { tensor } from '../tensor/ops/create.ts'
import { reshape } from '../tensor/ops/layout.ts'
import type { Rng } from '../tensor/random.ts'
import { scope } from '../tensor/scope.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Agent, type NetworkAgent, requireFinite } from './agent.ts'
import type { Column } from './buffers/columns.ts'
import { Categorical } from './distributions/categorical.ts'
import { DiagonalGaussian } from './distributions/diagonal-gaussian.ts'
import type { DistributionWithEntropy } from './distributions/distribution.ts'

abstract class ActorCriticNetworks implements HasParameters {
  constructor(
    readonly actor: Module,
    readonly critic: Module,
    readonly observationSize: number,
  ) {}

  /** π(·|s) for observations [batch, observationSize]; `masks` [batch, actions] say which choices are allowed. */
  abstract distribution(observations: Tensor, masks?: Tensor): DistributionWithEntropy

  /** Numbers in an action vector, 0 for choices. */
  abstract readonly actionSize: number

  /** Actions as the environment takes them. */
  abstract toEnvironment(actions: Column): Column

  /** Draws an action for each of `count` observations that lie one after the other. */
  sampleActions(observations: Float32Array, count: number, rng: Rng, masks?: Float32Array): Column {
    return scope(() =>
      noGrad(() => {
        const batch = tensor(observations, [count, this.observationSize])
        const allowed = masks && tensor(masks, [count, masks.length / count])
        return this.distribution(batch, allowed).sample(rng).toArray() as Column
      }),
    )
  }

  /** V(s): [batch] */
  stateValues(observations: Tensor): Tensor {
    return reshape(this.critic.forward(observations), [observations.shape[0]!])
  }

  parameters(): NamedParameters {
    return joinParameters({ actor: this.actor, critic: this.critic })
  }

  /** Those that the policy depends on. */
  policyParameters(): NamedParameters {
    return joinParameters({ actor: this.actor })
  }

  /** For one observation: a draw from the policy with `rng`, without it the likeliest action. */
  protected choose(observation: Float32Array, rng?: Rng, mask?: ArrayLike<number>): Tensor {
    requireFinite(observation)
    return scope(() =>
      noGrad(() => {
        const masks = mask && tensor(Float32Array.from(mask), [1, mask.length])
        const policy = this.distribution(tensor(observation, [1, this.observationSize]), masks)
        return rng === undefined ? policy.mode() : policy.sample(rng)
      }),
    )
  }
}

/** Chooses among actions: the actor's outputs are logits [batch, actions]. */
export class CategoricalActorCritic extends ActorCriticNetworks implements NetworkAgent {
  readonly actionSize = 0

  constructor(
    actor: Module,
    critic: Module,
    observationSize: number,
    readonly actionCount: number,
  ) {
    super(actor, critic, observationSize)
  }

  logits(observations: Tensor): Tensor {
    return this.actor.forward(observations)
  }

  toEnvironment(actions: Column): Column {
    return actions
  }

  distribution(observations: Tensor, masks?: Tensor): Categorical {
    return new Categorical(this.logits(observations), masks)
  }

  /** `mask` [actions] is 1 where an action is allowed. */
  act(observation: Float32Array, rng?: Rng, mask?: ArrayLike<number>): number {
    return this.choose(observation, rng, mask).view()[0]!
  }
}

/** Gives vectors: the actor's outputs are the means [batch, actionSize]; ln σ is one number a dimension, for all states. */
export class GaussianActorCritic extends ActorCriticNetworks implements Agent<Float32Array, Float32Array> {
  readonly actionSize: number

  constructor(
    actor: Module,
    critic: Module,
    observationSize: number,
    /** [actionSize] */
    readonly logStd: Tensor,
    /** Of the environment. Samples may lie beyond; what `act` gives is brought back within. */
    readonly bounds: { readonly low: Float32Array; readonly high: Float32Array },
  ) {
    super(actor, critic, observationSize)
    this.actionSize = bounds.low.length
  }

  override parameters(): NamedParameters {
    return { logStd: this.logStd, ...super.parameters() }
  }

  override policyParameters(): NamedParameters {
    return { logStd: this.logStd, ...super.policyParameters() }
  }

  distribution(observations: Tensor): DiagonalGaussian {
    return new DiagonalGaussian(this.actor.forward(observations), this.logStd)
  }

  act(observation: Float32Array, rng?: Rng): Float32Array {
    return this.toEnvironment(this.choose(observation, rng).view() as Column) as Float32Array
  }

  /** Each number brought within its bounds. */
  toEnvironment(actions: Column): Column {
    const { low, high } = this.bounds
    return actions.map((x, i) => Math.min(Math.max(x, low[i % low.length]!), high[i % low.length]!)) as Column
  }
}

export type ActorCritic = CategoricalActorCritic | GaussianActorCritic
