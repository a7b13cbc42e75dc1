// A saved training as a .safetensors file. Its typed arrays are tensors named by their path (`parts.agent.actor.0.weight`), which PyTorch can
// read; everything else is JSON in the metadata. Read next: ../nn/safetensors.ts.

import {
  numbersOf,
  readSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  storedTensor,
  writeSafetensors,
} from '../nn/safetensors.ts'
import { CheckpointError } from '../tensor/errors.ts'
import type { TypedArray } from '../tensor/storage.ts'
import type { Checkpoint, SavedValue } from './checkpoint.ts'

const KEY = 'alambic.training'

// Keys for values that JSON lacks: references to tensors, and numbers such as -0 and Infinity.
const TENSOR = '$tensor'
const NUMBER = '$number'

/** The bytes of the file. `notes` are added to its metadata. */
export function writeCheckpoint(saved: Checkpoint, notes: Readonly<Record<string, string>> = {}): Uint8Array {
  const tensors = new Map<string, StoredTensor>()
  const plain = toJson(saved as unknown as SavedValue, '', tensors)
  return writeSafetensors({ metadata: { ...notes, [KEY]: JSON.stringify(plain) }, tensors: widestFirst(tensors) })
}

/** Throws a `CheckpointError` on an invalid file, or one without a training. */
export function readCheckpoint(file: Uint8Array): Checkpoint {
  const read = readSafetensors(file)
  const text = read.metadata[KEY]
  if (text === undefined) {
    throw new CheckpointError(`the file has no training: its metadata has no "${KEY}"`)
  }
  return fromJson(parse(text), read) as unknown as Checkpoint
}

function toJson(value: SavedValue, path: string, tensors: Map<string, StoredTensor>): unknown {
  if (ArrayBuffer.isView(value)) {
    const values = value as TypedArray
    tensors.set(path, storedTensor(values, [values.length]))
    return { [TENSOR]: path }
  }
  if (typeof value === 'number')
    return isJsonNumber(value) ? value : { [NUMBER]: Object.is(value, -0) ? '-0' : `${value}` }
  if (Array.isArray(value)) return value.map((each: SavedValue, i) => toJson(each, join(path, `${i}`), tensors))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, toJson(each, join(path, name), tensors)]),
  )
}

function fromJson(value: unknown, file: SafetensorsFile): SavedValue {
  if (Array.isArray(value)) return value.map((each) => fromJson(each, file))
  if (value === null || typeof value !== 'object') return value as SavedValue
  const { [TENSOR]: tensor, [NUMBER]: number } = value as Record<string, unknown>
  if (typeof tensor === 'string') return numbersOf(file, tensor)
  if (typeof number === 'string') return Number(number)
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fromJson(each, file)]))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CheckpointError(`the training in the file is not JSON: ${(error as Error).message}`)
  }
}

function isJsonNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0)
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

// Float64 tensors first, so that all data is aligned.
function widestFirst(tensors: ReadonlyMap<string, StoredTensor>): Map<string, StoredTensor> {
  const wide = ({ type }: StoredTensor) => (type === 'F64' ? 0 : 1)
  return new Map([...tensors].sort(([, a], [, b]) => wide(a) - wide(b)))
}
