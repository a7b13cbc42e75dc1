// Elements that move: in and out, permuted, sliced, joined, picked by index.

import { allocate } from '../../arena.ts'
import { broadcastStrides, type Shape, sizeOf, stridesOf } from '../../shape.ts'
import { type CpuStorage, dtypeOf, type Storage } from '../../storage.ts'
import type { Arrangement, Indexing, Transfers } from '../backend.ts'
import { make, view, walk } from './arrays.ts'

export const referenceTransfers: Transfers = {
  upload(values) {
    const out = allocate(dtypeOf(values), values.length)
    out.view().set(values)
    return out
  },
  fill(length, value, dtype) {
    const out = allocate(dtype, length)
    out.view().fill(value)
    return out
  },
  copy: (x) => make(x.dtype, x.length, (out) => out.set(view(x))),
  cast: (x, dtype) => make(dtype, x.length, (out) => out.set(view(x))),
  copyInto: (target, x) => view(target).set(view(x)),
}

export const referenceArrangement: Arrangement = {
  permute(x, shape, axes) {
    const strides = stridesOf(shape)
    const out = axes.map((axis) => shape[axis]!)
    return strided(
      x,
      out,
      axes.map((axis) => strides[axis]!),
      0,
    )
  },
  broadcastTo: (x, shape, out) => strided(x, out, broadcastStrides(shape, out), 0),
  slice(x, shape, starts, steps, out) {
    const strides = stridesOf(shape)
    const first = starts.reduce((sum, start, axis) => sum + start * strides[axis]!, 0)
    return strided(
      x,
      out,
      strides.map((stride, axis) => stride * steps[axis]!),
      first,
    )
  },
  sliceGrad(dy, dyShape, starts, steps, shape) {
    const strides = stridesOf(shape)
    const first = starts.reduce((sum, start, axis) => sum + start * strides[axis]!, 0)
    return make(dy.dtype, sizeOf(shape), (out) => {
      const from = view(dy)
      out.fill(0)
      walk(dyShape, [strides.map((stride, axis) => stride * steps[axis]!)], (i, [at]) => {
        out[first + at!] = from[i]!
      })
    })
  },
  concat(parts, outer, sizes, inner) {
    const total = sizes.reduce((sum, size) => sum + size, 0)
    return make(parts[0]!.dtype, outer * total * inner, (out) => {
      let before = 0
      parts.forEach((part, index) => {
        const from = view(part)
        const run = sizes[index]! * inner
        for (let o = 0; o < outer; o++) out.set(from.subarray(o * run, (o + 1) * run), o * total * inner + before)
        before += run
      })
    })
  },
}

export const referenceIndexing: Indexing = {
  gather(x, index, { outer, size, inner }, count) {
    return make(x.dtype, outer * count * inner, (out) => {
      const [from, at] = [view(x), view(index)]
      for (let j = 0; j < out.length; j++) {
        const o = Math.floor(j / (count * inner))
        out[j] = from[(o * size + at[j]!) * inner + (j % inner)]!
      }
    })
  },
  gatherGrad(dy, index, { outer, size, inner }, count) {
    return make(dy.dtype, outer * size * inner, (out) => {
      const [from, at] = [view(dy), view(index)]
      out.fill(0)
      for (let j = 0; j < from.length; j++) {
        const o = Math.floor(j / (count * inner))
        const to = (o * size + at[j]!) * inner + (j % inner)
        out[to] = out[to]! + from[j]!
      }
    })
  },
  take(x, index, { outer, size, inner }, count) {
    return make(x.dtype, outer * count * inner, (out) => {
      const [from, at] = [view(x), view(index)]
      for (let o = 0; o < outer; o++) {
        for (let c = 0; c < count; c++) {
          const first = (o * size + at[c]!) * inner
          out.set(from.subarray(first, first + inner), (o * count + c) * inner)
        }
      }
    })
  },
  takeGrad(dy, index, { outer, size, inner }, count) {
    return make(dy.dtype, outer * size * inner, (out) => {
      const [from, at] = [view(dy), view(index)]
      out.fill(0)
      for (let o = 0; o < outer; o++) {
        for (let c = 0; c < count; c++) {
          for (let i = 0; i < inner; i++) {
            const to = (o * size + at[c]!) * inner + i
            out[to] = out[to]! + from[(o * count + c) * inner + i]!
          }
        }
      }
    })
  },
}

function strided(x: Storage, out: Shape, strides: readonly number[], first: number): CpuStorage {
  return make(x.dtype, sizeOf(out), (to) => {
    const from = view(x)
    walk(out, [strides], (i, [at]) => {
      to[i] = from[first + at!]!
    })
  })
}
