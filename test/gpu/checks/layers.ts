// Every layer on the GPU against itself on the CPU: output and gradients of a training pass.

import { toDevice } from '../../../src/gpu/to-device.ts'
import * as nn from '../../../src/nn/index.ts'
import { type ActivationName, activationOf, activations } from '../../../src/nn/layers/activations.ts'
import { clipGradNormOnDevice } from '../../../src/nn/optimizers/clip-grad.ts'

import { Rng, type Tensor, tensor } from '../../../src/tensor/index.ts'
import { type Check, numbers, requireClose } from './check.ts'

const BATCH = 6
const FEATURES = 5

const layers: Record<string, (rng: Rng) => nn.Module> = {
  Linear: (rng) => new nn.Linear(FEATURES, 4, rng),
  LayerNorm: () => new nn.LayerNorm(FEATURES),
  Dropout: () => new nn.Dropout(0.4),
  NoisyLinear: (rng) => new nn.NoisyLinear(FEATURES, 3, rng),
  DuelingHead: (rng) => new nn.DuelingHead(new nn.Linear(FEATURES, 1, rng), new nn.Linear(FEATURES, 4, rng)),
  'DuelingHead of atoms': (rng) =>
    new nn.DuelingHead(new nn.Linear(FEATURES, 3, rng), new nn.Linear(FEATURES, 6, rng), 3),
  ...Object.fromEntries(
    (Object.keys(activations) as ActivationName[]).map((activation) => [
      `MLP with ${activation}`,
      (rng: Rng) => new nn.MLP([FEATURES, 8, 3], rng, { activation }),
    ]),
  ),
}

/** Output, gradient of the input, gradients of the parameters. */
async function pass(module: nn.Module, x: Tensor): Promise<ArrayLike<number>[]> {
  const out = module.forward(x, new Rng(7))
  const cotangent = tensor(numbers(out.size, 3), out.shape)
  out.backward(x.device === 'gpu' ? toDevice(cotangent, 'gpu') : cotangent)
  const grads = [x, ...Object.values(module.parameters())].map((leaf) => leaf.grad!)
  return Promise.all([out, ...grads].map((each) => each.data()))
}

export const layerChecks: readonly Check[] = [
  ...Object.entries(layers).map(([name, make]) => ({
    name: `layer ${name}`,
    run: async () => {
      const x = tensor(numbers(BATCH * FEATURES), [BATCH, FEATURES], { requiresGrad: true })
      const want = await pass(make(new Rng(1)), x)
      const module = make(new Rng(1))
      toDevice(module, 'gpu')
      const got = await pass(module, toDevice(x, 'gpu'))
      for (const [i, each] of want.entries()) requireClose(got[i]!, each, `result ${i}`)
    },
  })),
  {
    name: 'layer Embedding',
    run: async () => {
      const indices = tensor([2, 0, 2, 1], [2, 2], { dtype: 'int32' })
      const embedded = async (gpu: boolean) => {
        const layer = new nn.Embedding(3, 4, new Rng(1))
        if (gpu) toDevice(layer, 'gpu')
        const out = layer.forward(indices)
        const cotangent = tensor(numbers(16), [2, 2, 4])
        out.backward(gpu ? toDevice(cotangent, 'gpu') : cotangent)
        return [await out.data(), await layer.weight.grad!.data()]
      }
      const [got, want] = [await embedded(true), await embedded(false)]
      for (const [i, each] of want.entries()) requireClose(got[i]!, each, `result ${i}`)
    },
  },
  {
    name: 'gradients clipped by their norm, on the device',
    run: async () => {
      const clipped = async (gpu: boolean) => {
        const leaf = tensor(numbers(9), [3, 3], { requiresGrad: true })
        const parameter = gpu ? toDevice(leaf, 'gpu') : leaf
        const cotangent = tensor(numbers(9, 2), [3, 3])
        const doubled = activationOf('tanh')(parameter)
        doubled.backward(gpu ? toDevice(cotangent, 'gpu') : cotangent)
        if (gpu) clipGradNormOnDevice([parameter], 0.1)
        else nn.clipGradNorm([parameter], 0.1)
        return parameter.grad!.data()
      }
      requireClose(await clipped(true), await clipped(false), 'gradient')
    },
  },
]
