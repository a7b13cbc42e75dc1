// The backend's elementwise functions: maps, broadcast zips and their in-place forms.

import { allocate } from '../../arena.ts'
import { memory } from '../../memory.ts'
import { broadcastStrides, sameShape, sizeOf } from '../../shape.ts'
import { pow } from '../../special-math.ts'
import type { Storage } from '../../storage.ts'
import type { Elementwise, LoopedMapOp, MapOp, ZipOp } from '../backend.ts'
import { maps as loops } from '../reference/elementwise.ts'
import { type Axis, forEachPlane, joined, single } from '../strided.ts'
import { mapKernels, type VectorMapOp, where, zipKernels } from './elementwise-kernels.ts'
import { instantiate } from './module.ts'
import { axesOf } from './moving.ts'
import { inParts, LIGHT, LINE, MOST_PARTS } from './parts.ts'
import { address, allocateOutput, finish, produce } from './staging.ts'

const cheapPowers = new Map<number, VectorMapOp>([
  [-1, 'reciprocal'],
  [0.5, 'halfPower'],
  [2, 'square'],
])

const looped: Readonly<Record<LoopedMapOp, true>> = { log1p: true, sin: true, cos: true }
const isLooped = (op: MapOp): op is LoopedMapOp => op in looped

const SPLATS = 128 // bytes of memory for repeated numbers, a part in cache lines of its own

export function compileElementwise(relaxed: boolean): Elementwise {
  const maps = instantiate(mapKernels(), relaxed)
  const zips = instantiate({ ...zipKernels(), where }, relaxed)
  const splats = memory.takeBlock(SPLATS * MOST_PARTS)

  // The strides of a are `from`, those of b `to`. The column's is 0 or 4, because only an axis of size 1 repeats.
  function zipPlane(
    op: ZipOp | 'lerp',
    row: Axis,
    column: Axis,
    a: number,
    b: number,
    out: number,
    p: number,
    q: number,
  ): void {
    const { from, to, size } = column
    if (op === 'power') {
      powerOfPairs(row, column, a, b, out)
      return
    }
    const byRows = row.size > 1
    const items = byRows ? row : column
    inParts(zips, LIGHT * row.size * size, items.size, byRows ? 1 : LINE, (on, i, end, part) => {
      const left = a + i * items.from
      const right = b + i * items.to
      const at = out + 4 * i * (byRows ? size : 1)
      const rows = byRows ? end - i : 1
      const columns = byRows ? size : end - i
      const own = splats + SPLATS * part
      on[op](left, 4 * from, row.from, right, 4 * to, row.to, at, rows, columns, p, q, own)
    })
  }

  function zipInto(op: 'add' | 'lerp', target: Storage, x: Storage, p: number): void {
    const at = address(target)
    zipPlane(op, single, { size: target.length, from: 4, to: 4 }, at, address(x), at, p, 0)
    finish(target, at)
  }

  function mapInto(op: VectorMapOp, x: number, out: number, count: number, p: number, q: number): void {
    inParts(maps, LIGHT * count, count, LINE, (on, i, end) => on[op](x + 4 * i, out + 4 * i, end - i, p, q))
  }

  return {
    map(op, x, p, q) {
      const { length } = x
      const out = allocate('float32', length)
      const to = allocateOutput(out)
      const vectorOp = op === 'power' ? cheapPowers.get(p) : isLooped(op) ? undefined : op
      if (vectorOp === undefined) loop(loops[op], address(x), to, length, p)
      else mapInto(vectorOp, address(x), to, length, p, q)
      return finish(out, to)
    },
    zip(op, a, aShape, b, bShape, shape, p, q) {
      const length = sizeOf(shape)
      const out = allocate('float32', length)
      const to = allocateOutput(out)
      const aAt = address(a)
      const bAt = address(b)
      if (sameShape(aShape, bShape)) zipPlane(op, single, { size: length, from: 4, to: 4 }, aAt, bAt, to, p, q)
      else if (length > 0) {
        const axes = axesOf(shape, broadcastStrides(aShape, shape), broadcastStrides(bShape, shape))
        let at = to
        forEachPlane(joined(axes), aAt, bAt, (row, column, left, right) => {
          zipPlane(op, row, column, left, right, at, p, q)
          at += 4 * row.size * column.size
        })
      }
      return finish(out, to)
    },
    where: (condition, a, b) =>
      produce('float32', a.length, (to) => zips.where(address(condition), address(a), address(b), to, a.length)),
    addInto: (target, x) => zipInto('add', target, x, 0),
    scaleInto(target, p) {
      const at = address(target)
      mapInto('scale', at, at, target.length, p, 0)
      finish(target, at)
    },
    lerpInto: (target, x, p) => zipInto('lerp', target, x, p),
  }
}

// These two take no memory, so `memory.f32` stays valid throughout.

function loop(f: (x: number, p: number, q: number) => number, x: number, out: number, count: number, p: number): void {
  const { f32 } = memory
  for (let i = 0; i < count; i++) f32[(out >>> 2) + i] = f(f32[(x >>> 2) + i]!, p, 0)
}

function powerOfPairs(row: Axis, column: Axis, a: number, b: number, out: number): void {
  const { f32 } = memory
  for (let r = 0; r < row.size; r++) {
    for (let c = 0; c < column.size; c++) {
      const x = f32[(a + r * row.from + c * column.from) >>> 2]!
      const y = f32[(b + r * row.to + c * column.to) >>> 2]!
      f32[(out >>> 2) + r * column.size + c] = pow(x, y)
    }
  }
}
