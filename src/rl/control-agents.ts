// Agents that give vectors within bounds, from one network: a Gaussian squeezed through tanh (SAC), or one action a state
// (DDPG, TD3). Inside, actions are in [-1, 1], so that critics and noise know no units; `toEnvironment` stretches them.
// Read next: algorithms/sac.ts, algorithms/td3.ts.

import { MLP } from '../nn/mlp.ts'
import { type HasParameters, joinParameters, type Module, type NamedParameters } from '../nn/module.ts'
import { noGrad } from '../tensor/autograd.ts'
import { tensor } from '../tensor/ops/create.ts'
import { clamp, tanh } from '../tensor/ops/elementwise.ts'
import { concat, narrow, reshape } from '../tensor/ops/layout.ts'
import type { Rng } from '../tensor/random.ts'
import { scope } from '../tensor/scope.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Agent, requireFinite } from './agent.ts'
import { type Bounds, SquashedGaussian } from './distributions/squashed-gaussian.ts'

abstract class ControlAgent implements Agent<Float32Array, Float32Array>, HasParameters {
  readonly actionSize: number

  constructor(
    readonly actor: Module,
    readonly observationSize: number,
    /** Of the environment. */
    readonly bounds: Bounds,
  ) {
    this.actionSize = bounds.low.length
  }

  /** Actions in [-1, 1] for observations [batch, observationSize]: drawn with `rng`, the best without. [batch, actionSize] */
  abstract choose(observations: Tensor, rng?: Rng): Tensor

  /** An action a row for observations that lie one after the other: in [-1, 1], row-major. */
  chooseAll(observations: Float32Array, rng?: Rng): Float32Array {
    const count = observations.length / this.observationSize
    const batch = () => tensor(observations, [count, this.observationSize])
    return scope(() => noGrad(() => this.choose(batch(), rng).toArray() as Float32Array))
  }

  act(observation: Float32Array, rng?: Rng): Float32Array {
    requireFinite(observation)
    return this.toEnvironment(this.chooseAll(observation, rng))
  }

  /** Actions in [-1, 1] stretched over the bounds. */
  toEnvironment(actions: Float32Array): Float32Array {
    const { low, high } = this.bounds
    return actions.map((x, i) => {
      const [least, most] = [low[i % this.actionSize]!, high[i % this.actionSize]!]
      return Math.min(Math.max(least + ((x + 1) / 2) * (most - least), least), most)
    })
  }

  parameters(): NamedParameters {
    return joinParameters({ actor: this.actor })
  }
}

// ln σ between these, as in the code of SAC's authors: no policy is ever certain, none so wide that tanh leaves only its ends.
const LOG_STD_MIN = -20
const LOG_STD_MAX = 2

/** The actor's outputs are μ and ln σ of the Gaussian: [batch, 2 · actionSize]. */
export class SquashedGaussianAgent extends ControlAgent {
  /** π(·|s) over [-1, 1], a row an observation. */
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

/** The actor's outputs, squeezed through tanh, are the actions: [batch, actionSize]. */
export class DeterministicAgent extends ControlAgent {
  choose(observations: Tensor): Tensor {
    return tanh(this.actor.forward(observations))
  }
}

/** Q(s, a) of a critic whose input is an observation and an action, side by side: [batch]. */
export function stateActionValues(critic: Module, observations: Tensor, actions: Tensor): Tensor {
  return reshape(critic.forward(concat([observations, actions], 1)), [observations.shape[0]!])
}

/** Two critics that start apart. The lesser of their values is the safer (van Hasselt 2010; Fujimoto et al. 2018). */
export class TwinCritics implements HasParameters {
  readonly first: MLP
  readonly second: MLP

  /** @param layers from observation and action together to 1 */
  constructor(layers: readonly number[], rng: Rng) {
    this.first = new MLP(layers, rng)
    this.second = new MLP(layers, rng)
  }

  /** Q₁(s, a) and Q₂(s, a): [batch] each. */
  values(observations: Tensor, actions: Tensor): [Tensor, Tensor] {
    return [stateActionValues(this.first, observations, actions), stateActionValues(this.second, observations, actions)]
  }

  parameters(): NamedParameters {
    return joinParameters({ first: this.first, second: this.second })
  }
}
