// What the driver is asked for, counted at the driver's own functions: shaders compiled, buffers or textures that are alive.
// It tells whether the backend's own accounting is right.

import type { DeviceEngine } from '../../../src/gpu/devices/device-engine.ts'

export interface DriverCounts {
  compiled: number
  /** Buffers (WebGPU) or textures (WebGL) made since the counting began and not destroyed. */
  alive: number
  /** Of those buffers; textures do not tell. */
  bytes: number
}

interface Buffer {
  readonly size: number
  destroy(): void
}

interface WebGpuDevice {
  createComputePipeline(descriptor: object): object
  createBuffer(descriptor: object): Buffer
}

interface DrawingContext {
  linkProgram(program: object): void
  createTexture(): object | null
  deleteTexture(texture: object | null): void
}

/** Counts from now on; null for gpu.js's stand-ins, which have no driver. */
export function countDriver(engine: DeviceEngine): DriverCounts | null {
  const counts: DriverCounts = { compiled: 0, alive: 0, bytes: 0 }
  const { context } = engine
  if (context?.device !== undefined) countWebGpu(context.device as unknown as WebGpuDevice, counts)
  else if (context !== null && 'linkProgram' in context) countWebGl(context as unknown as DrawingContext, counts)
  else return null
  return counts
}

function countWebGpu(device: WebGpuDevice, counts: DriverCounts): void {
  const createComputePipeline = device.createComputePipeline.bind(device)
  const createBuffer = device.createBuffer.bind(device)
  define(device, 'createComputePipeline', (descriptor) => {
    counts.compiled++
    return createComputePipeline(descriptor)
  })
  define(device, 'createBuffer', (descriptor) => {
    const buffer = createBuffer(descriptor)
    const { size } = buffer
    counts.alive++
    counts.bytes += size
    let isAlive = true
    const destroy = buffer.destroy.bind(buffer)
    define(buffer, 'destroy', () => {
      if (isAlive) {
        counts.alive--
        counts.bytes -= size
      }
      isAlive = false
      destroy()
    })
    return buffer
  })
}

function countWebGl(gl: DrawingContext, counts: DriverCounts): void {
  const linkProgram = gl.linkProgram.bind(gl)
  const createTexture = gl.createTexture.bind(gl)
  const deleteTexture = gl.deleteTexture.bind(gl)
  const known = new WeakSet<object>()
  define(gl, 'linkProgram', (program) => {
    counts.compiled++
    linkProgram(program)
  })
  define(gl, 'createTexture', () => {
    const texture = createTexture()
    if (texture !== null) known.add(texture)
    counts.alive++
    return texture
  })
  define(gl, 'deleteTexture', (texture) => {
    if (texture !== null && known.delete(texture)) counts.alive--
    deleteTexture(texture)
  })
}

/** An own property before the driver's method, which may be read-only. */
function define<T extends object, Name extends keyof T>(target: T, name: Name, value: T[Name]): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true })
}
