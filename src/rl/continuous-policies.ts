// Policies with vector actions, made of one network: a Gaussian squashed by tanh (SAC) or a deterministic policy (DDPG, TD3) with actions
// in [-1, 1], which `toEnvironment` scales to the bounds, or a Gaussian in the environment's units, which it clips to the bounds.
// Read next: critics.ts, algorithms/sac.ts, algorithms/td3.ts.

import { collectParameters, type HasParameters, type Module, type NamedParameters } from '../nn/module.ts'
import { noGrad } from '../tensor/autograd.ts'
import { tensor } from '../tensor/ops/create.ts'
import { clamp, tanh } from '../tensor/ops/elementwise.ts'
import { narrow } from '../tensor/ops/layout.ts'
import type { Rng } from '../tensor/random.ts'
import { scope } from '../tensor/scope.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { DiagonalGaussian } from './distributions/diagonal-gaussian.ts'
import { type Bounds, SquashedGaussian } from './distributions/squashed-gaussian.ts'
import { type Actions, type ContinuousPolicy, requireFinite } from './policy.ts'

export abstract class ContinuousAgent implements ContinuousPolicy, HasParameters {
  readonly actionSize: number

  constructor(
    readonly actor: Module,
    readonly observationSize: number,
    /** Bounds of the environment's actions. */
    readonly bounds: Bounds,
  ) {
    this.actionSize = bounds.low.length
  }

  /** Actions [batch, actionSize] for observations [batch, observationSize]: draws with `rng`, else the mode. */
  abstract choose(observations: Tensor, rng?: Rng): Tensor

  act(observation: Float32Array): Float32Array {
    requireFinite(observation)
    return this.toEnvironment(this.actBatch(observation))
  }

  sample(observation: Float32Array, rng: Rng): Float32Array {
    requireFinite(observation)
    return this.toEnvironment(this.sampleBatch(observation, rng))
  }

  actBatch(observations: Float32Array): Float32Array {
    return this.chooseBatch(observations)
  }

  sampleBatch(observations: Float32Array, rng: Rng): Float32Array {
    return this.chooseBatch(observations, rng)
  }

  /** Scales actions in [-1, 1] to the bounds. */
  toEnvironment(actions: Actions): Float32Array {
    const { low, high } = this.bounds
    return (actions as Float32Array).map((x, i) => {
      const [least, most] = [low[i % this.actionSize]!, high[i % this.actionSize]!]
      return Math.min(Math.max(least + ((x + 1) / 2) * (most - least), least), most)
    })
  }

  parameters(): NamedParameters {
    return collectParameters({ actor: this.actor })
  }

  private chooseBatch(observations: Float32Array, rng?: Rng): Float32Array {
    const shape = [observations.length / this.observationSize, this.observationSize]
    return scope(() => noGrad(() => this.choose(tensor(observations, shape), rng).toArray() as Float32Array))
  }
}

// Bounds of ln σ, as in the code of SAC's authors.
const LOG_STD_MIN = -20
const LOG_STD_MAX = 2

/** The actor's outputs are μ and ln σ of the Gaussian: [batch, 2 · actionSize]. */
export class SquashedGaussianPolicy extends ContinuousAgent {
  /** π(·|s) over [-1, 1] for observations [batch, observationSize]. */
  distribution(observations: Tensor): SquashedGaussian {
    const outputs = this.actor.forward(observations)
    const mean = narrow(outputs, 1, 0, this.actionSize)
    const logStd = clamp(narrow(outputs, 1, this.actionSize, this.actionSize), LOG_STD_MIN, LOG_STD_MAX)
    return new SquashedGaussian(mean, logStd)
  }

  choose(observations: Tensor, rng?: Rng): Tensor {
    const policy = this.distribution(observations)
    return rng === undefined ? policy.mode() : policy.sample(rng)
  }
}

/** The actor's outputs, squashed by tanh, are the actions: [batch, actionSize]. Samples have no noise. */
export class DeterministicPolicy extends ContinuousAgent {
  choose(observations: Tensor): Tensor {
    return tanh(this.actor.forward(observations))
  }
}

/** A Gaussian in the environment's units. The actor's outputs are μ and ln σ: [batch, 2 · actionSize]. */
export class GaussianPolicy extends ContinuousAgent {
  /** π(·|s), not clipped, for observations [batch, observationSize]. */
  distribution(observations: Tensor): DiagonalGaussian {
    const outputs = this.actor.forward(observations)
    const part = (start: number) => narrow(outputs, 1, start, this.actionSize)
    return new DiagonalGaussian(part(0), part(this.actionSize))
  }

  choose(observations: Tensor, rng?: Rng): Tensor {
    const policy = this.distribution(observations)
    return rng === undefined ? policy.mode() : policy.sample(rng)
  }

  override toEnvironment(actions: Actions): Float32Array {
    const { low, high } = this.bounds
    return (actions as Float32Array).map((x, i) => Math.min(Math.max(x, low[i % low.length]!), high[i % low.length]!))
  }
}
