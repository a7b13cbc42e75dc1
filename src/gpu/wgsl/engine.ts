// Runs WGSL kernels on a WebGPU device. Calls are recorded in a batch, which is submitted when something is read. A kernel is
// compiled at its first call and serves all sizes, which are passed in a uniform buffer.

import { DeviceError } from '../../tensor/errors.ts'
import { DeviceEngine, SMALLER } from '../device-engine.ts'
import type { OpenMode } from '../modes.ts'
import { findWebGpu, keepAlive } from '../webgpu-node.ts'
import type { CommandEncoder, ComputePass, GpuBuffer, Pipeline, WebGpuDevice } from './webgpu.ts'

const UNIFORM = 64 | 8 // GPUBufferUsage.UNIFORM and COPY_DST
const STORAGE = 128 | 8 | 4 // STORAGE, COPY_DST and COPY_SRC
const READING = 1 | 8 // MAP_READ and COPY_DST

const BLOCK = 256 // bytes: the alignment of a uniform buffer, and of the sizes of buffers
const MOST_CALLS = 128 // in a batch
const MOST_KEPT = 2 ** 27 // bytes in released buffers that are kept for later results
const MOST_GROUPS = 65535 // of threads, in one dimension

/** What a kernel is called with: the integers and then the floats of its uniform struct. */
export interface Call {
  readonly ints: readonly number[]
  readonly floats?: readonly number[] | undefined
  /** Groups of threads. */
  readonly groups: number
}

interface Batch {
  readonly encoder: CommandEncoder
  pass: ComputePass | null
  calls: number
}

export class WgslEngine extends DeviceEngine<GpuBuffer> {
  private readonly kernels = new Map<string, { readonly pipeline: Pipeline; readonly layout: object }>()
  private readonly uniforms: GpuBuffer
  private readonly values = new ArrayBuffer(BLOCK * MOST_CALLS) // of the uniforms, by call
  private readonly kept = new Map<number, GpuBuffer[]>() // by size
  private bytesKept = 0
  private unwanted: GpuBuffer[] = [] // to be destroyed after the batch
  private batch: Batch | null = null
  private failures: Promise<string | undefined>[] = [] // of the batches since the last reading

  private constructor(
    where: OpenMode,
    private readonly device: WebGpuDevice,
    private readonly largest: number,
  ) {
    super(where)
    this.uniforms = device.createBuffer({ size: BLOCK * MOST_CALLS, usage: UNIFORM })
    this.watch({ device })
  }

  static async open(where: OpenMode): Promise<WgslEngine> {
    const adapter = await keepAlive((await findWebGpu())!.requestAdapter({ powerPreference: 'high-performance' }))
    const { maxBufferSize = 0, maxStorageBufferBindingSize = 0 } = adapter!.limits
    const requiredLimits = { maxBufferSize, maxStorageBufferBindingSize }
    const device = (await keepAlive(adapter!.requestDevice({ requiredLimits }))) as WebGpuDevice
    return new WgslEngine(where, device, Math.min(maxBufferSize, maxStorageBufferBindingSize))
  }

  /** Calls the kernel `name`, of the text that `emit` returns, on buffers in the order of its bindings. */
  run(name: string, emit: () => string, buffers: readonly GpuBuffer[], { ints, floats = [], groups }: Call): void {
    this.requireAlive()
    if (groups === 0) return
    if (ints.length + floats.length > BLOCK / 4) {
      throw new DeviceError(`gpu: ${name} takes ${ints.length + floats.length} sizes; expected at most ${BLOCK / 4}`)
    }
    const { pipeline, layout } = this.kernel(name, emit)
    const batch = this.begin()
    const offset = batch.calls++ * BLOCK
    new Int32Array(this.values, offset).set(ints)
    new Float32Array(this.values, offset).set(floats, ints.length)
    const resources = [{ buffer: this.uniforms, offset, size: BLOCK }, ...buffers.map((buffer) => ({ buffer }))]
    const entries = resources.map((resource, binding) => ({ binding, resource }))
    batch.pass ??= batch.encoder.beginComputePass()
    batch.pass.setPipeline(pipeline)
    batch.pass.setBindGroup(0, this.device.createBindGroup({ layout, entries }))
    const rows = Math.ceil(groups / MOST_GROUPS)
    batch.pass.dispatchWorkgroups(Math.ceil(groups / rows), rows)
    if (batch.calls === MOST_CALLS) this.submit()
  }

  /** A buffer for `length` numbers, whose values are undefined. */
  allocate(length: number): GpuBuffer {
    this.requireAlive()
    const size = Math.max(1, Math.ceil((4 * length) / BLOCK)) * BLOCK
    if (size > this.largest) {
      const { mode, adapter } = this.where
      const most = Math.floor(this.largest / 4)
      throw new DeviceError(
        `gpu: an array of ${length} numbers on ${mode} (${adapter}); expected at most ${most}. ${SMALLER}`,
      )
    }
    const known = this.kept.get(size)?.pop()
    if (known !== undefined) {
      this.bytesKept -= size
      return known
    }
    this.begin() // which reports a failure
    return this.device.createBuffer({ size, usage: STORAGE })
  }

  upload(values: Float32Array): GpuBuffer {
    if (this.batch !== null && this.batch.calls > 0) this.submit() // a write precedes the calls of the batch, which may use this buffer
    const buffer = this.allocate(values.length)
    this.device.queue.writeBuffer(buffer, 0, values)
    return buffer
  }

  async read(buffer: GpuBuffer, length: number): Promise<Float32Array> {
    this.readings++
    this.requireAlive()
    const { encoder, pass } = this.begin()
    const copy = this.device.createBuffer({ size: 4 * length, usage: READING })
    pass?.end()
    encoder.copyBufferToBuffer(buffer, 0, copy, 0, 4 * length)
    this.batch!.pass = null
    this.submit()
    const failures = this.failures.splice(0)
    try {
      const [messages] = await keepAlive(Promise.all([Promise.all(failures), copy.mapAsync(1)]))
      const message = messages.find((each) => each !== undefined)
      if (message !== undefined) throw new Error(message)
      return new Float32Array(copy.getMappedRange()).slice()
    } catch (error) {
      throw this.explained(error, 'a batch of kernels')
    } finally {
      copy.destroy()
    }
  }

  /** Keeps the buffer for a later result: calls run in order, so the batch may still use it. */
  release(buffer: GpuBuffer): void {
    const { size } = buffer
    if (this.bytesKept + size > MOST_KEPT) {
      this.unwanted.push(buffer)
      return
    }
    this.bytesKept += size
    const others = this.kept.get(size)
    if (others === undefined) this.kept.set(size, [buffer])
    else others.push(buffer)
  }

  async settled(): Promise<void> {
    this.submit()
  }

  async close(): Promise<void> {
    this.submit()
    this.lostBecause ??= 'it was closed'
    this.kernels.clear()
    this.device.destroy()
  }

  private kernel(name: string, emit: () => string) {
    const known = this.kernels.get(name)
    if (known !== undefined) return known
    this.compiled++
    this.begin() // which reports a failure
    const module = this.device.createShaderModule({ code: emit() })
    const pipeline = this.device.createComputePipeline({ layout: 'auto', compute: { module } })
    const kernel = { pipeline, layout: pipeline.getBindGroupLayout(0) }
    this.kernels.set(name, kernel)
    return kernel
  }

  private begin(): Batch {
    if (this.batch !== null) return this.batch
    this.device.pushErrorScope('validation')
    this.device.pushErrorScope('out-of-memory')
    this.batch = { encoder: this.device.createCommandEncoder(), pass: null, calls: 0 }
    return this.batch
  }

  private submit(): void {
    if (this.batch === null) return
    const { encoder, pass, calls } = this.batch
    this.batch = null
    pass?.end()
    this.device.queue.writeBuffer(this.uniforms, 0, this.values, 0, calls * BLOCK)
    this.device.queue.submit([encoder.finish()])
    for (const each of this.unwanted.splice(0)) each.destroy()
    const errors = Promise.all([this.device.popErrorScope(), this.device.popErrorScope()])
    const message = errors.then((found) => found.find((each) => each !== null)?.message)
    this.failures.push(message.catch(() => undefined)) // without the device there is nothing to pop
  }
}
