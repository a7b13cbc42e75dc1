// As much of the Protocol Buffers wire format (https://protobuf.dev/programming-guides/encoding) as ONNX files need: a
// message is its fields one after the other, each led by its number and how its value is laid out.

/** The bytes of a message, or of one field of it. */
export type Bytes = Uint8Array

const VARINT = 0
const LENGTH_DELIMITED = 2

/** A message of these fields. */
export function message(...fields: readonly Bytes[]): Bytes {
  const out = new Uint8Array(fields.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const field of fields) {
    out.set(field, at)
    at += field.length
  }
  return out
}

/** A whole number from 0. */
export function integer(field: number, value: number): Bytes {
  return message(varint(8 * field + VARINT), varint(value))
}

/** Bytes, another message, or text. */
export function bytes(field: number, value: Bytes | string): Bytes {
  const data = typeof value === 'string' ? new TextEncoder().encode(value) : value
  return message(varint(8 * field + LENGTH_DELIMITED), varint(data.length), data)
}

// Seven bits a byte, the lowest first; the top bit says that more follow.
function varint(value: number): Bytes {
  const out: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128)
  return Uint8Array.from([...out, rest])
}
