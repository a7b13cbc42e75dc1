// A network as a .safetensors file for PyTorch's nn.Sequential: `0.weight` [outputs, inputs], `0.bias`, `2.weight`, …; activations take the
// odd numbers.

import { type StoredTensor, storedTensor, writeSafetensors } from '../nn/safetensors.ts'
import { type DenseLayer, requireLayers } from './dense-layers.ts'

/** The state dict of `nn.Sequential(Linear, activation, Linear, …)`. `metadata` is free text. */
export function toSafetensors(
  layers: readonly DenseLayer[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  requireLayers('toSafetensors', layers)
  const tensors = new Map<string, StoredTensor>()
  layers.forEach(({ inputs, outputs, weight, bias }, i) => {
    tensors.set(`${2 * i}.weight`, storedTensor(weight, [outputs, inputs]))
    tensors.set(`${2 * i}.bias`, storedTensor(bias, [outputs]))
  })
  return writeSafetensors({ metadata, tensors })
}
