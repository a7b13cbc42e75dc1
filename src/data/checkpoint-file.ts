// A saved training as a .safetensors file. Its typed arrays are tensors named by their path (`parts.agent.actor.0.weight`), which PyTorch can
// read; everything else is JSON in the metadata, which begins with a digest of the whole file, computed with zeros in its own place.
// Read next: ../nn/files/safetensors.ts.

import {
  numbersOf,
  readSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  storedTensor,
  writeSafetensors,
} from '../nn/files/safetensors.ts'
import { CheckpointError, excerpt } from '../tensor/errors.ts'
import { isRecord, parseJson } from '../tensor/json.ts'
import type { TypedArray } from '../tensor/storage.ts'
import { type Checkpoint, isSavedTraining, type SavedValue } from './checkpoint.ts'
import { digestOf } from './digest.ts'

const KEY = 'alambic.training'
const DIGEST = 'alambic.digest'
const BLANK = '0'.repeat(32)
const BEFORE_DIGEST = `{"__metadata__":{"${DIGEST}":"`
const DIGEST_AT = 8 + BEFORE_DIGEST.length // bytes; the header's length takes the first eight

// Keys for values that JSON lacks: references to tensors, and numbers such as -0 and Infinity.
const TENSOR = '$tensor'
const NUMBER = '$number'

/** The bytes of the file. `notes` are added to its metadata. */
export function writeCheckpoint(saved: Checkpoint, notes: Readonly<Record<string, string>> = {}): Uint8Array {
  const tensors = new Map<string, StoredTensor>()
  const plain = toJson(saved as unknown as SavedValue, '', tensors)
  const metadata = { [DIGEST]: BLANK, ...notes, [KEY]: JSON.stringify(plain) }
  // Float64 tensors first, so that all data is aligned.
  const rank = ({ type }: StoredTensor) => (type === 'F64' ? 0 : 1)
  const sorted = [...tensors].sort(([, a], [, b]) => rank(a) - rank(b))
  return sealed(writeSafetensors({ metadata, tensors: new Map(sorted) }))
}

/** Throws a `CheckpointError` on an invalid or damaged file, or one without a training. */
export function readCheckpoint(file: Uint8Array): Checkpoint {
  const read = readSafetensors(file)
  const text = read.metadata[KEY]
  if (text === undefined) {
    throw new CheckpointError(`readCheckpoint: the file has no training: its metadata has no "${KEY}"`)
  }
  const digest = read.metadata[DIGEST]
  if (digest === undefined || digestIn(sealed(new Uint8Array(file))) !== digestIn(file)) {
    throw new CheckpointError(
      `readCheckpoint: the file is damaged or was changed: its digest is ${excerpt(digest ?? 'absent')}, its bytes have another. ` +
        'Use an earlier copy, or start again',
    )
  }
  const saved = fromJson(parseJson('readCheckpoint: the training', text), read)
  if (isSavedTraining(saved)) return saved
  throw new CheckpointError('readCheckpoint: not a training; expected the records algorithm, options and parts')
}

/** The same bytes with their digest in its place. */
function sealed(file: Uint8Array): Uint8Array {
  const place = file.subarray(DIGEST_AT, DIGEST_AT + BLANK.length)
  place.set(new TextEncoder().encode(BLANK).subarray(0, place.length))
  place.set(new TextEncoder().encode(digestOf(file)).subarray(0, place.length))
  return file
}

function digestIn(file: Uint8Array): string {
  return new TextDecoder().decode(file.subarray(8, DIGEST_AT + BLANK.length))
}

function toJson(value: SavedValue, path: string, tensors: Map<string, StoredTensor>): unknown {
  if (ArrayBuffer.isView(value)) {
    const values = value as TypedArray | Uint8Array
    tensors.set(path, storedTensor(values, [values.length]))
    return { [TENSOR]: path }
  }
  if (Object.is(value, -0)) return { [NUMBER]: '-0' }
  if (typeof value === 'number') return Number.isFinite(value) ? value : { [NUMBER]: `${value}` }
  if (Array.isArray(value)) return value.map((each: SavedValue, i) => toJson(each, join(path, `${i}`), tensors))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, toJson(each, join(path, name), tensors)]),
  )
}

function fromJson(value: unknown, file: SafetensorsFile): SavedValue {
  if (Array.isArray(value)) return value.map((each) => fromJson(each, file))
  if (!isRecord(value)) return value as SavedValue
  const { [TENSOR]: tensor, [NUMBER]: number } = value
  if (typeof tensor === 'string') return numbersOf(file, tensor)
  if (typeof number === 'string') {
    if (['-0', 'Infinity', '-Infinity', 'NaN'].includes(number)) return Number(number)
    throw new CheckpointError(`readCheckpoint: the number "${excerpt(number)}"; expected -0, an infinity or NaN`)
  }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fromJson(each, file)]))
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
