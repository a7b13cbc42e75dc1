// The linear memory that tensors and WebAssembly kernels share, and its allocators:
//
//   blocks   first fit, freed individually: parameters, gradients, moments, and the chunks of the arena
//   arena    a bump pointer through chunks: allocating is one addition, freeing everything is one assignment
//
// The memory only grows. Allocations are aligned to 16 bytes, the width of a SIMD vector. Without WebAssembly the memory is an
// ordinary buffer.

import { ValueError } from './errors.ts'

export const PAGE = 65536
const FIRST_PAGES = 16
export const MAX_PAGES = 65536 // 4 GiB, all that 32-bit addresses reach
const MIB = 1 << 20
const ALIGNMENT = 16
const FIRST_CHUNK = MIB // later chunks are larger

interface Stretch {
  offset: number
  size: number
}

/** The part of WebAssembly.Memory that is used. */
interface Pages {
  readonly buffer: ArrayBufferLike
  grow(pages: number): void
}

/** A buffer that grows by copying. */
class PlainPages implements Pages {
  buffer = new ArrayBuffer(FIRST_PAGES * PAGE)

  grow(pages: number): void {
    const larger = new Uint8Array(this.buffer.byteLength + pages * PAGE)
    larger.set(new Uint8Array(this.buffer))
    this.buffer = larger.buffer
  }
}

/** A position in the arena, for `reset`. */
export interface Mark {
  readonly chunk: number
  readonly top: number
}

export class LinearMemory {
  /** Imported by the kernels. */
  wasm: Pages =
    typeof WebAssembly === 'undefined'
      ? new PlainPages()
      : new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MAX_PAGES })
  /** Whether other threads can access it; see `setThreads`. */
  isShared = false
  /** A view of the whole memory as floats, replaced when the memory grows; do not keep it. */
  f32 = new Float32Array(this.wasm.buffer)

  // Offset 0 stays unused, because 0 stands for no address.
  private end = ALIGNMENT
  private readonly free: Stretch[] = []

  private readonly chunks: Stretch[] = []
  private chunk = -1
  private top = 0
  private limit = 0

  get buffer(): ArrayBufferLike {
    return this.f32.buffer
  }

  get bytes(): number {
    return this.buffer.byteLength
  }

  /**
   * Allocates an uninitialised block until `releaseBlock` and returns its byte offset. Throws a ValueError when 4 GiB are
   * exceeded.
   */
  takeBlock(bytes: number): number {
    const size = align(bytes)
    for (let i = 0; i < this.free.length; i++) {
      const stretch = this.free[i]!
      if (stretch.size < size) continue
      const { offset } = stretch
      if (stretch.size === size) this.free.splice(i, 1)
      else {
        stretch.offset += size
        stretch.size -= size
      }
      return offset
    }
    const last = this.free[this.free.length - 1]
    const atEnd = last !== undefined && last.offset + last.size === this.end
    const offset = atEnd ? last.offset : this.end
    this.ensure(offset + size)
    if (atEnd) this.free.pop()
    this.end = offset + size
    return offset
  }

  /** Frees a block and merges it with free neighbours. */
  releaseBlock(offset: number, bytes: number): void {
    const size = align(bytes)
    let at = 0
    while (at < this.free.length && this.free[at]!.offset < offset) at++
    this.free.splice(at, 0, { offset, size })
    const next = this.free[at + 1]
    if (next !== undefined && offset + size === next.offset) {
      this.free[at]!.size += next.size
      this.free.splice(at + 1, 1)
    }
    const previous = this.free[at - 1]
    if (previous !== undefined && previous.offset + previous.size === offset) {
      previous.size += this.free[at]!.size
      this.free.splice(at, 1)
    }
  }

  /** Allocates in the arena. The caller must `reset` to an earlier mark, as `scope` and the kernels' staging do. */
  bump(bytes: number): number {
    const offset = this.top
    const top = offset + align(bytes)
    if (top > this.limit) return this.bumpInNextChunk(bytes)
    this.top = top
    return offset
  }

  mark(): Mark {
    return { chunk: this.chunk, top: this.top }
  }

  reset(mark: Mark): void {
    if (mark.chunk === -1 && this.chunks.length > 1) {
      // Replaces several chunks by one of their total size.
      const size = this.chunks.reduce((sum, chunk) => sum + chunk.size, 0)
      for (const chunk of this.chunks) this.releaseBlock(chunk.offset, chunk.size)
      this.chunks.length = 0
      this.chunks.push({ offset: this.takeBlock(size), size })
    }
    this.enterChunk(mark.chunk)
    if (mark.chunk !== -1) this.top = mark.top
  }

  private bumpInNextChunk(bytes: number): number {
    const size = align(bytes)
    let next = this.chunk + 1
    while (next < this.chunks.length && this.chunks[next]!.size < size) next++
    if (next === this.chunks.length) {
      const last = this.chunks[this.chunks.length - 1]
      const chunkSize = Math.max(size, last === undefined ? FIRST_CHUNK : 2 * last.size)
      this.chunks.push({ offset: this.takeBlock(chunkSize), size: chunkSize })
    }
    this.enterChunk(next)
    const offset = this.top
    this.top += size
    return offset
  }

  private enterChunk(index: number): void {
    this.chunk = index
    const chunk = this.chunks[index]
    this.top = chunk === undefined ? 0 : chunk.offset
    this.limit = chunk === undefined ? 0 : chunk.offset + chunk.size
  }

  private ensure(bytes: number): void {
    const have = this.bytes
    if (bytes > have) {
      // Grows by at least half, so that growth is rare.
      const wanted = Math.max(bytes, Math.min(have * 1.5, MAX_PAGES * PAGE))
      try {
        this.wasm.grow(Math.ceil((wanted - have) / PAGE))
      } catch {
        throw new ValueError(
          `memory: ${Math.ceil((bytes - have) / MIB)} MiB more than the ${Math.ceil(have / MIB)} MiB in use; ` +
            'WebAssembly has at most 4096 MiB. Use smaller batches or shorter scopes',
        )
      }
    }
    if (bytes > have) this.f32 = new Float32Array(this.wasm.buffer)
  }
}

function align(bytes: number): number {
  return Math.ceil(Math.max(bytes, 1) / ALIGNMENT) * ALIGNMENT
}

const GIB = 2 ** 30

/** Throws a ValueError, before any work, if `what` needs more bytes than there can be; by default the 4 GiB of tensors. */
export function requireRoom(what: string, bytes: number, most = 4 * GIB): void {
  if (bytes <= most) return
  const size = bytes < 1e21 ? Math.ceil(bytes).toLocaleString('en') : String(bytes)
  throw new ValueError(
    `${what}: needs ${size} bytes of memory (${(bytes / GIB).toPrecision(3)} GiB); there are at most ${most / GIB} GiB. Choose smaller sizes`,
  )
}

/** Most bytes of plain arrays, beyond the memory of tensors. */
export const ARRAYS = 32 * GIB

/** The memory of this process, page or worker. */
export const memory = /* @__PURE__ */ new LinearMemory()

/** False where blocks could not be freed; permanent storage is on the heap there. */
export function hasBlocks(): boolean {
  return typeof FinalizationRegistry !== 'undefined'
}

let released: FinalizationRegistry<Stretch> | undefined

/** A block that is freed by `release`, or else when the last storage in it is garbage-collected. */
export class Block {
  readonly permanent = true as const
  open = true
  readonly offset: number

  constructor(readonly bytes: number) {
    this.offset = memory.takeBlock(bytes)
    released ??= new FinalizationRegistry<Stretch>(({ offset, size }) => memory.releaseBlock(offset, size))
    released.register(this, { offset: this.offset, size: bytes }, this)
  }

  release(): void {
    this.open = false
    released!.unregister(this)
    memory.releaseBlock(this.offset, this.bytes)
  }
}
