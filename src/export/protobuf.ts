// The part of the Protocol Buffers wire format (https://protobuf.dev/programming-guides/encoding) that ONNX and event files need. A message is a
// sequence of fields; each begins with its number and wire type.

import { CheckpointError } from '../tensor/errors.ts'

/** The bytes of a message, or of one field of it. */
export type Bytes = Uint8Array

const VARINT = 0
const FIXED = { 4: 5, 8: 1 } // by number of bytes
const LENGTH_DELIMITED = 2

export function message(...fields: readonly Bytes[]): Bytes {
  return joined(fields)
}

/** The parts as one. */
export function joined(fields: readonly Bytes[]): Bytes {
  const out = new Uint8Array(fields.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const field of fields) {
    out.set(field, at)
    at += field.length
  }
  return out
}

/** An unsigned integer. */
export function integer(field: number, value: number): Bytes {
  return message(varint(8 * field + VARINT), varint(value))
}

/** A float of 4 or 8 bytes. */
export function floating(field: number, value: number, size: 4 | 8): Bytes {
  const view = new DataView(new ArrayBuffer(size))
  if (size === 4) view.setFloat32(0, value, true)
  else view.setFloat64(0, value, true)
  return message(varint(8 * field + FIXED[size]), new Uint8Array(view.buffer))
}

/** Bytes, another message, or text. */
export function bytes(field: number, value: Bytes | string): Bytes {
  const data = typeof value === 'string' ? new TextEncoder().encode(value) : value
  return message(varint(8 * field + LENGTH_DELIMITED), varint(data.length), data)
}

// Seven bits per byte, lowest first; the top bit is set on all bytes but the last.
function varint(value: number): Bytes {
  const out: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128)
  return Uint8Array.from([...out, rest])
}

/**
 * The fields of a message in their order: integers as numbers; bytes, messages, texts and fixed-width numbers as bytes. Throws a
 * CheckpointError on a broken message.
 */
export function* fieldsOf(data: Bytes): Generator<readonly [field: number, value: number | Bytes]> {
  for (let at = 0; at < data.length; ) {
    const [tag, start] = varintAt(data, at)
    const [type, field] = [tag % 8, Math.floor(tag / 8)]
    const [value, next] = type === VARINT || type === LENGTH_DELIMITED ? varintAt(data, start) : [0, start]
    at = next
    if (type === VARINT) {
      yield [field, value]
      continue
    }
    at += type === LENGTH_DELIMITED ? value : type === FIXED[8] ? 8 : type === FIXED[4] ? 4 : Infinity
    if (at > data.length) {
      throw new CheckpointError(`protobuf: a field of wire type ${type} ends beyond its message: a truncated file`)
    }
    yield [field, data.subarray(next, at)]
  }
}

// Of at most 64 bits, as a number.
function varintAt(data: Bytes, start: number): readonly [value: number, next: number] {
  let value = 0
  for (let at = start; at < Math.min(data.length, start + 10); at++) {
    value += (data[at]! % 128) * 128 ** (at - start)
    if (data[at]! < 128) return [value, at + 1]
  }
  throw new CheckpointError('protobuf: an integer without an end: a truncated file')
}
