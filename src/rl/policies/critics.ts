// Critics: Q(s, a) for vector actions, and V(s) from a student's state values.

import { collectParameters, type HasParameters, type Module, type NamedParameters } from '../../nn/module.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { concat, reshape } from '../../tensor/ops/layout.ts'
import type { StateValued } from './lookahead.ts'

/** Critics with different initial parameters. Their minimum reduces overestimation (van Hasselt 2010; Fujimoto et al. 2018). */
export class Critics implements HasParameters {
  readonly networks: readonly Module[]
  private readonly named: NamedParameters

  /** @param make makes one critic: [batch, observationSize + actionSize] → [batch, 1] */
  constructor(count: number, make: () => Module) {
    this.networks = Array.from({ length: count }, make)
    this.named = collectParameters(Object.fromEntries(this.networks.entries()))
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
    return this.named
  }
}

/**
 * State values as the critic of `ppo` and `a2c`: `ppo(env, { critic: criticFrom(student) })`. [batch, observationSize] → [batch, 1], in the
 * units of the returns. Training changes the student's parameters; copy them first (`saveParameters`) to keep the student.
 */
export function criticFrom(values: Pick<StateValued, 'stateValues'> & HasParameters): Module {
  return {
    forward: (observations) => reshape(values.stateValues(observations), [observations.shape[0]!, 1]),
    parameters: () => values.parameters(),
  }
}

function valuesOf(critic: Module, observations: Tensor, actions: Tensor): Tensor {
  return reshape(critic.forward(concat([observations, actions], 1)), [observations.shape[0]!])
}
