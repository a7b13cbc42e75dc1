// Tensors and networks on a GPU and back.

import { parametersToVector } from '../nn/flat.ts'
import { type ParameterSource, parameterList } from '../nn/module.ts'
import { keepBeyondScope, type Releasable } from '../tensor/arena.ts'
import type { Backend } from '../tensor/backends/backend.ts'
import { DeviceError, GradientError, unknownName } from '../tensor/errors.ts'
import { CpuStorage, type Device, type Storage } from '../tensor/storage.ts'
import { Tensor } from '../tensor/tensor.ts'

let gpu: Backend | null = null

/** The backend that tensors move to from now on. */
export function moveTo(backend: Backend): void {
  gpu = backend
}

/**
 * A tensor on the other device: at once on the GPU, and as a promise back on the CPU. A parameter (requiresGrad) becomes a
 * parameter there. Throws a GradientError for a tensor with a history, whose gradient could not come back at once.
 *
 * A network (or any source of parameters) moves in place, and its gradients are dropped. Make optimizers afterwards, because
 * their state lives where the parameters do, and train on the GPU with `minimizeAsync`.
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
    `toDevice: ${tensor} was computed from tensors that take gradients, and gradients do not flow between devices; ` +
      'move those tensors instead, or detach(tensor)',
  )
}

function toGpu(tensor: Tensor): Tensor {
  if (tensor.device === 'gpu') return tensor
  if (gpu === null) throw new DeviceError('toDevice: no GPU is open; call await openDevice() first')
  const moved = new Tensor(tensor.shape, gpu.upload(tensor.view()), tensor.requiresGrad)
  if (tensor.requiresGrad) {
    // Its gradient has one place for good: device memory that is dropped waits long for the garbage collector.
    moved.gradHome = gpu.fill(tensor.size, 0, moved.dtype)
    for (const storage of [moved.storage, moved.gradHome]) keepBeyondScope(storage as Storage & Releasable)
  }
  return moved
}

async function toCpu(tensor: Tensor): Promise<Tensor> {
  if (tensor.device === 'cpu') return tensor
  return new Tensor(tensor.shape, CpuStorage.onHeap(await tensor.data()), tensor.requiresGrad)
}

async function bringBack(parameters: readonly Tensor[]): Promise<void> {
  const moved = await Promise.all(parameters.map((each) => toCpu(asParameter(each))))
  parameters.forEach((each, i) => {
    replace(each, moved[i]!)
  })
  parametersToVector(parameters)
}

// Only what takes gradients outlives the scope that it is moved in, and a frozen parameter must do so too.
function asParameter(tensor: Tensor): Tensor {
  return new Tensor(tensor.shape, tensor.storage, true)
}

function replace(tensor: Tensor, moved: Tensor): void {
  tensor.storage = moved.storage
  tensor.grad = null
  tensor.gradHome = moved.gradHome
}
