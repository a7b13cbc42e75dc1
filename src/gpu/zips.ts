// The table of element-by-element operations on two operands, and how operands of broadcast shapes lie beside each other.

import type { ZipOp } from '../tensor/backends/backend.ts'
import { broadcastKind, type Shape, sizeOf } from '../tensor/shape.ts'
import type { Storage } from '../tensor/storage.ts'
import * as kernels from './kernels/zips.ts'
import { broadcastTo } from './movement.ts'
import { type KernelSource, program } from './program.ts'
import type { Runner } from './runner.ts'

const table: Record<ZipOp, KernelSource> = {
  add: kernels.add,
  sub: kernels.sub,
  mul: kernels.mul,
  div: kernels.div,
  power: kernels.power,
  maximum: kernels.maximum,
  minimum: kernels.minimum,
  equal: kernels.equal,
  notEqual: kernels.notEqual,
  greater: kernels.greater,
  greaterEqual: kernels.greaterEqual,
  less: kernels.less,
  lessEqual: kernels.lessEqual,
  reluGrad: kernels.reluGrad,
  leakyReluGrad: kernels.leakyReluGrad,
  eluGrad: kernels.eluGrad,
  geluGrad: kernels.geluGrad,
  geluTanhGrad: kernels.geluTanhGrad,
  softplusGrad: kernels.softplusGrad,
  siluGrad: kernels.siluGrad,
  clampGrad: kernels.clampGrad,
  tanhGrad: kernels.tanhGrad,
  sigmoidGrad: kernels.sigmoidGrad,
}

/** By the number of constants. */
const byConstants: readonly KernelSource[] = [kernels.zip, kernels.zipWithOne, kernels.zipWithTwo]

/** An operand, and how threads step over it along a row and from row to row. */
interface Operand {
  readonly storage: Storage
  readonly x: 0 | 1
  readonly y: 0 | 1 | 'width'
  /** The width that the threads need for it; 0 if any will do. */
  readonly width: number
}

export function zip(
  on: Runner,
  op: ZipOp,
  a: Storage,
  aShape: Shape,
  b: Storage,
  bShape: Shape,
  out: Shape,
  p: number,
  q: number,
): Storage {
  const left = operand(on, a, aShape, out, 0)
  const right = operand(on, b, bShape, out, left.width)
  const { made, constants } = zipProgram(table[op], left, right, sizeOf(out), [p, q])
  return on.run(made, [left.storage, right.storage], constants)
}

/** target := combine(target, x), element by element. */
export function zipInto(on: Runner, combine: KernelSource, target: Storage, x: Storage, ...constants: number[]): void {
  const steps = { x: 1, y: 'width', width: 0 } as const
  const [left, right] = [
    { storage: target, ...steps },
    { storage: x, ...steps },
  ]
  on.runInto(target, zipProgram(combine, left, right, target.length, constants).made, [target, x], constants)
}

/** condition ≠ 0 ? a : b. */
export function where(on: Runner, condition: Storage, a: Storage, b: Storage): Storage {
  return on.run(program(kernels.choose, {}, a.length, 1), [condition, a, b], [], a.dtype)
}

function zipProgram(combine: KernelSource, left: Operand, right: Operand, length: number, pq: readonly number[]) {
  const width = left.width || right.width || length
  const sizes = {
    ax: left.x,
    ay: left.y === 'width' ? width : left.y,
    bx: right.x,
    by: right.y === 'width' ? width : right.y,
  }
  const constants = pq.slice(0, combine.length - 2)
  const kernel = byConstants[constants.length]!
  const made = program(kernel, sizes, width, width === 0 ? 0 : length / width, { combine })
  return { made, constants }
}

// Rows and columns are read where they lie; anything else, or a width at odds with the other operand's, is spread first.
function operand(on: Runner, storage: Storage, shape: Shape, out: Shape, given: number): Operand {
  const kind = broadcastKind(shape, out)
  if (kind === 'scalar') return { storage, x: 0, y: 0, width: 0 }
  if (kind === 'row' || kind === 'column') {
    const width = kind === 'row' ? storage.length : out[out.length - 1]!
    if (given === 0 || given === width) return { storage, x: kind === 'row' ? 1 : 0, y: kind === 'row' ? 0 : 1, width }
  }
  const whole = kind === 'same' ? storage : broadcastTo(on, storage, shape, out)
  return { storage: whole, x: 1, y: 'width', width: 0 }
}
