// Compiles and runs kernels on one device. A kernel is compiled once for each set of sizes and cached. WebGPU is asynchronous
// and autograd is not: runs wait in one queue, in call order, and each result is a promise. In the other modes a kernel runs
// at once.

import { DeviceError } from '../../tensor/errors.ts'
import { DeviceEngine } from '../devices/device-engine.ts'
import type { DeviceArray, GpuJsInstance, GpuJsKernel, KernelArray, KernelResult } from '../devices/gpu-js.ts'
import type { OpenMode } from '../devices/modes.ts'
import { keepAlive } from '../devices/webgpu-node.ts'
import { commonFunctions } from '../kernels/functions.ts'
import { type Program, sourceAs, sourceOf } from './program.ts'

/** Numbers on the device; a plain array in gpu.js's `webasm` and `cpu` modes, which have no device memory. */
export type Numbers = DeviceArray | Float32Array

/** Numbers, or a promise of them while their kernel is queued. */
export type Handle = Numbers | Promise<Numbers>

// Sizes of the kernel cache. Each kernel holds its last result and its argument buffers.
const MOST_KERNELS = 512
const MOST_KERNELS_IN_WASM = 64 // each has its own WebAssembly memory

const MAX_TEXTURE_SIZE = 0x0d33 // WebGL's constant

export class GpuEngine extends DeviceEngine<Handle> {
  private readonly built = new Map<string, GpuJsKernel>()
  private queue: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly gpu: GpuJsInstance,
    where: OpenMode,
    private readonly releaseDevice: () => Promise<void>,
  ) {
    super(where)
  }

  /** Runs a kernel on the arrays `inputs`, then the numbers `settings`. */
  run(program: Program, inputs: readonly Handle[], settings: readonly number[] = []): Handle {
    if (this.where.mode !== 'webgpu') return this.launch(program, inputs as readonly Numbers[], settings) as Numbers
    return this.enqueue(async () => this.launch(program, await Promise.all(inputs), settings))
  }

  read(handle: Handle, length: number): Promise<Float32Array> {
    this.readings++
    if (this.where.mode === 'webgpu') return this.enqueue(async () => this.readBack(await handle, length))
    return this.readBack(handle as Numbers, length) // at once, because the scope of the numbers may be about to end
  }

  release(handle: Handle): void {
    if (handle instanceof Promise) void this.enqueue(async () => this.release(await handle)).catch(ignore)
    else if (!(handle instanceof Float32Array)) handle.delete()
  }

  /** The largest width or height of a grid of threads: on WebGL it is a texture. */
  get longestSide(): number {
    return this.context?.getParameter?.(MAX_TEXTURE_SIZE) ?? Infinity
  }

  async settled(): Promise<void> {
    await this.queue
  }

  async close(): Promise<void> {
    await this.queue
    this.lostBecause ??= 'it was closed'
    this.built.clear()
    await this.gpu.destroy()
    await this.releaseDevice()
  }

  private async readBack(numbers: Numbers, length: number): Promise<Float32Array> {
    this.requireAlive()
    if (numbers instanceof Float32Array) return numbers.slice(0, length)
    const row = this.asList(numbers, length)
    try {
      return firstRow(await row.toArray()).slice(0, length)
    } catch (error) {
      throw this.explained(error, 'reading back')
    } finally {
      row.delete()
    }
  }

  private enqueue<T>(job: () => Promise<T>): Promise<T> {
    const result = keepAlive(this.queue.then(job))
    // A failure must not stop the queue. Reading a dependent result throws it again.
    this.queue = result.then(ignore, ignore)
    return result
  }

  private launch(
    program: Program,
    inputs: readonly Numbers[],
    settings: readonly number[],
  ): Numbers | Promise<Numbers> {
    this.requireAlive()
    const failed = (error: unknown) => {
      throw this.explained(error, program.key)
    }
    try {
      const kernel = this.kernelFor(program)
      const result = kernel(...inputs, ...settings)
      if (!(result instanceof Promise)) return this.finished(program, kernel, result)
      return result.then((late) => this.finished(program, kernel, late), failed)
    } catch (error) {
      return failed(error)
    }
  }

  // The map is ordered from the least to the most recently used kernel.
  private kernelFor(program: Program): GpuJsKernel {
    const { key } = program
    const known = this.built.get(key)
    if (known !== undefined) {
      this.built.delete(key)
      this.built.set(key, known)
      return known
    }
    if (this.built.size >= (this.where.mode === 'webasm' ? MOST_KERNELS_IN_WASM : MOST_KERNELS)) {
      const [oldest, kernel] = this.built.entries().next().value!
      this.built.delete(oldest)
      kernel.destroy()
    }
    const kernel = this.build(program)
    this.built.set(key, kernel)
    return kernel
  }

  private build(program: Program): GpuJsKernel {
    this.compiled++
    const { helpers, constants, width, height } = program
    return this.gpu.createKernel(sourceOf(program), {
      output: this.shape(width, height),
      constants,
      constantTypes: Object.fromEntries(Object.keys(constants).map((name) => [name, 'Integer'])),
      functions: Object.entries({ ...commonFunctions, ...helpers }).map(([name, helper]) => ({
        source: sourceAs(name, helper),
        settings: {},
      })),
      pipeline: true,
      immutable: true,
      precision: 'single',
      tactic: 'precision', // otherwise gpu.js chooses the precision in which sizes are read
      dynamicArguments: true,
    })
  }

  // WebGPU runs a list in groups of 64 threads, and a grid in groups of 8 by 8, of which a single row would use one eighth.
  // On WebGL the rank determines the class of the result, and gpu.js recompiles a kernel for arguments of another class.
  private shape(width: number, height: number): number[] {
    return this.where.mode === 'webgpu' && height === 1 ? [width] : [width, height]
  }

  private finished(program: Program, kernel: GpuJsKernel, result: KernelResult): Numbers {
    const mode = modeOf(kernel) // gpu.js falls back to other modes silently
    if (mode !== this.where.mode) {
      throw new DeviceError(`gpu: the kernel "${program.key}" ran in mode ${mode}; expected ${this.where.mode}`)
    }
    if (this.context === null && kernel.kernel.context !== null) this.watch(kernel.kernel.context)
    if (!isDeviceArray(result)) return flat(result, program.width * program.height * program.components)
    if (program.components === 1 || this.where.mode !== 'webgpu') return result
    // WebGPU rejects results with several numbers per thread as arguments, although their layout is the same.
    const single = this.asList(result, program.width * program.height * program.components)
    result.delete()
    return single
  }

  /** A second handle of the same numbers, as a list. */
  private asList(numbers: DeviceArray, length: number): DeviceArray {
    const same = numbers.clone()
    same.output = this.shape(length, 1)
    same.componentCount = 1
    return same
  }
}

// gpu.js reports every kind of WebGL as "gpu"; the context distinguishes them.
function modeOf({ kernel }: GpuJsKernel): string {
  const { mode } = kernel.constructor
  if (mode !== 'gpu') return mode
  const isWebGl2 = typeof WebGL2RenderingContext !== 'undefined' && kernel.context instanceof WebGL2RenderingContext
  return isWebGl2 ? 'webgl2' : 'headlessgl'
}

function isDeviceArray(result: KernelResult): result is DeviceArray {
  return 'delete' in result && typeof result.delete === 'function'
}

function ignore(): void {}

function firstRow(rows: KernelArray): Float32Array {
  return rows instanceof Float32Array ? rows : firstRow(rows[0]!)
}

function flat(rows: KernelArray, length: number): Float32Array {
  if (rows instanceof Float32Array) return rows
  const list = new Float32Array(length)
  const leaves = (rows as readonly unknown[]).flat(3) as Float32Array[]
  let at = 0
  for (const leaf of leaves) {
    list.set(leaf, at)
    at += leaf.length
  }
  return list
}
