// Where the numbers of a tensor live on the CPU. There are three homes (see memory.ts and scope.ts):
//   heap    an ordinary typed array that the garbage collector frees;
//   block   a stretch of the linear memory that lives as long as its owner: parameters, gradients, optimizer moments;
//   arena   a stretch of the linear memory that ends with its scope.
// Numbers in linear memory are reached by a byte offset. Views are made on demand: growing the memory detaches every
// view that was made before, and a detached view swallows writes in silence.

import { ScopeError } from './errors.ts'
import { memory } from './memory.ts'

export type DType = 'float32' | 'float64' | 'int32'
export type Device = 'cpu' | 'gpu'
export type TypedArray = Float32Array | Float64Array | Int32Array

/** The numbers of one tensor, on any device. */
export interface Storage {
  readonly device: Device
  readonly dtype: DType
  /** How many elements. */
  readonly length: number
  /** A copy of the numbers; waits for the device where there is one. */
  read(): Promise<TypedArray>
}

/** Anything that linear memory is lent to: a scope, or a block. */
export interface MemoryOwner {
  readonly open: boolean
  /** Set for a block, which no scope ends. */
  readonly permanent?: true
}

export class CpuStorage implements Storage {
  readonly device = 'cpu'

  private constructor(
    readonly dtype: DType,
    readonly length: number,
    /** The heap home, or null when the numbers are in linear memory. */
    readonly array: TypedArray | null,
    /** Where they start in linear memory, in bytes; 0 for the heap home. */
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

  /** A stretch of this storage, sharing its numbers. */
  slice(start: number, length: number): CpuStorage {
    if (this.array !== null) return CpuStorage.onHeap(this.array.subarray(start, start + length))
    return new CpuStorage(this.dtype, length, null, this.offset + start * bytesOf(this.dtype), this.owner)
  }

  /** False if these numbers end with a scope. */
  get outlivesScopes(): boolean {
    return this.owner === null || this.owner.permanent === true
  }

  /** False once the scope that owned these numbers has ended. */
  get open(): boolean {
    return this.owner === null || this.owner.open
  }

  /** Throws a ScopeError if the scope that owned these numbers has ended. `use` says who wanted them. */
  requireOpen(use = `${this.dtype} numbers`): void {
    if (!this.open) {
      throw new ScopeError(
        `${use} used after its scope ended, so its numbers are gone. Return it from the scope (it is then copied out), ` +
          'or copy what you need with toArray() inside',
      )
    }
  }

  /** One of the numbers, without the cost of making a view. */
  at(index: number): number {
    if (this.array !== null) return this.array[index]!
    if (this.dtype !== 'float32') return this.view()[index]!
    this.requireOpen()
    return memory.f32[this.offset / 4 + index]!
  }

  /** Fills all of it with `values`, as many as there are, without the cost of making a view. */
  set(values: TypedArray): void {
    if (this.array !== null || this.dtype !== 'float32') {
      this.view().set(values)
      return
    }
    this.requireOpen()
    memory.f32.set(values, this.offset / 4)
  }

  /** The numbers as a typed array, valid until the memory next grows: use it at once, keep it never. */
  view(): TypedArray {
    if (this.array !== null) return this.array
    this.requireOpen()
    const { buffer } = memory
    switch (this.dtype) {
      case 'float32':
        return new Float32Array(buffer, this.offset, this.length)
      case 'float64':
        return new Float64Array(buffer, this.offset, this.length)
      case 'int32':
        return new Int32Array(buffer, this.offset, this.length)
    }
  }
}

export function bytesOf(dtype: DType): 4 | 8 {
  return dtype === 'float64' ? 8 : 4
}

export function newArray(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length)
    case 'float64':
      return new Float64Array(length)
    case 'int32':
      return new Int32Array(length)
  }
}

export function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return 'float32'
  return array instanceof Float64Array ? 'float64' : 'int32'
}
