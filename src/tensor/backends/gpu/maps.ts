// The table of element-by-element operations on one operand.

import type { Storage } from '../../storage.ts'
import type { MapOp } from '../backend.ts'
import * as kernels from './kernels/maps.ts'
import { power } from './kernels/zips.ts'
import { type KernelSource, type Program, program } from './program.ts'
import type { Runner } from './runner.ts'

interface Helpers {
  readonly apply: KernelSource
  readonly [helper: string]: KernelSource
}

const table: Record<MapOp, Helpers> = {
  neg: { apply: kernels.neg },
  abs: { apply: kernels.abs },
  sign: { apply: kernels.sign },
  exp: { apply: kernels.exp },
  log: { apply: kernels.log },
  sqrt: { apply: kernels.sqrt },
  square: { apply: kernels.square },
  reciprocal: { apply: kernels.reciprocal },
  scale: { apply: kernels.scale },
  shift: { apply: kernels.shift },
  power: { apply: power },
  relu: { apply: kernels.relu },
  leakyRelu: { apply: kernels.leakyRelu },
  elu: { apply: kernels.elu },
  gelu: { apply: kernels.gelu, normalCdf: kernels.normalCdfOf },
  geluTanh: { apply: kernels.geluTanh, tanhOf: kernels.tanh },
  tanh: { apply: kernels.tanh },
  sigmoid: { apply: kernels.sigmoid },
  softplus: { apply: kernels.softplus },
  silu: { apply: kernels.silu },
  clamp: { apply: kernels.clamp },
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
  const constants = [p, q].slice(0, table[op].apply.length - 1)
  return { made: program(byConstants[constants.length]!, {}, length, 1, { ...table[op] }), constants }
}
