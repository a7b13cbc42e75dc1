// The numbers of a tensor on the GPU. Shapes are known at once; the numbers come when the device has computed them, and stay
// there: only `read` brings them back. Their memory ends with the scope they were made in; outside any scope, with the
// storage.

import { type Releasable, releaseAtScopeEnd } from '../tensor/arena.ts'
import { DeviceError, ScopeError } from '../tensor/errors.ts'
import type { DType, Storage, TypedArray } from '../tensor/storage.ts'
import type { GpuEngine, Handle } from './engine.ts'

/** Apart from the storage, so that the handle can be released after the storage was collected. */
interface Held {
  readonly engine: GpuEngine
  handle: Handle | null
}

const collected = /* @__PURE__ */ new FinalizationRegistry<Held>((held) => release(held))

export class GpuStorage implements Storage, Releasable {
  readonly device = 'gpu'
  private readonly held: Held

  constructor(
    readonly engine: GpuEngine,
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
        'a tensor on the GPU was used after its scope ended, so its numbers are gone. ' +
          'Return it from the scope, or start reading it inside: const values = tensor.data()',
      )
    }
    return this.held.handle
  }

  /** New numbers in the place of these. */
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

function release(held: Held): void {
  if (held.handle === null) return
  held.engine.release(held.handle)
  held.engine.held--
  held.handle = null
}

/** The storage as one of this engine. Throws a DeviceError for a tensor of another device. */
export function onEngine(storage: Storage, engine: GpuEngine): GpuStorage {
  if (!(storage instanceof GpuStorage)) {
    throw new DeviceError(`gpu: an operand is on the ${storage.device}; move it with toDevice(tensor, 'gpu')`)
  }
  if (storage.engine !== engine) {
    const [theirs, ours] = [storage.engine.where, engine.where]
    throw new DeviceError(
      `gpu: a tensor lives on ${theirs.mode} (${theirs.adapter}), but ${ours.mode} (${ours.adapter}) is open now; ` +
        'keep to one device, or bring it over the CPU',
    )
  }
  return storage
}
