// Opens a device, checked with a first kernel: gpu.js in one mode, or WebGPU for kernels in WGSL.

import { scope } from '../tensor/autograd/scope.ts'
import type { Backend } from '../tensor/backends/backend.ts'
import { DeviceError } from '../tensor/errors.ts'
import type { DeviceEngine } from './devices/device-engine.ts'
import { type GpuMode, loadGpuJs } from './devices/gpu-js.ts'
import { findMode, type OpenMode } from './devices/modes.ts'
import { findWebGpu, withNavigatorGpu } from './devices/webgpu-node.ts'
import { GpuEngine } from './gpujs/engine.ts'
import { gpuBackend } from './gpujs/gpu-backend.ts'
import { wgslBackend } from './wgsl/backend.ts'
import { WgslEngine } from './wgsl/engine.ts'

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
