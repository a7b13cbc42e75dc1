// Writes the elements of the binary format: numbers in LEB128, vectors, and length-prefixed sections.

/** Unsigned LEB128: seven bits per byte, low bits first; the top bit is set if more bytes follow. */
export function leb(value: number): number[] {
  const bytes: number[] = []
  let left = value
  for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80)
  bytes.push(left)
  return bytes
}

/** Signed LEB128. */
export function signedLeb(value: number): number[] {
  const bytes: number[] = []
  let left = value | 0
  for (; left > 63 || left < -64; left >>= 7) bytes.push((left & 0x7f) | 0x80)
  bytes.push(left & 0x7f)
  return bytes
}

const LENGTH_BYTES = 5 // reserved for the length of a section

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

  /** The number of entries, then the entries. */
  vector<T>(entries: readonly T[], write: (entry: T, i: number) => void): void {
    this.number(entries.length)
    entries.forEach(write)
  }

  /** The bytes that `write` appends, after their count. */
  sized(write: () => void): void {
    const at = this.length
    this.append([0, 0, 0, 0, 0])
    write()
    let left = this.length - at - LENGTH_BYTES
    // Padded LEB128, so that every length takes five bytes.
    for (let i = 0; i < LENGTH_BYTES; i++, left >>>= 7) {
      this.buffer[at + i] = (left & 0x7f) | (i < LENGTH_BYTES - 1 ? 0x80 : 0)
    }
  }
}
