// Lists and opens devices. After `await openDevice()`, tensors moved by `toDevice` and all results computed from them stay
// on the GPU until `await tensor.data()` reads them. Read next: to-device.ts, then gpujs/backend.ts.

import { scope } from '../tensor/autograd/scope.ts'
import type { Backend } from '../tensor/backends/backend.ts'
import { getBackend, installGpuBackend } from '../tensor/dispatch/select.ts'
import { DeviceError } from '../tensor/errors.ts'
import type { Device } from '../tensor/storage.ts'
import type { DeviceEngine } from './devices/device-engine.ts'
import { type GpuMode, loadGpuJs } from './devices/gpu-js.ts'
import { findMode, findModes, type Hardware, type OpenMode } from './devices/modes.ts'
import { findWebGpu, withNavigatorGpu } from './devices/webgpu-node.ts'
import { gpuBackend } from './gpujs/backend.ts'
import { GpuEngine } from './gpujs/engine.ts'
import { moveTo } from './to-device.ts'
import { wgslBackend } from './wgsl/backend.ts'
import { WgslEngine } from './wgsl/engine.ts'

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

/** Opens a mode; by default the best GPU. Throws a DeviceError if the mode is absent or computes wrong numbers. */
export async function openBackend(mode?: GpuMode): Promise<{ engine: DeviceEngine; backend: Backend }> {
  const where = await findMode(mode)
  const open = async () => {
    const opened = where.mode === 'wgsl' ? await wgsl(where) : await gpuJs(where)
    const [one] = await scope(() => ({ reading: opened.backend.fill(1, 1, 'float32').read() })).reading
    if (one === 1) return opened
    throw new DeviceError(`gpu: ${where.mode} on ${where.adapter} returned ${one} from its first kernel; expected 1`)
  }
  // gpu.js requests the device for the first kernel and keeps it.
  return where.mode === 'webgpu' ? withNavigatorGpu((await findWebGpu())!, open) : open()
}

async function wgsl(where: OpenMode) {
  const engine = await WgslEngine.open(where)
  return { engine, backend: wgslBackend(engine) }
}

async function gpuJs(where: OpenMode) {
  const { GPU, WebGPUContext } = (await loadGpuJs())!
  const release = where.mode === 'webgpu' ? () => WebGPUContext.destroy() : async () => {}
  const engine = new GpuEngine(new GPU({ mode: where.mode }), where, release)
  return { engine, backend: gpuBackend(engine) }
}
