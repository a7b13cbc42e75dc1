// The dueling architecture: a state value and an advantage per action, added up to action values. Wang et al. 2016,
// arXiv:1511.06581, eq. 9.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { add, sub } from '../../tensor/ops/elementwise.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import type { Rng } from '../../tensor/random.ts'
import { collectParameters, type Module, type NamedParameters } from '../module.ts'

/**
 * Q = V + A - mean of A over the actions: features [..., inputs] → [..., actions]. With `atoms` above 1 (distributional
 * learning) the streams have an output per atom, and Q is [..., actions, atoms].
 */
export class DuelingHead implements Module {
  private readonly named: NamedParameters

  constructor(
    /** [..., inputs] → [..., atoms] */
    readonly value: Module,
    /** [..., inputs] → [..., actions · atoms] */
    readonly advantage: Module,
    readonly atoms = 1,
  ) {
    this.named = collectParameters({ value, advantage })
  }

  forward(x: Tensor, rng?: Rng): Tensor {
    const value = this.value.forward(x, rng)
    const advantage = this.advantage.forward(x, rng)
    if (this.atoms === 1) return add(value, sub(advantage, mean(advantage, -1, true)))
    const leading = advantage.dims.slice(0, -1)
    const perAction = reshape(advantage, [...leading, advantage.dims.at(-1)! / this.atoms, this.atoms])
    return add(reshape(value, [...leading, 1, this.atoms]), sub(perAction, mean(perAction, -2, true)))
  }

  parameters(): NamedParameters {
    return this.named
  }
}
