// Critics of actions that are vectors: Q(s, a) from observation and action together. Read next: algorithms/td3.ts.

import { MLP } from '../nn/mlp.ts'
import { type HasParameters, joinParameters, type Module, type NamedParameters } from '../nn/module.ts'
import { concat, reshape } from '../tensor/ops/layout.ts'
import type { Rng } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Q(s, a) of a critic whose input is an observation and an action, concatenated: [batch]. */
export function stateActionValues(critic: Module, observations: Tensor, actions: Tensor): Tensor {
  return reshape(critic.forward(concat([observations, actions], 1)), [observations.shape[0]!])
}

/** Two critics with different initial parameters. The lesser of their values overestimates less (van Hasselt 2010; Fujimoto et al. 2018). */
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
