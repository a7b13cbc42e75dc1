// Runs WGSL kernels on a WebGPU device. Calls are recorded in a batch, which is submitted when something is read. A kernel is
// compiled at its first call and serves all sizes, which it reads from a uniform buffer.

import { DeviceError } from '../../tensor/errors.ts'
import type { Storage } from '../../tensor/storage.ts'
import { DeviceEngine, SMALLER } from '../devices/device-engine.ts'
import { onEngine } from '../devices/gpu-storage.ts'
import type { OpenMode } from '../devices/modes.ts'
import { findWebGpu, keepAlive } from '../devices/webgpu-node.ts'

const BLOCK = 256 // bytes: the alignment of uniforms, and of the sizes of buffers
const MOST_CALLS = 128 // in a batch
const MOST_KEPT = 2 ** 27 // bytes of released buffers that are kept for later results
const MOST_GROUPS = 65535 // of threads, in one dimension

interface Batch {
  readonly encoder: GPUCommandEncoder
  pass: GPUComputePassEncoder | null
  calls: number
}

export class WgslEngine extends DeviceEngine<GPUBuffer> {
  private readonly kernels = new Map<string, GPUComputePipeline>()
  private readonly uniforms: GPUBuffer // of all calls of a batch
  private readonly values = new ArrayBuffer(BLOCK * MOST_CALLS)
  private readonly kept = new Map<number, GPUBuffer[]>() // by size
  private bytesKept = 0
  private unwanted: GPUBuffer[] = [] // destroyed after the batch, which may use them
  private batch: Batch | null = null
  private failures: Promise<string | undefined>[] = [] // of the batches since the last reading

  private constructor(
    where: OpenMode,
    private readonly device: GPUDevice,
  ) {
    super(where)
    this.uniforms = device.createBuffer({
      size: BLOCK * MOST_CALLS,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    })
    this.watch({ device })
  }

  static async open(where: OpenMode): Promise<WgslEngine> {
    const adapter = await keepAlive((await findWebGpu())!.requestAdapter({ powerPreference: 'high-performance' }))
    const { maxBufferSize, maxStorageBufferBindingSize } = adapter!.limits
    const requiredLimits = { maxBufferSize, maxStorageBufferBindingSize }
    return new WgslEngine(where, await keepAlive(adapter!.requestDevice({ requiredLimits })))
  }

  /** Runs workgroups of the kernel `name`, whose text `emit` returns. `ints`, then `floats` are its uniform struct. */
  run(
    name: string,
    emit: () => string,
    arrays: readonly Storage[],
    groups: number,
    ints: readonly number[],
    floats: readonly number[] = [],
  ): void {
    this.requireAlive()
    if (groups === 0) return
    if (4 * (ints.length + floats.length) > BLOCK) {
      throw new DeviceError(`gpu: ${name} takes ${ints.length} sizes; expected at most ${BLOCK / 4 - floats.length}`)
    }
    const buffers = arrays.map((each) => ({ buffer: onEngine(each, this).handle }))
    const batch = this.begin()
    const kernel = this.kernels.get(name) ?? this.compile(name, emit())
    const offset = batch.calls++ * BLOCK
    new Int32Array(this.values, offset).set(ints)
    new Float32Array(this.values, offset).set(floats, ints.length)
    const resources = [{ buffer: this.uniforms, offset, size: BLOCK }, ...buffers]
    const entries = resources.map((resource, binding) => ({ binding, resource }))
    batch.pass ??= batch.encoder.beginComputePass()
    batch.pass.setPipeline(kernel)
    batch.pass.setBindGroup(0, this.device.createBindGroup({ layout: kernel.getBindGroupLayout(0), entries }))
    const rows = Math.ceil(groups / MOST_GROUPS)
    batch.pass.dispatchWorkgroups(Math.ceil(groups / rows), rows)
    if (batch.calls === MOST_CALLS) this.submit()
  }

  /** A buffer for `length` numbers, whose values are undefined. */
  allocate(length: number): GPUBuffer {
    this.requireAlive()
    const size = Math.max(1, Math.ceil((4 * length) / BLOCK)) * BLOCK
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits
    const largest = Math.min(maxBufferSize, maxStorageBufferBindingSize)
    if (size > largest) {
      const where = `${this.where.mode} (${this.where.adapter})`
      throw new DeviceError(`gpu: ${length} numbers on ${where}; expected at most ${largest / 4}. ${SMALLER}`)
    }
    const known = this.kept.get(size)?.pop()
    if (known !== undefined) this.bytesKept -= size
    this.begin() // which watches for failures
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
    return known ?? this.device.createBuffer({ size, usage })
  }

  upload(values: Float32Array<ArrayBuffer>): GPUBuffer {
    // A write precedes the calls of a batch that is submitted later, which may use the same buffer.
    if (this.batch !== null && this.batch.calls > 0) this.submit()
    const buffer = this.allocate(values.length)
    this.device.queue.writeBuffer(buffer, 0, values)
    return buffer
  }

  async read(buffer: GPUBuffer, length: number): Promise<Float32Array> {
    this.readings++
    this.requireAlive()
    const batch = this.begin()
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST
    const copy = this.device.createBuffer({ size: 4 * length, usage })
    batch.pass?.end()
    batch.pass = null
    batch.encoder.copyBufferToBuffer(buffer, 0, copy, 0, 4 * length)
    this.submit()
    const failures = Promise.all(this.failures.splice(0))
    try {
      const [messages] = await keepAlive(Promise.all([failures, copy.mapAsync(GPUMapMode.READ)]))
      const message = messages.find((each) => each !== undefined)
      if (message !== undefined) throw new Error(message)
      return new Float32Array(copy.getMappedRange()).slice()
    } catch (error) {
      throw this.explained(error, 'a batch of kernels')
    } finally {
      copy.destroy()
    }
  }

  /** Keeps the buffer for later results: they are computed after the calls that use it now. */
  release(buffer: GPUBuffer): void {
    if (this.bytesKept + buffer.size > MOST_KEPT) {
      this.unwanted.push(buffer)
      return
    }
    this.bytesKept += buffer.size
    const others = this.kept.get(buffer.size)
    if (others === undefined) this.kept.set(buffer.size, [buffer])
    else others.push(buffer)
  }

  async settled(): Promise<void> {
    this.submit()
  }

  async close(): Promise<void> {
    this.submit()
    await Promise.all(this.failures)
    this.lostBecause ??= 'it was closed'
    this.device.destroy()
  }

  private compile(name: string, code: string): GPUComputePipeline {
    this.compiled++
    const module = this.device.createShaderModule({ code })
    const kernel = this.device.createComputePipeline({ layout: 'auto', compute: { module } })
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
    // Dawn aborts a process that ends before these have settled.
    const errors = keepAlive(Promise.all([this.device.popErrorScope(), this.device.popErrorScope()]))
    const message = errors.then((found) => found.find((each) => each !== null)?.message)
    this.failures.push(message.catch(() => undefined)) // a lost device has no scopes
  }
}
