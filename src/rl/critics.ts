// Critics of actions that are vectors: Q(s, a) from observation and action together. Read next: algorithms/td3.ts.

import { MLP } from '../nn/mlp.ts'
import { type HasParameters, joinParameters, type Module, type NamedParameters } from '../nn/module.ts'
import { concat, reshape } from '../tensor/ops/layout.ts'
import type { Rng } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Critics that differ in their initial parameters. Their least value overestimates less than one (van Hasselt 2010; Fujimoto et al. 2018). */
export class Critics implements HasParameters {
  readonly networks: readonly Module[]

  /** @param layers widths from observation and action together to 1 */
  constructor(count: number, layers: readonly number[], rng: Rng) {
    this.networks = Array.from({ length: count }, () => new MLP(layers, rng))
  }

  /** Q(s, a) of each critic: [batch] each. */
  values(observations: Tensor, actions: Tensor): Tensor[] {
    return this.networks.map((network) => valuesOf(network, observations, actions))
  }

  /** Q(s, a) of the first critic: [batch]. */
  firstValues(observations: Tensor, actions: Tensor): Tensor {
    return valuesOf(this.networks[0]!, observations, actions)
  }

  parameters(): NamedParameters {
    return joinParameters(Object.fromEntries(this.networks.map((network, i) => [`${i}`, network])))
  }
}

function valuesOf(critic: Module, observations: Tensor, actions: Tensor): Tensor {
  return reshape(critic.forward(concat([observations, actions], 1)), [observations.shape[0]!])
}
