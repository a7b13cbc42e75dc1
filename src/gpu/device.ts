// Which devices there are. The CPU is always there. A GPU is opened by `await openDevice()`; after that, tensors moved to it
// by `toDevice` stay there, and so does whatever is computed from them, until `await tensor.data()` reads it back.
// Read next: to-device.ts, then gpu-backend.ts.

import { getBackend, installGpuBackend } from '../tensor/backends/select.ts'
import type { Device } from '../tensor/storage.ts'
import { gpuBackend } from './gpu-backend.ts'
import type { GpuMode } from './gpu-js.ts'
import { findModes, type Hardware } from './modes.ts'
import { openEngine } from './open.ts'
import { moveTo } from './to-device.ts'

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

/** A GPU that is open. */
export interface OpenDevice extends DeviceInfo {
  /** Lets the GPU go; tensors on it cannot be used afterwards. */
  close(): Promise<void>
}

/** Everything that could compute here, present or not. */
export async function devices(): Promise<DeviceInfo[]> {
  const modes = await findModes()
  return [
    { device: 'cpu', mode: getBackend(), available: true, adapter: 'this processor', hardware: 'none' },
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
 * Opens a GPU; without a mode the best real one: a graphics card before a software adapter. The modes `webasm` and `cpu` of
 * gpu.js run its kernels without a GPU, for comparison, and only when asked for. One GPU is open at a time. Throws a
 * DeviceError with the packages or drivers to install.
 */
export async function openDevice(mode?: GpuMode): Promise<OpenDevice> {
  const engine = await openEngine(mode)
  const backend = gpuBackend(engine)
  installGpuBackend(backend)
  moveTo(backend)
  return { device: 'gpu', available: true, ...engine.where, mode: engine.ranIn!, close: () => engine.close() }
}
