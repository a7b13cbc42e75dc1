// Elementwise operations, one kernel each: load four floats, compute, store. Their gradients are in zip-kernels.ts.
// Read next: elementary.ts for exp, log, tanh and sigmoid.

import { GELU_CUBIC, GELU_SLOPE } from '../../special-math.ts'
import type { LoopedMapOp, MapOp } from '../backend.ts'
import type { Code } from './assembler.ts'
import * as elementary from './elementary.ts'
import type { V, Vector } from './instructions/encoding.ts'
import * as f32x4 from './instructions/f32x4.ts'
import * as v128 from './instructions/v128.ts'
import { kernel } from './module.ts'
import { forEachVector } from './vectors.ts'

type Formula = (x: Vector, p: Vector, q: Vector, code: Code) => V

/** All except powers and LoopedMapOp, which elementwise.ts computes in double precision. `halfPower` is x ** 0.5. */
export type VectorMapOp = Exclude<MapOp, 'power' | LoopedMapOp> | 'halfPower'

const formulas: Record<VectorMapOp, Formula> = {
  neg: (x) => f32x4.neg(x),
  abs: (x) => f32x4.abs(x),
  sign: (x) => v128.or(f32x4.sub(oneWhere(f32x4.gt(x, 0)), oneWhere(f32x4.lt(x, 0))), f32x4.ne(x, x)),
  exp: (x, _p, _q, code) => elementary.exp(code, x),
  log: (x, _p, _q, code) => elementary.log(code, x),
  sqrt: (x) => f32x4.sqrt(x),
  halfPower: (x) => v128.bitselect(f32x4.splat(Infinity), f32x4.sqrt(x), f32x4.eq(x, -Infinity)), // IEEE 754, 9.2.1
  square: (x) => f32x4.mul(x, x),
  reciprocal: (x) => f32x4.div(1, x),
  scale: (x, p) => f32x4.mul(x, p),
  shift: (x, p) => f32x4.add(x, p),
  relu: (x) => f32x4.pmax(x, 0),
  leakyRelu: (x, p) => v128.bitselect(x, f32x4.mul(x, p), f32x4.gt(x, 0)),
  elu: (x, p, _q, code) => {
    const left = elementary.expMinusOne(code, f32x4.pmin(x, 0))
    return v128.bitselect(x, f32x4.mul(p, left), f32x4.gt(x, 0))
  },
  gelu: (x, _p, _q, code) => f32x4.mul(x, elementary.normal(code, x).cdf),
  geluTanh: (x, _p, _q, code) => f32x4.mul(x, elementary.sigmoid(code, twiceGeluArgument(x))),
  tanh: (x, _p, _q, code) => elementary.tanh(code, x),
  sigmoid: (x, _p, _q, code) => elementary.sigmoid(code, x),
  softplus: (x, _p, _q, code) => elementary.softplus(code, x),
  silu: (x, _p, _q, code) => f32x4.mul(x, elementary.sigmoid(code, x)),
  clamp: (x, p, q) => f32x4.pmin(f32x4.pmax(x, p), q),
}

/** 1 in the lanes where a comparison holds, 0 elsewhere. */
export function oneWhere(mask: V): V {
  return v128.and(mask, f32x4.splat(1))
}

/** 2 √(2/π) (x + 0.044715 x³), because (1 + tanh u) / 2 = sigmoid(2u). */
export function twiceGeluArgument(x: Vector): V {
  return f32x4.mul(f32x4.mul(x, f32x4.add(f32x4.mul(f32x4.mul(x, x), GELU_CUBIC), 1)), 2 * GELU_SLOPE)
}

function mapKernel(formula: Formula) {
  return kernel('i32 x out count, f32 p q', (code, x, out, count, p, q) => {
    const ps = code.let('ps', f32x4.splat(p))
    const qs = code.let('qs', f32x4.splat(q))
    forEachVector(code, count, [x, out], (lanes) => {
      const y = formula(code.let('value', lanes.load(x)), ps, qs, code)
      lanes.store(out, code.let('y', y))
    })
  })
}

/** A kernel for each formula, under the same name. */
export function kernelsOf<Op extends string, Formula, K>(formulas: Record<Op, Formula>, make: (formula: Formula) => K) {
  const entries = Object.entries<Formula>(formulas).map(([op, formula]) => [op, make(formula)])
  return Object.fromEntries(entries) as Record<Op, K>
}

export const mapKernels = () => kernelsOf(formulas, mapKernel)
