// Bytes as the binary format wants them: numbers in LEB128, and stretches with their length in front.

/** A whole number: seven bits a byte, low bits first, the top bit says that more follow. */
export function leb(value: number): number[] {
  const bytes: number[] = []
  let left = value
  for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80)
  bytes.push(left)
  return bytes
}

/** The same with a sign: it ends when the rest is all sign. */
export function signedLeb(value: number): number[] {
  const bytes: number[] = []
  let left = value | 0
  for (; left > 63 || left < -64; left >>= 7) bytes.push((left & 0x7f) | 0x80)
  bytes.push(left & 0x7f)
  return bytes
}

const LENGTH_BYTES = 5 // room for the length of a stretch that is not written yet

export class ByteWriter {
  private buffer = new Uint8Array(1 << 16)
  private length = 0

  written(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length)
  }

  append(values: readonly number[]): void {
    const end = this.length + values.length
    if (end > this.buffer.length) {
      const larger = new Uint8Array(2 * end)
      larger.set(this.buffer)
      this.buffer = larger
    }
    this.buffer.set(values, this.length)
    this.length = end
  }

  bytes(...values: number[]): void {
    this.append(values)
  }

  number(value: number): void {
    this.append(leb(value))
  }

  text(value: string): void {
    const encoded = new TextEncoder().encode(value)
    this.number(encoded.length)
    this.append(Array.from(encoded))
  }

  /** The number of entries, then each. */
  vector<T>(entries: readonly T[], write: (entry: T, i: number) => void): void {
    this.number(entries.length)
    entries.forEach(write)
  }

  /** What `write` writes, with its length in bytes in front. */
  sized(write: () => void): void {
    const at = this.length
    this.append([0, 0, 0, 0, 0])
    write()
    let left = this.length - at - LENGTH_BYTES
    // LEB128 filled up with empty groups of bits, so that every length takes five bytes.
    for (let i = 0; i < LENGTH_BYTES; i++, left >>>= 7) {
      this.buffer[at + i] = (left & 0x7f) | (i < LENGTH_BYTES - 1 ? 0x80 : 0)
    }
  }
}
