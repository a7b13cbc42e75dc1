// The linear memory that tensors and WebAssembly kernels share, and who has which part of it.
//
//   blocks   first-fit stretches that live until they are freed: parameters, gradients, moments, and the arena's chunks
//   arena    a bump pointer through a chunk: taking memory is one addition, giving it all back is one assignment
//
// The memory only ever grows. Every stretch starts on 16 bytes, the width of a SIMD vector. Without WebAssembly the same
// memory is an ordinary buffer.

import { ValueError } from './errors.ts'

const PAGE = 65536
const FIRST_PAGES = 16
const MAX_PAGES = 65536 // 4 GiB, all that 32-bit addresses reach
const MIB = 1 << 20
const ALIGNMENT = 16
const FIRST_CHUNK = MIB // grows to what a scope needs

interface Stretch {
  offset: number
  size: number
}

/** The part of WebAssembly.Memory that is used here. */
interface Pages {
  readonly buffer: ArrayBuffer
  grow(pages: number): void
}

/** A buffer that is copied to grow. */
class PlainPages implements Pages {
  buffer = new ArrayBuffer(FIRST_PAGES * PAGE)

  grow(pages: number): void {
    const larger = new Uint8Array(this.buffer.byteLength + pages * PAGE)
    larger.set(new Uint8Array(this.buffer))
    this.buffer = larger.buffer
  }
}

/** A place in the arena to come back to. */
export interface Mark {
  readonly chunk: number
  readonly top: number
}

export class LinearMemory {
  /** For the kernels' imports. */
  readonly wasm: Pages =
    typeof WebAssembly === 'undefined'
      ? new PlainPages()
      : new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MAX_PAGES })
  /** The whole memory as floats. Made anew after each growth: read it afresh each time. */
  f32 = new Float32Array(this.wasm.buffer)

  // Offset 0 stays unused, so that 0 can mean "nowhere".
  private end = ALIGNMENT
  private readonly free: Stretch[] = []

  private readonly chunks: Stretch[] = []
  private chunk = -1
  private top = 0
  private limit = 0

  get buffer(): ArrayBuffer {
    return this.wasm.buffer
  }

  /** Bytes of linear memory held, for the benches that watch it. */
  get bytes(): number {
    return this.wasm.buffer.byteLength
  }

  /**
   * Takes a stretch that lives until `releaseBlock`: the first that fits. Its contents are whatever was there before.
   * Throws a ValueError when the 4 GiB are full.
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

  /** Gives a stretch back; neighbours that are free as well become one. */
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

  /** Takes a stretch of the arena. Only `scope` and the kernels' staging may call this: they set the mark back. */
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
      // The arena was too small for what it held: next time, one chunk takes all.
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
      // At least half as much again, so that growth is rare.
      const wanted = Math.max(bytes, Math.min(have * 1.5, MAX_PAGES * PAGE))
      try {
        this.wasm.grow(Math.ceil((wanted - have) / PAGE))
      } catch {
        throw new ValueError(
          `memory: ${Math.ceil((bytes - have) / MIB)} MiB more do not fit beside the ${Math.ceil(have / MIB)} MiB in use; ` +
            'WebAssembly has 4096 MiB at most. Smaller batches, or scopes that end sooner, need less',
        )
      }
    }
    if (this.f32.buffer !== this.buffer) this.f32 = new Float32Array(this.buffer)
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
    `${what}: ${size} bytes of memory (${(bytes / GIB).toPrecision(3)} GiB) are needed; there are ${most / GIB} GiB at most. Choose smaller sizes`,
  )
}

/** What plain arrays may take, beyond the memory of tensors. */
export const ARRAYS = 32 * GIB

/** The one memory of this process (or page, or worker). */
export const memory = /* @__PURE__ */ new LinearMemory()

/** False where blocks could never be given back: numbers that must last go to the heap there. */
export function hasBlocks(): boolean {
  return typeof FinalizationRegistry !== 'undefined'
}

let released: FinalizationRegistry<Stretch> | undefined

/** A stretch of memory that is given back by `release`, or else when the last storage that points to it is collected. */
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
