// Functions that move elements: transfers, strided reads, concatenation, and picking by index.

import { allocate } from '../../arena.ts'
import { sizeOf } from '../../shape.ts'
import { dtypeOf, type Storage } from '../../storage.ts'
import type { Arrangement, AxisView, Indexing, Transfers } from '../backend.ts'
import { sliced, stridedReads } from '../strided.ts'
import { make, view, walk } from './arrays.ts'

export const referenceTransfers: Transfers = {
  upload(values) {
    const out = allocate(dtypeOf(values), values.length)
    out.view().set(values)
    return out
  },
  fill: (length, value, dtype) => make(dtype, length, (out) => out.fill(value)),
  copy: (x) => make(x.dtype, x.length, (out) => out.set(view(x))),
  cast: (x, dtype) => make(dtype, x.length, (out) => out.set(view(x))),
  copyInto: (target, x) => view(target).set(view(x)),
}

export const referenceArrangement = /* @__PURE__ */ ((): Arrangement => ({
  ...stridedReads((x, shape, strides, first) =>
    make(x.dtype, sizeOf(shape), (out) => {
      const from = view(x)
      walk(shape, [strides], (i, [at]) => {
        out[i] = from[first + at!]!
      })
    }),
  ),
  sliceGrad(dy, dyShape, starts, steps, shape) {
    const { strides, first } = sliced(shape, starts, steps)
    return make(dy.dtype, sizeOf(shape), (out) => {
      const from = view(dy)
      out.fill(0)
      walk(dyShape, [strides], (i, [at]) => {
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
}))()

type Pick = (x: Storage, index: Storage, view: AxisView, count: number) => Storage

/** `isFull`: the index is [outer, count, inner], one entry per element, instead of [count]. */
const pick =
  (isFull: boolean): Pick =>
  (x, index, { outer, size, inner }, count) =>
    make(x.dtype, outer * count * inner, (out) => {
      const [from, at] = [view(x), view(index)]
      for (let j = 0; j < out.length; j++) {
        const line = Math.floor(j / inner)
        const picked = at[isFull ? j : line % count]!
        out[j] = from[(Math.floor(line / count) * size + picked) * inner + (j % inner)]!
      }
    })

const putBack =
  (isFull: boolean): Pick =>
  (dy, index, { outer, size, inner }, count) =>
    make(dy.dtype, outer * size * inner, (out) => {
      const [from, at] = [view(dy), view(index)]
      out.fill(0)
      for (let j = 0; j < from.length; j++) {
        const line = Math.floor(j / inner)
        const picked = at[isFull ? j : line % count]!
        const to = (Math.floor(line / count) * size + picked) * inner + (j % inner)
        out[to] = out[to]! + from[j]!
      }
    })

export const referenceIndexing = /* @__PURE__ */ ((): Indexing => ({
  gather: pick(true),
  gatherGrad: putBack(true),
  take: pick(false),
  takeGrad: putBack(false),
}))()
