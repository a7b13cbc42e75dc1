// The numbers of a tensor on the GPU. Shapes are known at once; the numbers are computed asynchronously and stay on the
// device until `read`. Device memory is freed at the end of its scope; outside any scope, when the storage is collected.

import { type Releasable, releaseAtScopeEnd } from '../../tensor/arena.ts'
import { DeviceError, DTypeError, ScopeError } from '../../tensor/errors.ts'
import type { DType, Storage, TypedArray } from '../../tensor/storage.ts'
import type { DeviceEngine } from './device-engine.ts'

/** Separate from the storage, so that the handle can be released after the storage was collected. */
interface Held<Handle> {
  readonly engine: DeviceEngine<Handle>
  handle: Handle | null
}

const collected = /* @__PURE__ */ new FinalizationRegistry<Held<unknown>>((held) => release(held))

export class GpuStorage<Handle = unknown> implements Storage, Releasable {
  readonly device = 'gpu'
  private readonly held: Held<Handle>

  constructor(
    readonly engine: DeviceEngine<Handle>,
    handle: Handle,
    readonly dtype: DType,
    readonly length: number,
  ) {
    this.held = { engine, handle }
    engine.held++
    releaseAtScopeEnd(this)
    collected.register(this, this.held, this.held)
  }

  /** Throws a ScopeError if the scope that owned these numbers has ended. */
  get handle(): Handle {
    if (this.held.handle === null) {
      throw new ScopeError(
        'a tensor on the GPU was used after its scope ended, which freed its numbers. ' +
          'Return it from the scope, or start reading it inside: const values = tensor.data()',
      )
    }
    return this.held.handle
  }

  /** Replaces the numbers and frees the old ones. */
  replace(handle: Handle): void {
    const before = this.handle
    this.held.handle = handle
    this.engine.release(before)
  }

  async read(): Promise<TypedArray> {
    const values = this.length === 0 ? new Float32Array(0) : await this.engine.read(this.handle, this.length)
    return this.dtype === 'int32' ? Int32Array.from(values) : values
  }

  release(): void {
    collected.unregister(this.held)
    release(this.held)
  }
}

function release(held: Held<unknown>): void {
  if (held.handle === null) return
  held.engine.release(held.handle)
  held.engine.held--
  held.handle = null
}

/** Throws a DeviceError for a storage of another device. */
export function onEngine<Handle>(storage: Storage, engine: DeviceEngine<Handle>): GpuStorage<Handle> {
  if (!(storage instanceof GpuStorage)) {
    throw new DeviceError(`gpu: an operand is on the ${storage.device}; expected the GPU: toDevice(tensor, 'gpu')`)
  }
  if (storage.engine !== engine) {
    const [theirs, ours] = [storage.engine.where, engine.where]
    throw new DeviceError(
      `gpu: a tensor is on ${theirs.mode} (${theirs.adapter}), but ${ours.mode} (${ours.adapter}) is open; ` +
        'use one device, or move the tensor by way of the CPU',
    )
  }
  return storage as GpuStorage<Handle>
}

/** Throws a DTypeError for float64. `fix` ends the message. */
export function refuseFloat64(what: string, dtype: DType, fix: string): void {
  if (dtype === 'float64') throw new DTypeError(`${what}: float64 on the GPU, which computes in float32; ${fix}`)
}
