// Lists and opens devices. After `await openDevice()`, tensors moved by `toDevice` and all results computed from them stay
// on the GPU until `await tensor.data()` reads them. Read next: to-device.ts, then gpujs/gpu-backend.ts.

import { getBackend, installGpuBackend } from '../tensor/dispatch/select.ts'
import type { Device } from '../tensor/storage.ts'
import type { GpuMode } from './devices/gpu-js.ts'
import { findModes, type Hardware } from './devices/modes.ts'
import { openBackend } from './open.ts'
import { moveTo } from './to-device.ts'

/** An entry of `devices()`. */
export interface DeviceInfo {
  readonly device: Device
  /** `wgsl`, a mode of gpu.js, or the CPU backend `wasm` or `reference`. */
  readonly mode: GpuMode | string
  readonly available: boolean
  /** The driver's name; for an absent device, what to install. */
  readonly adapter: string
  /** `software`: a program that emulates a GPU. `none`: no GPU. */
  readonly hardware: Hardware
}

export interface OpenDevice extends DeviceInfo {
  /** Releases the GPU. Tensors on it cannot be used afterwards. */
  close(): Promise<void>
}

/** All devices, available or not, the CPU first. */
export async function devices(): Promise<DeviceInfo[]> {
  const modes = await findModes()
  return [
    { device: 'cpu', mode: getBackend(), available: true, adapter: 'this processor', hardware: 'none' },
    ...modes.map((each): DeviceInfo => {
      if ('adapter' in each) return { device: 'gpu', available: true, ...each }
      const adapter = `absent; needs ${each.install}`
      return { device: 'gpu', mode: each.mode, available: false, adapter, hardware: 'none' }
    }),
  ]
}

/**
 * Opens a GPU. Default mode: the best available, a graphics card before a software adapter. The modes `webasm` and `cpu` run
 * kernels without a GPU and must be named. One GPU is open at a time. Throws a DeviceError that names the packages or
 * drivers to install.
 */
export async function openDevice(mode?: GpuMode): Promise<OpenDevice> {
  const { engine, backend } = await openBackend(mode)
  installGpuBackend(backend)
  moveTo(backend)
  return { device: 'gpu', available: true, ...engine.where, close: () => engine.close() }
}
