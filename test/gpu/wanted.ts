// The modes that the suite runs in: every GPU of this machine, real or software, and gpu.js's stand-in `webasm`; or the one
// that GPU_MODE names.

import { type DeviceInfo, devices, type GpuMode } from '../../src/gpu/index.ts'

export const askedMode = process.env.GPU_MODE as GpuMode | undefined

export async function wantedModes(): Promise<(DeviceInfo & { readonly mode: GpuMode })[]> {
  return (await devices()).filter((each): each is DeviceInfo & { readonly mode: GpuMode } => {
    const { device, available, hardware, mode } = each
    if (device !== 'gpu' || !available) return false
    return askedMode === undefined ? hardware !== 'none' || mode === 'webasm' : mode === askedMode
  })
}
