// A network as a .safetensors file for PyTorch's nn.Sequential: `0.weight` [outputs, inputs], `0.bias`, `2.weight`, …; activations take the
// odd numbers, and a softmax three: Unflatten(1, (-1, span)), Softmax(-1), Flatten().

import { type StoredTensor, storedTensor, writeSafetensors } from '../nn/files/safetensors.ts'
import { type DenseActivation, type DenseLayer, requireLayers } from './dense-layers.ts'

const modulesAfter: Record<DenseActivation, string> = { identity: 'Identity()', relu: 'ReLU()', tanh: 'Tanh()' }

/** The call of `nn.Sequential` that the state dict fits. */
export function sequentialOf(layers: readonly DenseLayer[]): string {
  const modules = layers.flatMap(({ inputs, outputs, activation, span = outputs }) => {
    const softmax = [`Unflatten(1, (-1, ${span}))`, 'Softmax(-1)', 'Flatten()']
    return [`Linear(${inputs}, ${outputs})`, ...(activation === 'softmax' ? softmax : [modulesAfter[activation]])]
  })
  return `nn.Sequential(${modules.map((each) => `nn.${each}`).join(', ')})`
}

/**
 * The state dict of `nn.Sequential(Linear, activation, Linear, …)`; its call is noted in the metadata as `network`. `metadata` is free
 * text.
 */
export function toSafetensors(
  layers: readonly DenseLayer[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  requireLayers('toSafetensors', layers)
  const tensors = new Map<string, StoredTensor>()
  let place = 0
  for (const { inputs, outputs, weight, bias, activation } of layers) {
    tensors.set(`${place}.weight`, storedTensor(weight, [outputs, inputs]))
    tensors.set(`${place}.bias`, storedTensor(bias, [outputs]))
    place += activation === 'softmax' ? 4 : 2
  }
  return writeSafetensors({ metadata: { network: sequentialOf(layers), ...metadata }, tensors })
}
