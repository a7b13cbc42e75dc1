// Memory layout of parameters: those of one network lie in one block of linear memory, each aligned to 16 bytes, and their
// gradients in a second block, so that one call updates or copies all of them. A parameter may move to another block at any
// time (a second optimizer may need another order), so check a stretch before each use. Tensors in float64 or on a GPU never move.

import { releaseWithParameters } from '../tensor/arena.ts'
import { Tensor } from '../tensor/autograd/tensor.ts'
import { Block, hasBlocks } from '../tensor/memory.ts'
import { type Shape, sizeOf } from '../tensor/shape.ts'
import { bytesOf, CpuStorage, type DType, newArray, type Storage } from '../tensor/storage.ts'

const VECTOR = 4 // floats in 16 bytes, the width of a SIMD vector

/** A learnable float32 tensor that outlives every scope. */
export function parameter(shape: Shape, values: ArrayLike<number>): Tensor {
  const numbers = new Float32Array(sizeOf(shape))
  numbers.set(values)
  return new Tensor(shape, CpuStorage.onHeap(numbers), true)
}

/** `length` copies of `value` that outlive every scope: float32 in a block if there are blocks, others on the heap. */
export function persistent(dtype: DType, length: number, value: number): CpuStorage {
  const storage = dtype === 'float32' && hasBlocks() ? inNewBlock(length) : CpuStorage.onHeap(newArray(dtype, length))
  storage.view().fill(value)
  return storage
}

/** Moves float32 tensors on the CPU into one block, in this order, unless they are such a block already. Returns null if one cannot be moved. */
export function parametersToVector(tensors: readonly Tensor[]): CpuStorage | null {
  const storages = tensors.map((tensor) => tensor.storage)
  const stretch = stretchOf(storages)
  if (stretch !== null || !storages.every(canMove)) return stretch
  const block = layOut(tensors)
  tensors.forEach((tensor, i) => {
    const home = block.homes[i]!
    home.view().set(tensor.view())
    tensor.storage = home
  })
  return block.whole
}

/** Moves the gradients of flat parameters into a block with the same layout, unless they have one already. */
export function flattenGradients(tensors: readonly Tensor[]): CpuStorage {
  const present = tensors.every(({ gradHome }) => gradHome instanceof CpuStorage && gradHome.open)
  const stretch = present ? stretchOf(tensors.map((tensor) => tensor.gradHome!)) : null
  if (stretch !== null) return stretch
  const block = layOut(tensors)
  tensors.forEach((tensor, i) => {
    const home = block.homes[i]!
    if (tensor.grad?.storage instanceof CpuStorage && tensor.grad.storage.open) {
      home.view().set(tensor.grad.view())
      tensor.grad = new Tensor(tensor.dims, home)
    }
    tensor.gradHome = home
  })
  return block.whole
}

/**
 * One storage over all of these, padding included, if they are float32 and contiguous in linear memory; else null. Valid until
 * one of the tensors moves.
 */
export function stretchOf(storages: readonly Storage[]): CpuStorage | null {
  const first = storages[0]
  if (!(first instanceof CpuStorage) || !inBlock(first)) return null
  first.requireOpen('parameters were')
  let length = 0 // floats from the start of the first to the end of the last, padding included
  for (const storage of storages) {
    if (!(storage instanceof CpuStorage) || !inBlock(storage)) return null
    if (storage.offset !== first.offset + length * bytesOf('float32')) return null
    length += padded(storage.length)
  }
  return first.slice(0, length)
}

/** The part of each tensor in a storage that `stretchOf` or a flatten function returned. */
export function slicesOf(whole: CpuStorage, tensors: readonly Tensor[]): CpuStorage[] {
  let start = 0
  return tensors.map((tensor) => {
    const slice = whole.slice(start, tensor.size)
    start += padded(tensor.size)
    return slice
  })
}

function layOut(tensors: readonly Tensor[]): { whole: CpuStorage; homes: CpuStorage[] } {
  const length = tensors.reduce((sum, tensor) => sum + padded(tensor.size), 0)
  const whole = persistent('float32', length, 0) // the padding too, which updates must keep finite
  return { whole, homes: slicesOf(whole, tensors) }
}

function inNewBlock(length: number): CpuStorage {
  const block = new Block(length * bytesOf('float32'))
  releaseWithParameters(block)
  return CpuStorage.inMemory('float32', length, block.offset, block)
}

function canMove(storage: Storage): boolean {
  return storage instanceof CpuStorage && storage.dtype === 'float32' && hasBlocks()
}

// Excludes the linear memory of a scope, which ends with the scope.
function inBlock(storage: CpuStorage): boolean {
  return storage.dtype === 'float32' && storage.array === null && storage.outlivesScopes
}

function padded(length: number): number {
  return Math.ceil(length / VECTOR) * VECTOR
}
