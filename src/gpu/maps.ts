// The table of element-by-element operations on one operand.

import type { MapOp } from '../tensor/backends/backend.ts'
import type { Storage } from '../tensor/storage.ts'
import * as kernels from './kernels/maps.ts'
import { power } from './kernels/zips.ts'
import { type KernelSource, type Program, program } from './program.ts'
import type { Runner } from './runner.ts'

const table: Record<MapOp, KernelSource> = {
  neg: kernels.neg,
  abs: kernels.abs,
  sign: kernels.sign,
  exp: kernels.exp,
  log: kernels.log,
  sqrt: kernels.sqrt,
  square: kernels.square,
  reciprocal: kernels.reciprocal,
  scale: kernels.scale,
  shift: kernels.shift,
  power: power,
  relu: kernels.relu,
  leakyRelu: kernels.leakyRelu,
  elu: kernels.elu,
  gelu: kernels.gelu,
  geluTanh: kernels.geluTanh,
  tanh: kernels.tanh,
  sigmoid: kernels.sigmoid,
  softplus: kernels.softplus,
  silu: kernels.silu,
  clamp: kernels.clamp,
}

/** By the number of constants. */
const byConstants: readonly KernelSource[] = [kernels.map, kernels.mapWithOne, kernels.mapWithTwo]

export function map(on: Runner, op: MapOp, x: Storage, p: number, q: number): Storage {
  const { made, constants } = mapProgram(op, x.length, p, q)
  return on.run(made, [x], constants)
}

/** target := op(target). */
export function mapInto(on: Runner, op: MapOp, target: Storage, p: number): void {
  const { made, constants } = mapProgram(op, target.length, p, 0)
  on.runInto(target, made, [target], constants)
}

function mapProgram(op: MapOp, length: number, p: number, q: number): { made: Program; constants: number[] } {
  const constants = [p, q].slice(0, table[op].length - 1)
  return { made: program(byConstants[constants.length]!, {}, length, 1, { apply: table[op] }), constants }
}
