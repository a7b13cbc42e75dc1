// Opens a device: gpu.js in one mode, checked with a first kernel.

import { DeviceError } from '../tensor/errors.ts'
import { GpuEngine } from './engine.ts'
import { type GpuMode, loadGpuJs } from './gpu-js.ts'
import { constant } from './kernels/movement.ts'
import { findMode } from './modes.ts'
import { program } from './program.ts'
import { findWebGpu, withNavigatorGpu } from './webgpu-node.ts'

/** Opens a mode; by default the best GPU. Throws a DeviceError if the mode is absent or computes wrong numbers. */
export async function openEngine(mode?: GpuMode): Promise<GpuEngine> {
  const where = await findMode(mode)
  const { GPU, WebGPUContext } = (await loadGpuJs())!
  const open = async () => {
    const engine = new GpuEngine(
      new GPU({ mode: where.mode }),
      where,
      where.mode === 'webgpu' ? () => WebGPUContext.destroy() : async () => {},
    )
    const [one] = await engine.read(engine.run(program(constant, {}, 1, 1), [], [1]), 1)
    if (one !== 1)
      throw new DeviceError(`gpu: ${where.mode} on ${where.adapter} returned ${one} from its first kernel; expected 1`)
    return engine
  }
  // gpu.js requests the device for the first kernel and keeps it.
  return where.mode === 'webgpu' ? withNavigatorGpu((await findWebGpu())!, open) : open()
}
