// The backend's functions that move numbers: transfers, permutations, slices, concatenation, and picking by index.

import { allocate } from '../../arena.ts'
import { memory } from '../../memory.ts'
import { sizeOf, stridesOf } from '../../shape.ts'
import type { Storage } from '../../storage.ts'
import type { Arrangement, AxisView, Indexing, Transfers } from '../backend.ts'
import { referenceTransfers } from '../reference/movement.ts'
import { sliced, stridedReads } from '../strided.ts'
import { instantiate } from './module.ts'
import { arrangementKernels, indexingKernels, transferKernels } from './move-kernels.ts'
import { address, finish, produce } from './staging.ts'
import { axesOf, makeCopyStrided } from './strided.ts'

export function compileTransfers(relaxed: boolean): Transfers {
  const kernels = instantiate(transferKernels, relaxed)
  const copy = (x: Storage) => produce('float32', x.length, (to) => kernels.copyRuns(address(x), 0, to, 0, 1, x.length))
  return {
    upload(values) {
      if (!(values instanceof Float32Array)) return referenceTransfers.upload(values)
      const out = allocate('float32', values.length)
      if (out.array === null) memory.f32.set(values, out.offset >>> 2)
      else out.array.set(values)
      return out
    },
    fill(length, value, dtype) {
      if (dtype !== 'float32') return referenceTransfers.fill(length, value, dtype)
      const out = allocate('float32', length)
      if (out.array === null) kernels.fill(out.offset, length, value)
      else out.array.fill(value)
      return out
    },
    copy,
    cast: (x, dtype) => (dtype === 'float32' ? copy(x) : referenceTransfers.cast(x, dtype)),
    copyInto(target, x) {
      const at = address(target)
      kernels.copyRuns(address(x), 0, at, 0, 1, x.length)
      finish(target, at)
    },
  }
}

export function compileArrangement(relaxed: boolean): Arrangement {
  const kernels = instantiate(arrangementKernels, relaxed)
  const copyStrided = makeCopyStrided(kernels)
  return {
    ...stridedReads((x, shape, strides, first) =>
      produce('float32', sizeOf(shape), (to) => {
        copyStrided(axesOf(shape, strides, stridesOf(shape)), address(x) + 4 * first, to)
      }),
    ),
    sliceGrad(dy, dyShape, starts, steps, shape) {
      const { strides, first } = sliced(shape, starts, steps)
      return produce('float32', sizeOf(shape), (to) => {
        const from = address(dy)
        kernels.fill(to, sizeOf(shape), 0)
        copyStrided(axesOf(dyShape, stridesOf(dyShape), strides), from, to + 4 * first)
      })
    },
    concat(parts, outer, sizes, inner) {
      const total = sizes.reduce((sum, size) => sum + size, 0)
      return produce('float32', outer * total * inner, (to) => {
        let before = 0
        parts.forEach((part, i) => {
          const run = sizes[i]! * inner
          kernels.copyRuns(address(part), 4 * run, to + 4 * before, 4 * total * inner, outer, run)
          before += run
        })
      })
    },
  }
}

export function compileIndexing(relaxed: boolean): Indexing {
  const kernels = instantiate(indexingKernels, relaxed)

  const pick = (op: 'gather' | 'take') => (x: Storage, index: Storage, view: AxisView, count: number) => {
    const { outer, size, inner } = view
    return produce('float32', outer * count * inner, (to) => {
      kernels[op](address(x), address(index), to, outer, size, inner, count)
    })
  }

  const putBack = (op: 'gatherGrad' | 'takeGrad') => (dy: Storage, index: Storage, view: AxisView, count: number) => {
    const { outer, size, inner } = view
    const length = outer * size * inner
    return produce('float32', length, (to) => {
      const [from, indexAt] = [address(dy), address(index)]
      kernels.fill(to, length, 0)
      kernels[op](from, indexAt, to, outer, size, inner, count)
    })
  }

  return {
    gather: pick('gather'),
    gatherGrad: putBack('gatherGrad'),
    take: pick('take'),
    takeGrad: putBack('takeGrad'),
  }
}
