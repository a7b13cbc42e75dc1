// Moves tensors and networks to a GPU and back.

import { parametersToVector } from '../nn/flat.ts'
import { type ParameterSource, parameterList } from '../nn/module.ts'
import { keepBeyondScope, type Releasable } from '../tensor/arena.ts'
import { Tensor } from '../tensor/autograd/tensor.ts'
import type { Backend } from '../tensor/backends/backend.ts'
import { DeviceError, GradientError, unknownName } from '../tensor/errors.ts'
import { CpuStorage, type Device, type Storage } from '../tensor/storage.ts'

let gpu: Backend | null = null

/** Sets the backend that tensors move to. */
export function moveTo(backend: Backend): void {
  gpu = backend
}

/**
 * Copies a tensor to a device: at once to the GPU, as a promise to the CPU. `requiresGrad` is kept. Throws a GradientError
 * for a tensor with a history, because gradients do not flow between devices.
 *
 * A network (or any source of parameters) is moved in place, and its gradients are dropped. Create optimizers afterwards,
 * because their state is on the device of the parameters, and train on the GPU with `minimizeAsync`.
 */
export function toDevice(tensor: Tensor, device: 'gpu'): Tensor
export function toDevice(tensor: Tensor, device: 'cpu'): Promise<Tensor>
export function toDevice(network: ParameterSource, device: 'gpu'): void
export function toDevice(network: ParameterSource, device: 'cpu'): Promise<void>
export function toDevice(what: Tensor | ParameterSource, device: Device): unknown {
  if (device !== 'gpu' && device !== 'cpu') {
    throw new DeviceError(`toDevice: ${unknownName('device', String(device), ['cpu', 'gpu'])}`)
  }
  if (what instanceof Tensor) {
    requireLeaf(what)
    return device === 'gpu' ? toGpu(what) : toCpu(what)
  }
  const parameters = parameterList(what)
  if (device === 'cpu') return bringBack(parameters)
  for (const each of parameters) replace(each, toGpu(asParameter(each)))
  return undefined
}

function requireLeaf(tensor: Tensor): void {
  if (tensor.step === null) return
  throw new GradientError(
    `toDevice: ${tensor} was computed from tensors with requiresGrad, and gradients do not flow between devices; ` +
      'move those tensors instead, or detach(tensor)',
  )
}

function toGpu(tensor: Tensor): Tensor {
  if (tensor.device === 'gpu') return tensor
  if (gpu === null) throw new DeviceError('toDevice: no GPU is open; call await openDevice() first')
  const moved = new Tensor(tensor.dims, gpu.upload(tensor.view()), tensor.requiresGrad)
  if (tensor.requiresGrad) {
    // The gradient keeps one place, because dropped device memory waits for the garbage collector.
    moved.gradHome = gpu.fill(tensor.size, 0, moved.dtype)
    for (const storage of [moved.storage, moved.gradHome]) keepBeyondScope(storage as Storage & Releasable)
  }
  return moved
}

async function toCpu(tensor: Tensor): Promise<Tensor> {
  if (tensor.device === 'cpu') return tensor
  return new Tensor(tensor.dims, CpuStorage.onHeap(await tensor.data()), tensor.requiresGrad)
}

async function bringBack(parameters: readonly Tensor[]): Promise<void> {
  const moved = await Promise.all(parameters.map((each) => toCpu(asParameter(each))))
  parameters.forEach((each, i) => {
    replace(each, moved[i]!)
  })
  parametersToVector(parameters)
}

// Only tensors with requiresGrad outlive the scope they are moved in; a frozen parameter must as well.
function asParameter(tensor: Tensor): Tensor {
  return new Tensor(tensor.dims, tensor.storage, true)
}

function replace(tensor: Tensor, moved: Tensor): void {
  tensor.storage = moved.storage
  tensor.grad = null
  tensor.gradHome = moved.gradHome
}
