// The elements of a tensor on the CPU. They are in one of three places (see memory.ts and autograd/scope.ts):
//   heap    an ordinary typed array, freed by the garbage collector
//   block   linear memory with the lifetime of its owner: parameters, gradients, optimizer moments
//   arena   linear memory that is freed with its scope
// Views of linear memory are created on demand, because growing the memory detaches existing views, which then ignore writes.

import { ScopeError } from './errors.ts'
import { memory } from './memory.ts'

export type DType = 'float32' | 'float64' | 'int32'
export type Device = 'cpu' | 'gpu'
export type TypedArray = Float32Array | Float64Array | Int32Array

export interface Storage {
  readonly device: Device
  readonly dtype: DType
  readonly length: number
  /** A copy of the elements. Waits for the device. */
  read(): Promise<TypedArray>
}

/** The owner of linear memory: a scope or a block. */
export interface MemoryOwner {
  readonly open: boolean
  /** Set for a block. */
  readonly permanent?: true
}

export class CpuStorage implements Storage {
  readonly device = 'cpu'

  private constructor(
    readonly dtype: DType,
    readonly length: number,
    /** The elements on the heap; null if they are in linear memory. */
    readonly array: TypedArray | null,
    /** The byte offset in linear memory; 0 on the heap. */
    readonly offset: number,
    /** Whom the linear memory is lent to. */
    readonly owner: MemoryOwner | null,
  ) {}

  static onHeap(array: TypedArray): CpuStorage {
    return new CpuStorage(dtypeOf(array), array.length, array, 0, null)
  }

  static inMemory(dtype: DType, length: number, offset: number, owner: MemoryOwner): CpuStorage {
    return new CpuStorage(dtype, length, null, offset, owner)
  }

  async read(): Promise<TypedArray> {
    return this.view().slice()
  }

  /** A part of this storage that shares its elements. */
  slice(start: number, length: number): CpuStorage {
    if (this.array !== null) return CpuStorage.onHeap(this.array.subarray(start, start + length))
    return new CpuStorage(this.dtype, length, null, this.offset + start * bytesOf(this.dtype), this.owner)
  }

  /** False for storage in the arena. */
  get outlivesScopes(): boolean {
    return this.owner === null || this.owner.permanent === true
  }

  /** False after the end of the owning scope. */
  get open(): boolean {
    return this.owner === null || this.owner.open
  }

  /** Throws a ScopeError after the end of the owning scope. `use` begins the message. */
  requireOpen(use = `${this.dtype} numbers`): void {
    if (!this.open) {
      throw new ScopeError(
        `${use} used after its scope ended, which freed its elements. Return it from the scope (it is then copied out), ` +
          'or copy it with toArray() inside',
      )
    }
  }

  /** One element, without the cost of a view. */
  at(index: number): number {
    if (this.array !== null) return this.array[index]!
    if (this.dtype !== 'float32') return this.view()[index]!
    this.requireOpen()
    return memory.f32[this.offset / 4 + index]!
  }

  /** Copies `values`, of the same length, without the cost of a view. */
  set(values: TypedArray): void {
    if (this.array !== null || this.dtype !== 'float32') {
      this.view().set(values)
      return
    }
    this.requireOpen()
    memory.f32.set(values, this.offset / 4)
  }

  /** A view of the elements, detached when the memory grows; copy it to keep it. */
  view(): TypedArray {
    if (this.array !== null) return this.array
    this.requireOpen()
    const { buffer } = memory
    if (this.dtype === 'float32') return new Float32Array(buffer, this.offset, this.length)
    if (this.dtype === 'float64') return new Float64Array(buffer, this.offset, this.length)
    return new Int32Array(buffer, this.offset, this.length)
  }
}

export function bytesOf(dtype: DType): 4 | 8 {
  return dtype === 'float64' ? 8 : 4
}

export function newArray(dtype: DType, length: number): TypedArray {
  if (dtype === 'float32') return new Float32Array(length)
  return dtype === 'float64' ? new Float64Array(length) : new Int32Array(length)
}

export function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return 'float32'
  return array instanceof Float64Array ? 'float64' : 'int32'
}
