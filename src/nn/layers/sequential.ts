// A chain of layers, named by their index as in PyTorch's nn.Sequential. Activations count too: Linear, tanh, Linear has the
// parameters `0.weight`, `0.bias`, `2.weight`, `2.bias`.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import type { Rng } from '../../tensor/random.ts'
import type { Shape } from '../../tensor/shape.ts'
import { parametersToVector } from '../flat.ts'
import { collectParameters, type Module, type NamedParameters } from '../module.ts'

/** A module, or a function without parameters, such as `tanh`. */
export type Layer = Module | ((x: Tensor) => Tensor)

export class Sequential implements Module {
  readonly layers: readonly Layer[]
  private readonly named: NamedParameters

  constructor(...layers: readonly Layer[]) {
    this.layers = layers
    const parts = layers.flatMap((layer, i) => (typeof layer === 'function' ? [] : [[`${i}`, layer] as const]))
    this.named = collectParameters(Object.fromEntries(parts))
    parametersToVector(Object.values(this.named))
  }

  forward(x: Tensor, rng?: Rng): Tensor {
    let y = x
    for (const layer of this.layers) y = typeof layer === 'function' ? layer(y) : layer.forward(y, rng)
    return y
  }

  parameters(): NamedParameters {
    return this.named
  }
}

/** [batch, ...axes] → [batch, numbers] */
export function flatten(x: Tensor): Tensor {
  return reshape(x, [x.dims[0]!, -1])
}

/** A network of inputs with several axes that takes them as rows too: [batch, numbers] → [batch, ...input]. */
export class Shaped implements Module {
  constructor(
    readonly network: Module,
    readonly input: Shape,
  ) {}

  forward(x: Tensor, rng?: Rng): Tensor {
    return this.network.forward(reshape(x, [x.dims[0]!, ...this.input]), rng)
  }

  parameters(): NamedParameters {
    return this.network.parameters()
  }
}
