// The linear memory that tensors and WebAssembly kernels share, and who has which part of it.
//
//   blocks   first-fit stretches that live until they are freed: parameters, gradients, moments, and the arena's chunks
//   arena    a bump pointer through a chunk: taking memory is one addition, giving it all back is one assignment
//
// The memory only ever grows. Every stretch starts on 16 bytes, the width of a SIMD vector.

const PAGE = 65536
const ALIGNMENT = 16
const FIRST_CHUNK = 1 << 20 // bytes; grows to what a scope needs

const linear = new WebAssembly.Memory({ initial: 16, maximum: 65536 })

interface Stretch {
  offset: number
  size: number
}

/** A place in the arena to come back to. */
export interface Mark {
  readonly chunk: number
  readonly top: number
}

class LinearMemory {
  /** For the kernels' imports. */
  readonly wasm = linear
  /** The whole memory as floats. Made anew after each growth: read it afresh each time. */
  f32 = new Float32Array(linear.buffer)

  // Offset 0 stays unused, so that 0 can mean "nowhere".
  private end = ALIGNMENT
  private readonly free: Stretch[] = []

  private readonly chunks: Stretch[] = []
  private chunk = -1
  private top = 0
  private limit = 0

  get buffer(): ArrayBuffer {
    return linear.buffer
  }

  /** Bytes of linear memory held, for the benches that watch it. */
  get bytes(): number {
    return linear.buffer.byteLength
  }

  /** Takes a stretch that lives until `releaseBlock`. Its contents are whatever was there before. */
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
    const offset = this.end
    this.end += size
    this.ensure(this.end)
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
    const have = linear.buffer.byteLength
    if (bytes > have) {
      // At least half as much again, so that growth is rare.
      const wanted = Math.max(bytes, Math.floor(have * 1.5))
      const room = 65536 - have / PAGE
      linear.grow(Math.max(Math.ceil((bytes - have) / PAGE), Math.min(room, Math.ceil((wanted - have) / PAGE))))
    }
    if (this.f32.buffer !== linear.buffer) this.f32 = new Float32Array(linear.buffer)
  }
}

function align(bytes: number): number {
  return Math.ceil(Math.max(bytes, 1) / ALIGNMENT) * ALIGNMENT
}

/** The one memory of this process (or page, or worker). */
export const memory = new LinearMemory()

/** A stretch of memory that is given back when the last storage that points to it is collected. */
export class Block {
  readonly permanent = true
  readonly open = true
  readonly offset: number

  constructor(readonly bytes: number) {
    this.offset = memory.takeBlock(bytes)
    released.register(this, { offset: this.offset, size: bytes })
  }
}

const released = new FinalizationRegistry<Stretch>(({ offset, size }) => memory.releaseBlock(offset, size))
