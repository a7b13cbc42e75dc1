// A network on a GPU and back. Read next: ../tensor/device.ts.

import { toDevice } from '../tensor/device.ts'
import { Tensor } from '../tensor/tensor.ts'
import { flattenParameters } from './flat.ts'
import { type ParameterSource, parameterList } from './module.ts'

/**
 * Moves parameters, in place: at once to the GPU, and as a promise back to the CPU. Gradients are dropped. Make optimizers
 * afterwards, because their state lives where the parameters do, and train there with `minimizeAsync`.
 */
export function moveParameters(source: ParameterSource, name: 'gpu'): void
export function moveParameters(source: ParameterSource, name: 'cpu'): Promise<void>
export function moveParameters(source: ParameterSource, name: 'gpu' | 'cpu'): void | Promise<void> {
  const tensors = parameterList(source)
  if (name === 'cpu') return toCpu(tensors)
  for (const tensor of tensors) place(tensor, toDevice(asParameter(tensor), 'gpu'))
}

async function toCpu(tensors: readonly Tensor[]): Promise<void> {
  const moved = await Promise.all(tensors.map((tensor) => toDevice(asParameter(tensor), 'cpu')))
  tensors.forEach((tensor, i) => {
    place(tensor, moved[i]!)
  })
  flattenParameters(tensors)
}

// Only what takes gradients outlives the scope that it is moved in, and a frozen parameter must do so too.
function asParameter(tensor: Tensor): Tensor {
  return new Tensor(tensor.shape, tensor.storage, true)
}

function place(tensor: Tensor, moved: Tensor): void {
  tensor.storage = moved.storage
  tensor.grad = null
  tensor.gradHome = moved.gradHome // on a GPU: one place for good, so that no gradient waits for the garbage collector
}
