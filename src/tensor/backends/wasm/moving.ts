// The backend's functions that move numbers: in and out, permuted, sliced, joined, picked by index.

import { allocate } from '../../arena.ts'
import { memory } from '../../memory.ts'
import { broadcastStrides, type Shape, sizeOf, stridesOf } from '../../shape.ts'
import type { CpuStorage, DType, Storage, TypedArray } from '../../storage.ts'
import type { Arrangement, AxisView, Indexing, Transfers } from '../backend.ts'
import { referenceTransfers } from '../reference/movement.ts'
import { instantiate } from './module.ts'
import { arrangementKernels, indexingKernels, transferKernels } from './move-kernels.ts'
import { address, allocateOutput, finish } from './staging.ts'
import { axesOf, makeCopyStrided } from './strided.ts'

export function compileTransfers(relaxed: boolean): Transfers {
  const kernels = instantiate(transferKernels, relaxed)

  function upload(values: TypedArray): Storage {
    if (!(values instanceof Float32Array)) return referenceTransfers.upload(values)
    const out = allocate('float32', values.length)
    if (out.array === null) memory.f32.set(values, out.offset >>> 2)
    else out.array.set(values)
    return out
  }

  function fill(length: number, value: number, dtype: DType): Storage {
    if (dtype !== 'float32') return referenceTransfers.fill(length, value, dtype)
    const out = allocate('float32', length)
    if (out.array === null) kernels.fill(out.offset, length, value)
    else out.array.fill(value)
    return out
  }

  function copy(x: Storage): Storage {
    const out = allocate('float32', x.length)
    const to = allocateOutput(out)
    kernels.copyRuns(address(x), 0, to, 0, 1, x.length)
    return finish(out, to)
  }

  function cast(x: Storage, dtype: DType): Storage {
    return dtype === 'float32' ? copy(x) : referenceTransfers.cast(x, dtype)
  }

  function copyInto(target: Storage, x: Storage): void {
    const at = address(target)
    kernels.copyRuns(address(x), 0, at, 0, 1, x.length)
    finish(target, at)
  }

  return { upload, fill, copy, cast, copyInto }
}

export function compileArrangement(relaxed: boolean): Arrangement {
  const kernels = instantiate(arrangementKernels, relaxed)
  const copyStrided = makeCopyStrided(kernels)

  /** A new storage of `shape` that reads x, from float `first` on, with the given strides. */
  function strided(x: Storage, shape: Shape, strides: readonly number[], first: number): Storage {
    const out = allocate('float32', sizeOf(shape))
    const to = allocateOutput(out)
    copyStrided(axesOf(shape, strides, stridesOf(shape)), address(x) + 4 * first, to)
    return finish(out, to)
  }

  function permute(x: Storage, shape: Shape, axes: readonly number[]): Storage {
    const strides = stridesOf(shape)
    const permuted = axes.map((axis) => shape[axis]!)
    return strided(x, permuted, axes.map((axis) => strides[axis]!), 0) // biome-ignore format: one thought
  }

  function slice(x: Storage, shape: Shape, starts: readonly number[], steps: readonly number[], out: Shape): Storage {
    const { strides, first } = sliced(shape, starts, steps)
    return strided(x, out, strides, first)
  }

  function sliceGrad(
    dy: Storage,
    dyShape: Shape,
    starts: readonly number[],
    steps: readonly number[],
    shape: Shape,
  ): Storage {
    const { strides, first } = sliced(shape, starts, steps)
    const out = allocate('float32', sizeOf(shape))
    const to = allocateOutput(out)
    const from = address(dy)
    kernels.fill(to, out.length, 0)
    copyStrided(axesOf(dyShape, stridesOf(dyShape), strides), from, to + 4 * first)
    return finish(out, to)
  }

  function concat(parts: readonly Storage[], outer: number, sizes: readonly number[], inner: number): Storage {
    const total = sizes.reduce((sum, size) => sum + size, 0)
    const out = allocate('float32', outer * total * inner)
    const to = allocateOutput(out)
    let before = 0
    parts.forEach((part, i) => {
      const run = sizes[i]! * inner
      kernels.copyRuns(address(part), 4 * run, to + 4 * before, 4 * total * inner, outer, run)
      before += run
    })
    return finish(out, to)
  }

  return {
    permute,
    broadcastTo: (x, shape, out) => strided(x, out, broadcastStrides(shape, out), 0),
    slice,
    sliceGrad,
    concat,
  }
}

function sliced(shape: Shape, starts: readonly number[], steps: readonly number[]) {
  const strides = stridesOf(shape)
  let first = 0
  for (let axis = 0; axis < shape.length; axis++) first += starts[axis]! * strides[axis]!
  return { strides: strides.map((stride, axis) => stride * steps[axis]!), first }
}

export function compileIndexing(relaxed: boolean): Indexing {
  const kernels = instantiate(indexingKernels, relaxed)

  function pick(op: 'gather' | 'take', x: Storage, index: Storage, view: AxisView, count: number): Storage {
    const { outer, size, inner } = view
    const out = allocate('float32', outer * count * inner)
    const to = allocateOutput(out)
    kernels[op](address(x), address(index), to, outer, size, inner, count)
    return finish(out, to)
  }

  function putBack(op: 'gatherGrad' | 'takeGrad', dy: Storage, index: Storage, view: AxisView, count: number): Storage {
    const { outer, size, inner } = view
    const out: CpuStorage = allocate('float32', outer * size * inner)
    const to = allocateOutput(out)
    const from = address(dy)
    const indexAt = address(index)
    kernels.fill(to, out.length, 0)
    kernels[op](from, indexAt, to, outer, size, inner, count)
    return finish(out, to)
  }

  return {
    gather: (x, index, view, count) => pick('gather', x, index, view, count),
    gatherGrad: (dy, index, view, count) => putBack('gatherGrad', dy, index, view, count),
    take: (x, index, view, count) => pick('take', x, index, view, count),
    takeGrad: (dy, index, view, count) => putBack('takeGrad', dy, index, view, count),
  }
}
