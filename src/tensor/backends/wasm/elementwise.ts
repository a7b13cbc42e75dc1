// The backend's element-by-element functions: maps, broadcast zips and what is made of them.

import { allocate } from '../../arena.ts'
import { memory } from '../../memory.ts'
import { broadcastStrides, type Shape, sameShape, sizeOf } from '../../shape.ts'
import { pow } from '../../special-math.ts'
import type { Storage } from '../../storage.ts'
import type { Elementwise, MapOp, ZipOp } from '../backend.ts'
import { mapKernels, type VectorMapOp } from './map-kernels.ts'
import { instantiate } from './module.ts'
import { address, allocateOutput, finish } from './staging.ts'
import { type Axis, axesOf, joined } from './strided.ts'
import { where as whereKernel, zipKernels } from './zip-kernels.ts'

const cheapPowers = new Map<number, VectorMapOp>([
  [-1, 'reciprocal'],
  [0.5, 'halfPower'],
  [2, 'square'],
])

const whole: Axis = { size: 1, from: 0, to: 0 }

export function compileElementwise(relaxed: boolean): Elementwise {
  const kernels = instantiate({ ...mapKernels(), ...zipKernels(), where: whereKernel }, relaxed)
  const splats = memory.takeBlock(32)

  function map(op: MapOp, x: Storage, p: number, q: number): Storage {
    const { length } = x
    const out = allocate('float32', length)
    const to = allocateOutput(out)
    const vectorOp = op === 'power' ? cheapPowers.get(p) : op
    if (vectorOp === undefined) powerOfEach(address(x), to, length, p)
    else kernels[`map.${vectorOp}`](address(x), to, length, p, q)
    return finish(out, to)
  }

  function zip(op: ZipOp, a: Storage, aShape: Shape, b: Storage, bShape: Shape, shape: Shape, p: number, q: number) {
    const length = sizeOf(shape)
    const out = allocate('float32', length)
    const to = allocateOutput(out)
    const aAt = address(a)
    const bAt = address(b)
    if (length > 0) {
      if (sameShape(aShape, bShape)) zipPlane(op, whole, { size: length, from: 4, to: 4 }, aAt, bAt, to, p, q)
      else {
        const axes = axesOf(shape, broadcastStrides(aShape, shape), broadcastStrides(bShape, shape))
        zipAxes(op, joined(axes), length, aAt, bAt, to, p, q)
      }
    }
    return finish(out, to)
  }

  // Axes carry the strides of a as `from` and of b as `to`; the result is contiguous and `length` numbers long.
  function zipAxes(
    op: ZipOp,
    axes: readonly Axis[],
    length: number,
    a: number,
    b: number,
    out: number,
    p: number,
    q: number,
  ): void {
    if (axes.length <= 2) {
      zipPlane(op, axes.length === 2 ? axes[0]! : whole, axes[axes.length - 1] ?? whole, a, b, out, p, q)
      return
    }
    const [first, ...rest] = axes
    const part = length / first!.size
    for (let i = 0; i < first!.size; i++) {
      zipAxes(op, rest, part, a + i * first!.from, b + i * first!.to, out + 4 * i * part, p, q)
    }
  }

  function zipPlane(op: ZipOp, row: Axis, column: Axis, a: number, b: number, out: number, p: number, q: number): void {
    if (op === 'power') powerOfPairs(row, column, a, b, out)
    else {
      // Contiguous or repeated: the last axis of an operand that is not of size 1 has stride 1 or 0.
      const { from, to, size } = column
      kernels[`zip.${op}`](a, 4 * from, row.from, b, 4 * to, row.to, out, row.size, size, p, q, splats)
    }
  }

  function where(condition: Storage, a: Storage, b: Storage): Storage {
    const out = allocate('float32', a.length)
    const to = allocateOutput(out)
    kernels.where(address(condition), address(a), address(b), to, a.length)
    return finish(out, to)
  }

  function addInto(target: Storage, x: Storage): void {
    const at = address(target)
    kernels['zip.add'](at, 16, 0, address(x), 16, 0, at, 1, target.length, 0, 0, splats)
    finish(target, at)
  }

  function scaleInto(target: Storage, p: number): void {
    const at = address(target)
    kernels['map.scale'](at, at, target.length, p, 0)
    finish(target, at)
  }

  function lerpInto(target: Storage, x: Storage, p: number): void {
    const at = address(target)
    kernels['zip.lerp'](at, 16, 0, address(x), 16, 0, at, 1, target.length, p, 0, splats)
    finish(target, at)
  }

  return { map, zip, where, addInto, scaleInto, lerpInto }
}

// No memory is taken while these two run, so one look at `memory.f32` serves.

function powerOfEach(x: number, out: number, count: number, p: number): void {
  const { f32 } = memory
  for (let i = 0; i < count; i++) f32[(out >>> 2) + i] = pow(f32[(x >>> 2) + i]!, p)
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
