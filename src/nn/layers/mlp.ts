// The multi-layer perceptron: linear layers with an activation after each but the last. Read next: losses/, optimizers/.

import { formatShape, requireKnown, ValueError } from '../../tensor/errors.ts'
import type { Rng } from '../../tensor/random.ts'
import { requireRng, requireTrainable } from '../checks.ts'
import { defaultLinearInit, type Initializer } from '../init.ts'
import { type Activation, activationOf } from './activations.ts'
import { Linear, type LinearOptions } from './linear.ts'
import { type Layer, Sequential } from './sequential.ts'

export interface MlpOptions {
  /** After every layer but the last. Default `relu`. */
  readonly activation?: Activation
  /** After the last layer. Default: none. */
  readonly outputActivation?: Activation
  /** Weights of all layers. Default: PyTorch's. */
  readonly weightInit?: Initializer
  /** Weights of the last layer. Default: as the others. */
  readonly outputInit?: Initializer
  /** Biases of all layers. Default: PyTorch's. */
  readonly biasInit?: Initializer
}

/** [..., sizes[0]] → [..., sizes.at(-1)]. `new MLP([4, 64, 64, 2], rng)` has two hidden layers of 64. */
export class MLP extends Sequential {
  /** The widths from the input to the output. */
  readonly sizes: readonly number[]

  constructor(sizes: readonly number[], rng: Rng, options: MlpOptions = {}) {
    super(...layersOf(sizes, rng, options))
    this.sizes = [...sizes]
  }
}

const MLP_OPTIONS = ['activation', 'outputActivation', 'weightInit', 'outputInit', 'biasInit']

function layersOf(sizes: readonly number[], rng: Rng, options: MlpOptions): Layer[] {
  requireKnown('MLP', options, MLP_OPTIONS)
  if (!Array.isArray(sizes) || sizes.length < 2) {
    throw new ValueError(`MLP: sizes are ${JSON.stringify(sizes)}; expected at least [inputs, outputs]`)
  }
  const parameters = sizes.slice(1).reduce((sum, outputs, i) => sum + (sizes[i]! + 1) * outputs, 0)
  requireTrainable(`MLP: the sizes ${formatShape(sizes.slice(0, 20))}`, parameters)
  requireRng('MLP', rng)
  const { weightInit = defaultLinearInit, outputInit = weightInit, biasInit, outputActivation } = options
  const between = activationOf(options.activation ?? 'relu')
  const layers: Layer[] = []
  for (let i = 1; i < sizes.length; i++) {
    const last = i === sizes.length - 1
    const init: LinearOptions = { weightInit: last ? outputInit : weightInit, ...(biasInit && { biasInit }) }
    layers.push(new Linear(sizes[i - 1]!, sizes[i]!, rng, init))
    if (!last) layers.push(between)
  }
  if (outputActivation !== undefined) layers.push(activationOf(outputActivation))
  return layers
}
