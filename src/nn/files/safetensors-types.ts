// The element types of a .safetensors file, and their conversion to and from numbers. Read next: safetensors.ts.

import { CheckpointError } from '../../tensor/errors.ts'
import type { TypedArray } from '../../tensor/storage.ts'

/** Bits per element. Types that `numbersOf` cannot read are kept as bytes. */
export const ELEMENT_BITS = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
  C64: 64,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
} as const

export type ElementType = keyof typeof ELEMENT_BITS

/** Reads one little-endian element at a byte offset. */
type Reader = (view: DataView, offset: number) => number

const READERS: Partial<Record<ElementType, readonly [Reader, new (length: number) => TypedArray]>> = {
  F64: [(view, at) => view.getFloat64(at, true), Float64Array],
  F32: [(view, at) => view.getFloat32(at, true), Float32Array],
  F16: [(view, at) => halfToNumber(view.getUint16(at, true)), Float32Array],
  BF16: [(view, at) => brainToNumber(view.getUint16(at, true)), Float32Array],
  I64: [(view, at) => Number(view.getBigInt64(at, true)), Float64Array],
  U64: [(view, at) => Number(view.getBigUint64(at, true)), Float64Array],
  U32: [(view, at) => view.getUint32(at, true), Float64Array],
  I32: [(view, at) => view.getInt32(at, true), Int32Array],
  I16: [(view, at) => view.getInt16(at, true), Int32Array],
  I8: [(view, at) => view.getInt8(at), Int32Array],
  U16: [(view, at) => view.getUint16(at, true), Int32Array],
  U8: [(view, at) => view.getUint8(at), Int32Array],
  BOOL: [(view, at) => view.getUint8(at), Int32Array],
}

/**
 * The numbers of a stored tensor, in the smallest dtype that holds each exactly. Throws a CheckpointError for complex and
 * sub-byte types, for 8-bit floats, and for a 64-bit integer beyond 2^53.
 */
export function decode(name: string, type: ElementType, bytes: Uint8Array): TypedArray {
  const reader = READERS[type]
  if (reader === undefined) {
    throw new CheckpointError(`tensor "${name}" is ${type}; readable types are ${Object.keys(READERS).join(', ')}`)
  }
  const [read, ArrayType] = reader
  const size = ELEMENT_BITS[type] / 8
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const numbers = new ArrayType(bytes.byteLength / size)
  for (let i = 0; i < numbers.length; i++) {
    const number = read(view, i * size)
    if ((type === 'I64' || type === 'U64') && !Number.isSafeInteger(number)) {
      throw new CheckpointError(`tensor "${name}" holds a 64-bit integer beyond 2^53 at index ${i}`)
    }
    numbers[i] = number
  }
  return numbers
}

/** The bytes of numbers, little-endian, and their type in a file. */
export function encode(values: TypedArray | Uint8Array): { type: ElementType; bytes: Uint8Array } {
  if (values instanceof Uint8Array) return { type: 'U8', bytes: values.slice() }
  const bytes = new Uint8Array(values.byteLength)
  const view = new DataView(bytes.buffer)
  const [type, write] =
    values instanceof Float64Array
      ? (['F64', view.setFloat64] as const)
      : values instanceof Float32Array
        ? (['F32', view.setFloat32] as const)
        : (['I32', view.setInt32] as const)
  values.forEach((value, i) => {
    write.call(view, i * values.BYTES_PER_ELEMENT, value, true)
  })
  return { type, bytes }
}

// IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits.
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

// bfloat16: the upper half of a binary32.
const word = new DataView(new ArrayBuffer(4))

function brainToNumber(bits: number): number {
  word.setUint32(0, bits << 16)
  return word.getFloat32(0)
}
