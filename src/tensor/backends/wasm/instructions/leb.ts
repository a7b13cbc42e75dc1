// LEB128, the numbers of the binary format: seven bits per byte, low bits first; the top bit is set if more bytes follow.

/** Unsigned. */
export function leb(value: number): number[] {
  const bytes: number[] = []
  let left = value
  for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80)
  bytes.push(left)
  return bytes
}

/** Signed, 32 bits. */
export function signedLeb(value: number): number[] {
  const bytes: number[] = []
  let left = value | 0
  for (; left > 63 || left < -64; left >>= 7) bytes.push((left & 0x7f) | 0x80)
  bytes.push(left & 0x7f)
  return bytes
}
