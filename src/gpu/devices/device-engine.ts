// What both ways to a GPU have in common: counters, the loss of the device, and errors that explain it.

import { AlambicError, DeviceError } from '../../tensor/errors.ts'
import type { KernelContext } from './gpu-js.ts'
import type { OpenMode } from './modes.ts'

/** The fix, for error messages. */
export const SMALLER = 'Work on smaller parts, or on the CPU: await toDevice(tensor, "cpu")'

// Messages about buffers or textures beyond the adapter's limits, and of the JavaScript engine about memory.
const TOO_LARGE = /per storage buffer|larger than supported|allocation failed|out of memory|binding size/i

/** An open device; a `Handle` refers to numbers on it. */
export abstract class DeviceEngine<Handle = unknown> {
  /** The context of its kernels; null before the first. */
  context: KernelContext | null = null
  /** Counters for tests: arrays that tensors hold on the device, readings and compilations so far. */
  held = 0
  readings = 0
  compiled = 0
  protected lostBecause: string | null = null

  constructor(readonly where: OpenMode) {}

  /** Reads the first `length` numbers, after all earlier calls. */
  abstract read(handle: Handle, length: number): Promise<Float32Array>
  /** Frees device memory, after all earlier calls. */
  abstract release(handle: Handle): void
  /** Waits until all calls so far have been submitted to the device. */
  abstract settled(): Promise<void>
  /** Releases the device. Tensors on it cannot be used afterwards. */
  abstract close(): Promise<void>

  protected watch(context: KernelContext): void {
    this.context = context
    void context.device?.lost.then(({ message }) => {
      this.lostBecause ??= message === '' ? 'the device is gone' : message
    })
  }

  protected requireAlive(): void {
    if (this.context?.isContextLost?.()) this.lostBecause ??= 'the WebGL context is gone'
    if (this.lostBecause !== null) throw this.lost()
  }

  private lost(): DeviceError {
    return new DeviceError(
      `gpu: the device (${this.where.mode}, ${this.where.adapter}) was lost: ${this.lostBecause}. Its tensors are gone, those ` +
        'on the CPU are intact: call await openDevice() again and move them to it',
    )
  }

  protected explained(error: unknown, what: string): Error {
    if (error instanceof AlambicError) return error
    const message = error instanceof Error ? error.message : String(error)
    if (/device was lost|context lost/i.test(message)) this.lostBecause ??= message
    if (this.lostBecause !== null) return this.lost()
    const fix = TOO_LARGE.test(message) ? `. ${SMALLER}` : ''
    return new DeviceError(`gpu: ${what} failed on ${this.where.mode} (${this.where.adapter}): ${message}${fix}`)
  }
}
