// Typed arrays for the loops of the reference backend.

import { allocate } from '../../arena.ts'
import { DeviceError } from '../../errors.ts'
import { type Shape, sizeOf } from '../../shape.ts'
import { CpuStorage, type DType, type Storage, type TypedArray } from '../../storage.ts'

export function view(storage: Storage): TypedArray {
  if (storage instanceof CpuStorage) return storage.view()
  throw new DeviceError(`reference: a tensor on the ${storage.device}; expected the CPU: toDevice(tensor, 'cpu')`)
}

export function make(dtype: DType, length: number, write: (out: TypedArray) => void): CpuStorage {
  const out = allocate(dtype, length) // before any view, because growing the memory detaches views
  write(out.view())
  return out
}

/** Calls `visit` for each element of `shape` in row-major order, with its offset by each of the given strides. */
export function walk(
  shape: Shape,
  strides: readonly (readonly number[])[],
  visit: (i: number, at: readonly number[]) => void,
) {
  const size = sizeOf(shape)
  const place = new Array<number>(shape.length).fill(0)
  const at = new Array<number>(strides.length).fill(0)
  for (let i = 0; i < size; i++) {
    visit(i, at)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis] = place[axis]! + 1
      for (let s = 0; s < at.length; s++) at[s] = at[s]! + strides[s]![axis]!
      if (place[axis]! < shape[axis]!) break
      for (let s = 0; s < at.length; s++) at[s] = at[s]! - strides[s]![axis]! * shape[axis]!
      place[axis] = 0
    }
  }
}
