// Policies with vector actions, made of one network: a Gaussian squashed by tanh (SAC) or a deterministic policy (DDPG, TD3) with actions
// in [-1, 1], which `toEnvironment` scales to the bounds, or a Gaussian in the environment's units, which it clips to the bounds.
// Read next: critics.ts, ../actor-critic/sac.ts, ../actor-critic/td3.ts.

import { collectParameters, type HasParameters, type Module, type NamedParameters } from '../../nn/module.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { clamp, tanh } from '../../tensor/ops/elementwise.ts'
import { narrow } from '../../tensor/ops/layout.ts'
import type { Rng } from '../../tensor/random.ts'
import { DiagonalGaussian } from './distributions/diagonal-gaussian.ts'
import type { Distribution } from './distributions/distribution.ts'
import { type Bounds, fromUnit, SquashedGaussian } from './distributions/squashed-gaussian.ts'
import { type Actions, type GaussianOutputs, type Policy, requireFinite } from './policy.ts'

/** Chooses vectors of `actionSize` numbers by the outputs of one network. */
export abstract class VectorAgent<Vector extends Actions> implements Policy<Vector, Vector>, HasParameters {
  private named: NamedParameters | undefined

  constructor(
    readonly actor: Module,
    readonly observationSize: number,
    readonly actionSize: number,
  ) {}

  /** π(·|s) for observations [batch, observationSize]; deterministic policies have none. */
  distribution?(observations: Tensor): Distribution
  abstract toEnvironment(actions: Actions): Vector

  /** Actions [batch, actionSize] for observations [batch, observationSize]: draws with `rng`, else the mode. */
  choose(observations: Tensor, rng?: Rng): Tensor {
    const policy = this.distribution!(observations)
    return rng === undefined ? policy.mode() : policy.sample(rng)
  }

  act(observation: Float32Array): Vector {
    requireFinite(observation, this.observationSize)
    return this.toEnvironment(this.actBatch(observation))
  }

  sample(observation: Float32Array, rng: Rng): Vector {
    requireFinite(observation, this.observationSize)
    return this.toEnvironment(this.sampleBatch(observation, rng))
  }

  actBatch(observations: Float32Array): Vector {
    return this.chooseBatch(observations)
  }

  sampleBatch(observations: Float32Array, rng: Rng): Vector {
    return this.chooseBatch(observations, rng)
  }

  parameters(): NamedParameters {
    this.named ??= collectParameters({ actor: this.actor })
    return this.named
  }

  private chooseBatch(observations: Float32Array, rng?: Rng): Vector {
    const shape = [observations.length / this.observationSize, this.observationSize]
    return inferenceMode(() => this.choose(tensor(observations, shape), rng).toArray() as Vector)
  }
}

export abstract class ContinuousAgent extends VectorAgent<Float32Array> {
  constructor(
    actor: Module,
    observationSize: number,
    /** Bounds of the environment's actions. */
    readonly bounds: Bounds,
  ) {
    super(actor, observationSize, bounds.low.length)
  }

  abstract gaussian(observations: Tensor): GaussianOutputs

  /** Scales actions in [-1, 1] to the bounds. */
  toEnvironment(actions: Actions): Float32Array {
    return fromUnit(actions as Float32Array, this.bounds)
  }
}

// Bounds of ln σ, as in the code of SAC's authors.
const LOG_STD_MIN = -20
const LOG_STD_MAX = 2

/** The actor's outputs are μ and ln σ of the Gaussian: [batch, 2 · actionSize]. */
export class SquashedGaussianPolicy extends ContinuousAgent {
  get squashed(): boolean {
    return true
  }

  /** π(·|s) over [-1, 1] for observations [batch, observationSize]. */
  override distribution(observations: Tensor): SquashedGaussian {
    const outputs = this.actor.forward(observations)
    const mean = narrow(outputs, 1, 0, this.actionSize)
    const logStd = clamp(narrow(outputs, 1, this.actionSize, this.actionSize), LOG_STD_MIN, LOG_STD_MAX)
    return new SquashedGaussian(mean, logStd)
  }

  gaussian(observations: Tensor): GaussianOutputs {
    return this.distribution(observations).gaussian
  }
}

/** The actor's outputs, squashed by tanh, are the actions: [batch, actionSize]. Samples have no noise. */
export class DeterministicPolicy extends ContinuousAgent {
  override choose(observations: Tensor): Tensor {
    return tanh(this.actor.forward(observations))
  }

  gaussian(observations: Tensor): GaussianOutputs {
    return { mean: this.choose(observations) }
  }
}

/** A Gaussian in the environment's units. The actor's outputs are μ and ln σ: [batch, 2 · actionSize]. */
export class GaussianPolicy extends ContinuousAgent {
  /** π(·|s), not clipped, for observations [batch, observationSize]. */
  override distribution(observations: Tensor): DiagonalGaussian {
    const outputs = this.actor.forward(observations)
    const part = (start: number) => narrow(outputs, 1, start, this.actionSize)
    return new DiagonalGaussian(part(0), part(this.actionSize))
  }

  gaussian(observations: Tensor): GaussianOutputs {
    return this.distribution(observations)
  }

  override toEnvironment(actions: Actions): Float32Array {
    const { low, high } = this.bounds
    return (actions as Float32Array).map((x, i) => Math.min(Math.max(x, low[i % low.length]!), high[i % low.length]!))
  }
}
