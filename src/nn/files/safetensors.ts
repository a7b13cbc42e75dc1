// The .safetensors format (https://huggingface.co/docs/safetensors): the length of a JSON header in eight bytes, the header (type,
// shape and offsets of each tensor), then the tensors' bytes without gaps. Works on bytes, not files. Read next: parameters.ts.

import { CheckpointError, excerpt, listed } from '../../tensor/errors.ts'
import { isCount, isRecord, parseJson } from '../../tensor/json.ts'
import { type Shape, sizeOf } from '../../tensor/shape.ts'
import type { TypedArray } from '../../tensor/storage.ts'

/** One tensor of a file, as stored. `numbersOf` converts the bytes to numbers. */
export interface StoredTensor {
  readonly type: ElementType
  readonly shape: Shape
  readonly bytes: Uint8Array
}

export interface SafetensorsFile {
  /** Text by name; may be empty. */
  readonly metadata: Readonly<Record<string, string>>
  /** In the order of their bytes. */
  readonly tensors: ReadonlyMap<string, StoredTensor>
}

const LENGTH_BYTES = 8
const MOST_AXES = 64
const LARGEST_HEADER = 100_000_000 // bytes; the format's own limit against hostile files

/** Encodes a tensor. Throws a CheckpointError if values and shape differ in size. */
export function storedTensor(values: TypedArray | Uint8Array, shape: Shape): StoredTensor {
  if (sizeOf(shape) !== values.length) {
    throw new CheckpointError(`storedTensor: ${values.length} numbers do not fill the shape [${shape.join(', ')}]`)
  }
  return { shape, ...encode(values) }
}

/**
 * The numbers of tensor `name`. F16 and BF16 become float32; I8, I16, U8, U16 and BOOL int32; I64, U64 and U32 float64.
 * Throws a CheckpointError if there is no such tensor or its type cannot be read.
 */
export function numbersOf(file: SafetensorsFile, name: string): TypedArray {
  const stored = file.tensors.get(name)
  if (stored === undefined) {
    throw new CheckpointError(`the file has no tensor "${excerpt(name)}"; it has ${listed([...file.tensors.keys()])}`)
  }
  return decode(name, stored.type, stored.bytes)
}

/**
 * Writes the tensors in the order given and pads the header with spaces to a multiple of eight bytes. Put the widest element
 * types first to keep all of them aligned.
 */
export function writeSafetensors(file: SafetensorsFile): Uint8Array {
  const header: [string, unknown][] = []
  if (Object.keys(file.metadata).length > 0) header.push(['__metadata__', file.metadata])
  let end = 0
  for (const [name, { type, shape, bytes }] of file.tensors) {
    requireSize(name, type, shape, bytes.byteLength)
    if (name === '__metadata__') throw new CheckpointError('a tensor is called "__metadata__"; the format reserves it')
    header.push([name, { dtype: type, shape, data_offsets: [end, end + bytes.byteLength] }])
    end += bytes.byteLength
  }
  // Not one JSON.stringify: an object would put integer-like names first.
  const text = `{${header.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',')}}`
  const json = new TextEncoder().encode(text)
  const start = Math.ceil((LENGTH_BYTES + json.length) / 8) * 8
  const out = new Uint8Array(start + end).fill(0x20, LENGTH_BYTES, start)
  new DataView(out.buffer).setBigUint64(0, BigInt(start - LENGTH_BYTES), true)
  out.set(json, LENGTH_BYTES)
  let at = start
  for (const { bytes } of file.tensors.values()) {
    out.set(bytes, at)
    at += bytes.byteLength
  }
  return out
}

/** Reads a file. Throws a CheckpointError that names the rule of the format that it breaks. */
export function readSafetensors(file: Uint8Array): SafetensorsFile {
  const { header, data } = splitHeader(file)
  let metadata: Record<string, string> = {}
  const entries: (HeaderEntry & { name: string })[] = []
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') metadata = checkedMetadata(value)
    else entries.push({ name, ...checkedEntry(name, value) })
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  const tensors = new Map<string, StoredTensor>()
  let expected = 0
  for (const { name, type, shape, begin, end } of entries) {
    if (begin !== expected) {
      const what = begin < expected ? 'overlaps the tensor before it' : 'leaves a gap after the tensor before it'
      throw broken(`tensor "${name}" begins at byte ${begin} of the data and so ${what}, which ends at ${expected}`)
    }
    if (end > data.length) {
      throw broken(`tensor "${name}" ends at byte ${end} of ${data.length} bytes of data: a truncated file`)
    }
    tensors.set(name, { type, shape, bytes: new Uint8Array(data.subarray(begin, end)) })
    expected = end
  }
  if (expected !== data.length) {
    throw broken(`the tensors end at byte ${expected} of ${data.length} bytes of data: foreign bytes at the end`)
  }
  return { metadata, tensors }
}

interface HeaderEntry {
  readonly type: ElementType
  readonly shape: Shape
  readonly begin: number
  readonly end: number
}

function splitHeader(file: Uint8Array): { header: object; data: Uint8Array } {
  if (!(file instanceof Uint8Array))
    throw broken(`the file is ${file === null ? 'null' : typeof file}; expected its bytes as a Uint8Array`)
  if (file.length < LENGTH_BYTES) throw broken(`the file has ${file.length} bytes; expected at least 8`)
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true))
  if (length > LARGEST_HEADER) throw broken(`the header would be ${length} bytes, above the limit of ${LARGEST_HEADER}`)
  if (LENGTH_BYTES + length > file.length) {
    throw broken(`the header would be ${length} bytes, but only ${file.length - LENGTH_BYTES} follow: a truncated file`)
  }
  const text = headerText(file.subarray(LENGTH_BYTES, LENGTH_BYTES + length))
  if (!text.startsWith('{')) throw broken('the header does not begin with "{"')
  return { header: parseJson('safetensors: the header', text) as object, data: file.subarray(LENGTH_BYTES + length) }
}

function headerText(bytes: Uint8Array): string {
  try {
    // ignoreBOM keeps a byte order mark in the text, which the check for "{" then rejects.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw broken('the header is no UTF-8 text')
  }
}

function checkedMetadata(value: unknown): Record<string, string> {
  if (!isRecord(value) || !Object.values(value).every((each) => typeof each === 'string')) {
    throw broken('the metadata is not an object of texts')
  }
  return value as Record<string, string>
}

function checkedEntry(name: string, value: unknown): HeaderEntry {
  if (!isRecord(value)) throw broken(`the entry of tensor "${name}" is no object`)
  const { dtype, shape, data_offsets: offsets } = value
  if (typeof dtype !== 'string' || !Object.hasOwn(ELEMENT_BITS, dtype)) {
    throw broken(`tensor "${name}" has the unknown element type ${excerpt(JSON.stringify(dtype))}`)
  }
  if (!areSizes(shape)) {
    throw broken(`tensor "${name}" has the shape ${excerpt(shape)}; expected a list of at most ${MOST_AXES} sizes`)
  }
  if (!areSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw broken(`tensor "${name}" has the offsets ${excerpt(offsets)}; expected [begin, end]`)
  }
  const type = dtype as ElementType
  const [begin, end] = offsets as [number, number]
  requireSize(name, type, shape, end - begin)
  return { type, shape, begin, end }
}

function requireSize(name: string, type: ElementType, shape: Shape, bytes: number): void {
  const bits = sizeOf(shape) * ELEMENT_BITS[type]
  if (bits !== bytes * 8) {
    throw broken(`tensor "${name}" has ${bytes} bytes; ${type} of shape [${shape.join(', ')}] takes ${bits / 8}`)
  }
}

/** A list of at most 64 whole numbers. */
export function areSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= MOST_AXES && value.every((each) => isCount(each))
}

function broken(what: string): CheckpointError {
  return new CheckpointError(`safetensors: ${what.length > 400 ? `${what.slice(0, 400)}…` : what}`)
}

/** Bits per element. Types that `numbersOf` cannot read are kept as bytes. */
export const ELEMENT_BITS = {
  ...{
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
  },
  ...{ C64: 64, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F6_E2M3: 6, F6_E3M2: 6, F4: 4 },
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
