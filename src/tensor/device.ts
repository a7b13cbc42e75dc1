// Where tensors are computed. The CPU is always there. A GPU is opened by `await device('gpu')`; after that, tensors moved
// to it stay there, and so does whatever is computed from them, until `await tensor.data()` reads it back.
// Read next: backends/gpu/gpu-backend.ts.

import type { Backend } from './backends/backend.ts'
import { gpuBackend } from './backends/gpu/gpu-backend.ts'
import type { GpuMode } from './backends/gpu/gpu-js.ts'
import { findModes, type Hardware } from './backends/gpu/modes.ts'
import { openEngine } from './backends/gpu/open.ts'
import { cpuBackend, installGpuBackend } from './backends/select.ts'
import { DeviceError, GradientError, unknownName } from './errors.ts'
import { keepBeyondScope, type Releasable } from './scope.ts'
import { CpuStorage, type Device, type Storage } from './storage.ts'
import { Tensor } from './tensor.ts'

export type { GpuMode } from './backends/gpu/gpu-js.ts'
export type { Hardware } from './backends/gpu/modes.ts'

/** A place to compute, as `devices()` lists it. */
export interface DeviceInfo {
  readonly device: Device
  /** The kernels' language: a mode of gpu.js, or the CPU backend `wasm` or `reference`. */
  readonly mode: GpuMode | string
  readonly available: boolean
  /** As its driver names it; for an absent one, what would have to be installed. */
  readonly adapter: string
  /** `software`: a program that imitates a GPU. `none`: no GPU at all. */
  readonly hardware: Hardware
}

/** A device that is open. */
export interface OpenDevice extends DeviceInfo {
  /** Lets a GPU go; tensors on it cannot be used afterwards. Nothing to do for the CPU. */
  close(): Promise<void>
}

let gpu: Backend | null = null

/** Everything that could compute here, present or not. */
export async function devices(): Promise<DeviceInfo[]> {
  const modes = await findModes()
  return [
    cpu(),
    ...modes.map(
      (each): DeviceInfo =>
        'adapter' in each
          ? { device: 'gpu', available: true, ...each }
          : {
              device: 'gpu',
              mode: each.mode,
              available: false,
              adapter: `absent; needs ${each.install}`,
              hardware: 'none',
            },
    ),
  ]
}

/**
 * Opens a device and says which it is. For `gpu` without a mode it is the best real one: a graphics card before a software
 * adapter. The modes `webasm` and `cpu` of gpu.js run its kernels without a GPU, for comparison, and only when asked for.
 * One GPU is open at a time. Throws a DeviceError that says what to install.
 */
export async function device(name: Device, mode?: GpuMode): Promise<OpenDevice> {
  if (name === 'cpu') return { ...cpu(), close: async () => {} }
  if (name !== 'gpu') throw new DeviceError(unknownName('device', String(name), ['cpu', 'gpu']))
  const engine = await openEngine(mode)
  gpu = gpuBackend(engine)
  installGpuBackend(gpu)
  return { device: 'gpu', available: true, ...engine.where, mode: engine.ranIn!, close: () => engine.close() }
}

/**
 * The tensor on another device: at once on the GPU, and as a promise back on the CPU. A parameter (requiresGrad) becomes a
 * parameter there. Throws a GradientError for a tensor with a history, whose gradient could not come back at once.
 */
export function toDevice(tensor: Tensor, name: 'gpu'): Tensor
export function toDevice(tensor: Tensor, name: 'cpu'): Promise<Tensor>
export function toDevice(tensor: Tensor, name: Device): Tensor | Promise<Tensor> {
  if (tensor.step !== null) {
    throw new GradientError(
      `toDevice: ${tensor} was computed from tensors that take gradients, and gradients do not flow between devices; ` +
        'move those tensors instead, or detach(tensor)',
    )
  }
  if (name === 'gpu') return toGpu(tensor)
  if (name !== 'cpu') throw new DeviceError(unknownName('device', String(name), ['cpu', 'gpu']))
  return toCpu(tensor)
}

/** A constant beside `like`: for masks and noise, which are drawn on the CPU. */
export function besides(like: Tensor, constant: Tensor): Tensor {
  return like.device === 'gpu' ? toDevice(constant, 'gpu') : constant
}

function toGpu(tensor: Tensor): Tensor {
  if (tensor.device === 'gpu') return tensor
  if (gpu === null) throw new DeviceError("toDevice: no GPU is open; call await device('gpu') first")
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

function cpu(): DeviceInfo {
  return { device: 'cpu', mode: cpuBackend(), available: true, adapter: 'this processor', hardware: 'none' }
}
