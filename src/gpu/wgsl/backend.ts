// The backend `wgsl`: all families of operations on a WebGPU device, by kernels that are written as WGSL.

import type { AxisView, Backend } from '../../tensor/backends/backend.ts'
import { sliced, stridedReads } from '../../tensor/backends/strided.ts'
import { broadcastStrides, type Shape, sizeOf, stridesOf } from '../../tensor/shape.ts'
import { CpuStorage, type DType, dtypeOf, type Storage, type TypedArray } from '../../tensor/storage.ts'
import { GpuStorage, refuseFloat64 } from '../devices/gpu-storage.ts'
import { adamBy, choose, constant, lerp, maps, type Step, same, truncate, zips } from '../kernels/elementwise.ts'
import type { ElementFunction } from '../kernels/functions.ts'
import { type AlongLines, type LineRule, lineFunctions, lineRules } from '../kernels/lines.ts'
import type { WgslEngine } from './engine.ts'
import { cumsumText, elementText, type FusedStep, fuse, lineText, type Pick, pickText } from './kernels.ts'
import { productText, SIDE } from './matmul.ts'
import { THREADS } from './shader.ts'

/** Length from which a total is computed in `PARTS` parts. */
const IN_PARTS_FROM = 4096
const PARTS = 256

/** An array of an elementwise kernel; contiguous by default. */
interface Operand {
  readonly storage: Storage
  readonly strides?: readonly number[]
  readonly first?: number
}

export function wgslBackend(on: WgslEngine): Backend {
  const create = (length: number, dtype: DType = 'float32') => new GpuStorage(on, on.allocate(length), dtype, length)

  /** Applies rules at each position of `shape`, in one kernel. */
  function each(steps: readonly FusedStep[], shape: Shape, operands: readonly Operand[], floats: number[] = []): void {
    const own = stridesOf(shape)
    const axes = merged(shape, operands.map(({ strides = own }) => strides)) // biome-ignore format: one call
    const isFlat = axes.length <= 1 && axes.every(({ strides }) => strides.every((stride) => stride === 1))
    const strided = isFlat ? [] : axes
    const length = sizeOf(shape)
    const firsts = operands.map(({ first = 0 }) => first)
    const ints = [length, ...firsts, ...strided.flatMap(({ size, strides }) => [size, ...strides])]
    const name = steps.map(({ rule, target, inputs }) => `${rule.name} ${target} ${inputs}`).join('; ')
    const arrays = operands.map(({ storage }) => storage)
    const emit = () => elementText(steps, strided.length)
    on.run(`${name} by ${strided.length}`, emit, arrays, Math.ceil(length / THREADS), ints, floats)
  }

  /** A new contiguous array of a rule's results. */
  function made(dtype: DType, shape: Shape, rule: ElementFunction, operands: readonly Operand[], ...floats: number[]) {
    const storage = create(sizeOf(shape), dtype)
    each([{ rule, target: 0, inputs: operands.map((_, i) => i + 1) }], shape, [{ storage }, ...operands], floats)
    return storage
  }

  const move = (x: Storage, target: Operand, shape: Shape) =>
    each([{ rule: same, target: 0, inputs: [1] }], shape, [target, { storage: x }])

  function update(steps: readonly Step[]): void {
    const { arrays, fused } = fuse(steps)
    const operands = arrays.map((storage) => ({ storage }))
    each(fused, [arrays[0]!.length], operands, steps.flatMap(([, , constants]) => constants)) // biome-ignore format: one call
  }

  function upload(values: TypedArray) {
    refuseFloat64('toDevice', dtypeOf(values), "convert the tensor first: cast(tensor, 'float32')")
    return new GpuStorage(on, on.upload(Float32Array.from(values)), dtypeOf(values), values.length)
  }

  function fill(length: number, value: number, dtype: DType = 'float32') {
    refuseFloat64('fill', dtype, 'expected float32 or int32')
    return made(dtype, [length], constant, [], value)
  }

  const alongLines: AlongLines = (name, inputs, view, ...floats) => {
    const rule: LineRule = lineRules[name]
    const { outer, size, inner } = view
    const lines = outer * inner
    const y = create(rule.perLine ? lines : lines * size, name.startsWith('arg') ? 'int32' : 'float32')
    const lanes = size > 64 ? 64 : size > 4 ? 8 : 1
    const groups = y.length === 0 ? 0 : Math.ceil((lines * lanes) / THREADS)
    const ints = [lines, size, inner, inputs[0]!.length]
    on.run(`${name} ${lanes}`, () => lineText(rule, lanes), [y, ...inputs], groups, ints, floats)
    return y
  }

  const pick =
    (name: Pick) =>
    (x: Storage, index: Storage, { outer, size, inner }: AxisView, count: number) => {
      const y = create(outer * (name.endsWith('Grad') ? size : count) * inner, x.dtype)
      const indices = index instanceof CpuStorage ? upload(index.view()) : index
      const ints = [y.length, size, count, inner]
      on.run(name, () => pickText(name), [y, x, indices], Math.ceil(y.length / THREADS), ints)
      return y
    }

  return {
    name: 'gpu (wgsl)',
    upload,
    fill,
    copy: (x) => made(x.dtype, [x.length], same, [{ storage: x }]),
    cast(x, dtype) {
      refuseFloat64('cast', dtype, "move the tensor to the CPU first: await toDevice(tensor, 'cpu')")
      return made(dtype, [x.length], dtype === 'int32' ? truncate : same, [{ storage: x }])
    },
    copyInto: (target, x) => move(x, { storage: target }, [x.length]),
    map: (op, x, p, q) => made('float32', [x.length], maps[op], [{ storage: x }], p, q),
    zip(op, a, aShape, b, bShape, out, p, q) {
      const left = { storage: a, strides: broadcastStrides(aShape, out) }
      const right = { storage: b, strides: broadcastStrides(bShape, out) }
      return made('float32', out, zips[op], [left, right], p, q)
    },
    where: (c, a, b) => made(a.dtype, [a.length], choose, [{ storage: c }, { storage: a }, { storage: b }]),
    addInto: (target, x) => update([[zips.add, [target, x], []]]),
    scaleInto: (target, p) => update([[maps.scale, [target], [p]]]),
    lerpInto: (target, x, p) => update([[lerp, [target, x], [p]]]),
    reduce(op, x, view) {
      const { outer, size, inner } = view
      if (size === 0) return fill(outer * inner, { sum: 0, max: -Infinity, min: Infinity }[op])
      if (outer * inner > 1 || size < IN_PARTS_FROM) return alongLines(op, [x], view)
      const parts = alongLines(op, [x], { outer: 1, size: Math.ceil(size / PARTS), inner: PARTS })
      const total = alongLines(op, [parts], { outer: 1, size: PARTS, inner: 1 })
      parts.release()
      return total
    },
    ...lineFunctions(alongLines),
    cumsum(x, { outer, size, inner }, reverse) {
      const y = create(x.length)
      const ints = [outer * inner, size, inner, reverse ? size - 1 : 0, reverse ? -1 : 1]
      on.run('cumsum', cumsumText, [y, x], Math.ceil((outer * inner) / THREADS), ints)
      return y
    },
    matmul({ batch, m, k, n, transposeA, transposeB }, a, b, bias) {
      const c = create(batch * m * n)
      const name = `matmul ${transposeA} ${transposeB} ${bias !== null}`
      const groups = batch * Math.ceil(m / SIDE) * Math.ceil(n / SIDE)
      const arrays = bias === null ? [c, a, b] : [c, a, b, bias]
      on.run(name, () => productText(transposeA, transposeB, bias !== null), arrays, groups, [batch, m, k, n])
      return c
    },
    ...stridedReads((x, shape, strides, first) => made(x.dtype, shape, same, [{ storage: x, strides, first }])),
    sliceGrad(dy, dyShape, starts, steps, shape) {
      const y = fill(sizeOf(shape), 0)
      move(dy, { storage: y, ...sliced(shape, starts, steps) }, dyShape)
      return y
    },
    concat(parts, outer, sizes, inner) {
      const width = inner * sizes.reduce((sum, size) => sum + size, 0)
      const y = create(outer * width, parts[0]!.dtype)
      let first = 0
      parts.forEach((part, i) => {
        move(part, { storage: y, strides: [width, 1], first }, [outer, sizes[i]! * inner])
        first += sizes[i]! * inner
      })
      return y
    },
    gather: pick('gather'),
    gatherGrad: pick('gatherGrad'),
    take: pick('take'),
    takeGrad: pick('takeGrad'),
    adam: adamBy(update),
  }
}

/** The axes of some arrays at once. Drops axes of size 1 and merges neighbours that are contiguous in all arrays. */
function merged(shape: Shape, strides: readonly (readonly number[])[]) {
  const axes: { size: number; strides: number[] }[] = []
  shape.forEach((size, axis) => {
    if (size === 1) return
    const own = strides.map((each) => each[axis]!)
    const last = axes[axes.length - 1]
    const joins = last?.strides.every((stride, i) => stride === size * own[i]!)
    if (joins) axes.pop()
    axes.push({ size: joins ? size * last!.size : size, strides: own })
  })
  return axes
}
