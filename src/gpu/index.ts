// Public names of alambic/gpu, which requires the packages gpu.js and webgpu. Read next: device.ts.

export { type DeviceInfo, devices, type OpenDevice, openDevice } from './device.ts'
export type { GpuMode } from './devices/gpu-js.ts'
export type { Hardware } from './devices/modes.ts'
export { toDevice } from './to-device.ts'
