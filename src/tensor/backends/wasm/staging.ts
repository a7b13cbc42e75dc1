// Byte offsets of the kernels' operands. Numbers in linear memory are used in place. Numbers on the heap are copied to the
// arena for one call, and results for the heap are copied out of it:
//
//   const out = allocate('float32', n)           before staging, so that it lies below the staged operands
//   const to = allocateOutput(out)
//   kernels.neg(address(x), to, n)
//   return finish(out, to)                       copies the result if `out` is on the heap; ends the staging

import { allocate } from '../../arena.ts'
import { type Mark, memory } from '../../memory.ts'
import { bytesOf, type CpuStorage, type DType, type Storage } from '../../storage.ts'

let before: Mark | null = null // the top of the arena before the first operand was staged

/** The byte offset of an operand. Throws a ScopeError if its scope has ended. */
export function address(x: Storage): number {
  const storage = x as CpuStorage
  if (storage.array !== null) return stageCopy(storage)
  orRelease(() => storage.requireOpen())
  return storage.offset
}

/** The byte offset for the numbers of a new storage. */
export function allocateOutput(out: CpuStorage): number {
  return out.array === null ? out.offset : stage(out)
}

/** A new storage whose numbers `write` computes at the byte offset `to`. */
export function produce(dtype: DType, length: number, write: (to: number) => void): CpuStorage {
  const out = allocate(dtype, length)
  const to = allocateOutput(out)
  write(to)
  return finish(out, to)
}

/** Ends a call whose result for `written` is at `at`. */
export function finish(written: Storage, at: number): CpuStorage {
  copyOut(written, at)
  if (before !== null) release()
  return written as CpuStorage
}

/** Ends a call with several results; null entries are skipped. */
export function finishAll(written: readonly (Storage | null)[], at: readonly number[]): void {
  if (before === null) return // nothing was staged
  written.forEach((each, i) => {
    if (each !== null) copyOut(each, at[i]!)
  })
  release()
}

function copyOut(written: Storage, at: number): void {
  const { array, length } = written as CpuStorage
  if (array instanceof Int32Array) array.set(new Int32Array(memory.buffer, at, length))
  else if (array !== null) array.set(memory.f32.subarray(at >>> 2, (at >>> 2) + length))
}

function stage(storage: CpuStorage): number {
  before ??= memory.mark()
  return orRelease(() => memory.bump(storage.length * bytesOf(storage.dtype)))
}

// An error ends the call and must end the staging, because a remaining mark would reset the arena in a later call.
function orRelease<T>(step: () => T): T {
  try {
    return step()
  } catch (error) {
    release()
    throw error
  }
}

function stageCopy(storage: CpuStorage): number {
  const at = stage(storage)
  const { array } = storage
  if (array instanceof Float32Array) memory.f32.set(array, at >>> 2)
  else if (array instanceof Int32Array) new Int32Array(memory.buffer, at, array.length).set(array)
  return at
}

function release(): void {
  if (before !== null) memory.reset(before)
  before = null
}

/** Working memory for one call: one block, reused by all calls and replaced by a larger one when needed. */
export function scratch(bytes: number): number {
  if (bytes > scratchBytes) {
    if (scratchBytes > 0) memory.releaseBlock(scratchAt, scratchBytes)
    scratchBytes = 0
    scratchAt = orRelease(() => memory.takeBlock(bytes))
    scratchBytes = bytes
  }
  return scratchAt
}

let scratchAt = 0
let scratchBytes = 0
