// Builds and runs kernels on one device. A kernel is built once for each set of sizes and kept. On WebGPU everything is
// asynchronous, and autograd is not: runs wait in one queue, in the order of the calls, and a result is a promise until its
// turn has come. In the other modes a kernel runs at once.

import { AlambicError, DeviceError } from '../tensor/errors.ts'
import type { DeviceArray, GpuJsInstance, GpuJsKernel, KernelArray, KernelContext, KernelResult } from './gpu-js.ts'
import { commonFunctions } from './kernels/functions.ts'
import type { OpenMode } from './modes.ts'
import { type Program, sourceAs, sourceOf } from './program.ts'
import { keepAlive } from './webgpu-node.ts'

/** Numbers on the device; plain ones in gpu.js's `webasm` and `cpu` modes, which have no device memory. */
export type Numbers = DeviceArray | Float32Array

/** Numbers that are there, or will be when the queue has come so far. */
export type Handle = Numbers | Promise<Numbers>

// Each kernel keeps its last result and its argument buffers, so there is an end to how many are kept.
const MOST_KERNELS = 512
const MOST_KERNELS_IN_WASM = 64 // each has a WebAssembly memory of its own

// What gpu.js says of a buffer or a texture beyond the adapter's limits, and the engine of memory that is not there.
const TOO_LARGE = /per storage buffer|larger than supported|allocation failed|out of memory/i

/** What to do about it. */
export const SMALLER = 'Work on smaller parts, or on the CPU: await toDevice(tensor, "cpu")'

const MAX_TEXTURE_SIZE = 0x0d33 // as WebGL names it

export class GpuEngine {
  /** The mode that the last kernel ran in, read off the kernel: gpu.js falls back to another in silence. */
  ranIn: string | null = null
  /** What its kernels have computed on; null before the first. */
  context: KernelContext | null = null
  /** Arrays that tensors hold on the device now, readings and compilations so far: for the tests that watch them. */
  held = 0
  readings = 0
  compiled = 0
  private readonly built = new Map<string, GpuJsKernel>()
  private queue: Promise<unknown> = Promise.resolve()
  private lostBecause: string | null = null

  constructor(
    private readonly gpu: GpuJsInstance,
    readonly where: OpenMode,
    private readonly letGo: () => Promise<void>,
  ) {}

  /** Runs a kernel on the numbers of `inputs`, then the plain numbers `settings`. */
  run(program: Program, inputs: readonly Handle[], settings: readonly number[] = []): Handle {
    if (this.where.mode !== 'webgpu') return this.launch(program, inputs as readonly Numbers[], settings) as Numbers
    return this.enqueue(async () => this.launch(program, await Promise.all(inputs), settings))
  }

  /** The first `length` numbers, once everything that was asked for before has run. */
  read(handle: Handle, length: number): Promise<Float32Array> {
    this.readings++
    if (this.where.mode === 'webgpu') return this.enqueue(async () => this.readBack(await handle, length))
    return this.readBack(handle as Numbers, length) // now, for a scope may be about to end
  }

  /** Gives device memory back, once everything that was asked for before has run. */
  release(handle: Handle): void {
    if (handle instanceof Float32Array) return
    if (handle instanceof Promise) void this.enqueue(async () => free(await handle)).catch(ignore)
    else free(handle)
  }

  /** The longest side of a table of threads: on WebGL it is drawn as a texture. */
  get longestSide(): number {
    return this.context?.getParameter?.(MAX_TEXTURE_SIZE) ?? Infinity
  }

  /** Waits until everything that was asked for has been handed to the device. */
  async settled(): Promise<void> {
    await this.queue
  }

  /** Destroys the kernels and lets the device go. Tensors on it cannot be used afterwards. */
  async close(): Promise<void> {
    await this.queue
    this.lostBecause ??= 'it was closed'
    this.built.clear()
    await this.gpu.destroy()
    await this.letGo()
  }

  private async readBack(numbers: Numbers, length: number): Promise<Float32Array> {
    this.requireAlive()
    if (numbers instanceof Float32Array) return numbers.slice(0, length)
    const row = this.as(numbers, [length])
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
    // A failure is met again by whoever reads what depends on it; it must not stop the queue.
    this.queue = result.then(ignore, ignore)
    return result
  }

  private launch(
    program: Program,
    inputs: readonly Numbers[],
    settings: readonly number[],
  ): Numbers | Promise<Numbers> {
    this.requireAlive()
    try {
      const kernel = this.kernelFor(program)
      const result = kernel(...inputs, ...settings)
      if (!(result instanceof Promise)) return this.finished(program, kernel, result)
      return result.then(
        (late) => this.finished(program, kernel, late),
        (error: unknown) => {
          throw this.explained(error, program.key)
        },
      )
    } catch (error) {
      throw this.explained(error, program.key)
    }
  }

  // The kernels used least recently come first in the map.
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
      tactic: 'precision', // without it, sizes are read in whatever precision gpu.js finds enough
      dynamicArguments: true,
    })
  }

  // WebGPU runs a list in groups of 64 threads and a table in groups of 8 by 8, of which a table of one row wastes seven
  // eighths. On WebGL the rank decides the class of the result, and a kernel is compiled again for arguments of another class.
  private shape(width: number, height: number): number[] {
    return this.where.mode === 'webgpu' && height === 1 ? [width] : [width, height]
  }

  private finished(program: Program, kernel: GpuJsKernel, result: KernelResult): Numbers {
    const mode = modeOf(kernel)
    this.ranIn = mode
    if (mode !== this.where.mode) {
      throw new DeviceError(`gpu: the kernel "${program.key}" ran in mode ${mode}; asked for was ${this.where.mode}`)
    }
    this.watch(kernel)
    if (!isDeviceArray(result)) return flat(result, program.width * program.height * program.components)
    if (program.components === 1 || this.where.mode !== 'webgpu') return result
    // WebGPU refuses results of several numbers a thread as arguments, though they lie there like any other.
    const single = this.as(result, [program.width * program.height * program.components])
    result.delete()
    return single
  }

  /** The same numbers as a list of `length`. */
  private as(numbers: DeviceArray, [length]: [number]): DeviceArray {
    const same = numbers.clone()
    same.output = this.shape(length, 1)
    same.componentCount = 1
    return same
  }

  private watch({ kernel }: GpuJsKernel): void {
    if (this.context !== null || kernel.context === null) return
    this.context = kernel.context
    void this.context.device?.lost.then(({ message }) => {
      this.lostBecause ??= message === '' ? 'the device is gone' : message
    })
  }

  private requireAlive(): void {
    if (this.context?.isContextLost?.()) this.lostBecause ??= 'the WebGL context is gone'
    if (this.lostBecause !== null) {
      throw new DeviceError(
        `the GPU (${this.where.mode}, ${this.where.adapter}) was lost: ${this.lostBecause}. Tensors on it are gone, those on the ` +
          'CPU are intact: call await openDevice() again and move them there',
      )
    }
  }

  private explained(error: unknown, what: string): Error {
    if (error instanceof AlambicError) return error
    const message = error instanceof Error ? error.message : String(error)
    if (/device was lost|context lost/i.test(message)) this.lostBecause ??= message
    if (this.lostBecause !== null) {
      try {
        this.requireAlive()
      } catch (lost) {
        return lost as Error
      }
    }
    const fix = TOO_LARGE.test(message) ? `. ${SMALLER}` : ''
    return new DeviceError(`gpu: ${what} failed on ${this.where.mode} (${this.where.adapter}): ${message}${fix}`)
  }
}

// gpu.js calls all of WebGL "gpu"; the drawing context tells the kinds apart.
function modeOf({ kernel }: GpuJsKernel): string {
  const { mode } = kernel.constructor
  if (mode !== 'gpu') return mode
  const isWebGl2 = typeof WebGL2RenderingContext !== 'undefined' && kernel.context instanceof WebGL2RenderingContext
  return isWebGl2 ? 'webgl2' : 'headlessgl'
}

function isDeviceArray(result: KernelResult): result is DeviceArray {
  return 'delete' in result && typeof result.delete === 'function'
}

function free(numbers: Numbers): void {
  if (!(numbers instanceof Float32Array)) numbers.delete()
}

function ignore(): void {}

function firstRow(rows: KernelArray): Float32Array {
  return rows instanceof Float32Array ? rows : firstRow(rows[0]!)
}

/** Nested rows as one list. */
function flat(rows: KernelArray, length: number): Float32Array {
  if (rows instanceof Float32Array) return rows
  const list = new Float32Array(length)
  let at = 0
  const append = (level: KernelArray): void => {
    if (level instanceof Float32Array) {
      list.set(level, at)
      at += level.length
    } else for (const each of level) append(each)
  }
  append(rows)
  return list
}
