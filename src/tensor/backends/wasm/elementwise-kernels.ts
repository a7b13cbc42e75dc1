// Elementwise operations, one kernel each: load four floats, compute, store. Read next: elementary.ts for exp, log, tanh and sigmoid.

import { GELU_CUBIC, GELU_SLOPE } from '../../special-math.ts'
import type { LoopedMapOp, MapOp, ZipOp } from '../backend.ts'
import type { Code } from './assembler.ts'
import * as elementary from './elementary.ts'
import type { Expr, V, Vector } from './instructions/encoding.ts'
import * as f32x4 from './instructions/f32x4.ts'
import * as i32 from './instructions/i32.ts'
import * as v128 from './instructions/v128.ts'
import { kernel } from './module.ts'
import { forEachVector } from './vectors.ts'

type MapFormula = (x: Vector, p: Vector, q: Vector, code: Code) => V

/** All except powers and LoopedMapOp, which elementwise.ts computes in double precision. `halfPower` is x ** 0.5. */
export type VectorMapOp = Exclude<MapOp, 'power' | LoopedMapOp> | 'halfPower'

const mapFormulas: Record<VectorMapOp, MapFormula> = {
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
function oneWhere(mask: V): V {
  return v128.and(mask, f32x4.splat(1))
}

/** 2 √(2/π) (x + 0.044715 x³), because (1 + tanh u) / 2 = sigmoid(2u). */
function twiceGeluArgument(x: Vector): V {
  return f32x4.mul(f32x4.mul(x, f32x4.add(f32x4.mul(f32x4.mul(x, x), GELU_CUBIC), 1)), 2 * GELU_SLOPE)
}

function mapKernel(formula: MapFormula) {
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
function kernelsOf<Op extends string, Formula, K>(formulas: Record<Op, Formula>, make: (formula: Formula) => K) {
  const entries = Object.entries<Formula>(formulas).map(([op, formula]) => [op, make(formula)])
  return Object.fromEntries(entries) as Record<Op, K>
}

export const mapKernels = () => kernelsOf(mapFormulas, mapKernel)

// Two operands. Within a row of the result an operand advances by 16 bytes per vector or repeats one number (step 0); between rows it
// advances by its own stride. This covers operands of one shape, scalars, rows and columns; elementwise.ts splits other broadcasts
// into these.

type ZipFormula = (a: Vector, b: Vector, p: Vector, q: Vector, code: Code) => V

/** All except powers, which elementwise.ts computes. `lerp` is a + p (b - a). */
export type VectorZipOp = Exclude<ZipOp, 'power'> | 'lerp'

const ROOT_HALF_INVERSE_PI = 0.3989422804014327 // 1/√(2π)

const zipFormulas: Record<VectorZipOp, ZipFormula> = {
  add: (a, b) => f32x4.add(a, b),
  sub: (a, b) => f32x4.sub(a, b),
  mul: (a, b) => f32x4.mul(a, b),
  div: (a, b) => f32x4.div(a, b),
  lerp: (a, b, p) => f32x4.add(a, f32x4.mul(p, f32x4.sub(b, a))),
  maximum: (a, b) => f32x4.max(a, b),
  minimum: (a, b) => f32x4.min(a, b),
  equal: (a, b) => oneWhere(f32x4.eq(a, b)),
  notEqual: (a, b) => oneWhere(f32x4.ne(a, b)),
  greater: (a, b) => oneWhere(f32x4.gt(a, b)),
  greaterEqual: (a, b) => oneWhere(f32x4.ge(a, b)),
  less: (a, b) => oneWhere(f32x4.lt(a, b)),
  lessEqual: (a, b) => oneWhere(f32x4.le(a, b)),
  reluGrad: (dy, x) => v128.and(dy, f32x4.gt(x, 0)),
  leakyReluGrad: (dy, x, p) => v128.bitselect(dy, f32x4.mul(p, dy), f32x4.gt(x, 0)),
  eluGrad: (dy, x, p, _q, code) => {
    const left = f32x4.mul(f32x4.mul(dy, p), elementary.exp(code, x))
    return v128.bitselect(dy, left, f32x4.gt(x, 0))
  },
  geluGrad: (dy, x, _p, _q, code) => {
    const { cdf, bell } = elementary.normal(code, x)
    return f32x4.mul(dy, f32x4.add(cdf, f32x4.mul(x, f32x4.mul(bell, ROOT_HALF_INVERSE_PI))))
  },
  geluTanhGrad: (dy, x, _p, _q, code) => f32x4.mul(dy, geluTanhSlope(code, x)),
  softplusGrad: (dy, x, _p, _q, code) => f32x4.mul(dy, elementary.sigmoid(code, x)),
  siluGrad: (dy, x, _p, _q, code) => {
    const s = code.let('s', elementary.sigmoid(code, x))
    return f32x4.mul(f32x4.mul(dy, s), f32x4.add(f32x4.mul(x, f32x4.sub(1, s)), 1))
  },
  clampGrad: (dy, x, p, q) => v128.and(dy, v128.and(f32x4.ge(x, p), f32x4.le(x, q))),
  tanhGrad: (dy, y) => f32x4.mul(dy, f32x4.sub(1, f32x4.mul(y, y))),
  sigmoidGrad: (dy, y) => f32x4.mul(f32x4.mul(dy, y), f32x4.sub(1, y)),
}

// y = x s(2u), so dy/dx = s + x s (1 - s) 2u'.
function geluTanhSlope(code: Code, x: Vector): V {
  const s = code.let('s', elementary.sigmoid(code, twiceGeluArgument(x)))
  const near = code.let('near', f32x4.pmin(f32x4.abs(x), 1e9)) // s (1 - s) is 0 there; prevents overflow of x²
  const slope = f32x4.add(f32x4.mul(f32x4.mul(near, near), 6 * GELU_SLOPE * GELU_CUBIC), 2 * GELU_SLOPE)
  return f32x4.add(s, f32x4.mul(x, f32x4.mul(f32x4.mul(s, f32x4.sub(1, s)), slope)))
}

const parameters = 'i32 a aStep aRow b bStep bRow out rows columns, f32 p q, i32 splats'

// `splats` is memory for two vectors, which hold repeated numbers.
function zipKernel(formula: ZipFormula) {
  return kernel(parameters, (code, a, aStep, aRow, b, bStep, bRow, out, rows, columns, p, q, splats) => {
    const ps = code.let('ps', f32x4.splat(p))
    const qs = code.let('qs', f32x4.splat(q))
    code.repeatWhile(rows, () => {
      const at = code.let('at', rowOf(code, a, aStep, splats))
      const bt = code.let('bt', rowOf(code, b, bStep, code.let('second', i32.add(splats, 16))))
      const to = code.let('to', out)
      forEachVector(code, columns, [{ at, step: aStep }, { at: bt, step: bStep }, to], (lanes) => {
        const left = code.let('left', lanes.load(at))
        const right = code.let('right', lanes.load(bt))
        lanes.store(to, code.let('y', formula(left, right, ps, qs, code)))
      })
      code.advance(a, aRow)
      code.advance(b, bRow)
      code.advance(out, i32.shl(columns, 2))
      code.advance(rows, -1)
    })
  })
}

function rowOf(code: Code, operand: Expr<'i32'>, step: Expr<'i32'>, splat: Expr<'i32'>): Expr<'i32'> {
  const row = code.let('row', operand)
  code.if(i32.eqz(step), () => {
    code.do(v128.store(splat, v128.load32_splat(operand)))
    code.set(row, splat)
  })
  return row
}

/** condition ≠ 0 ? a : b. */
export const where = /* @__PURE__ */ kernel('i32 condition a b out count', (code, condition, a, b, out, count) => {
  forEachVector(code, count, [condition, a, b, out], (lanes) => {
    const isSet = f32x4.ne(lanes.load(condition), 0)
    const left = lanes.load(a)
    const right = lanes.load(b)
    lanes.store(out, code.let('y', v128.bitselect(left, right, isSet)))
  })
})

export const zipKernels = () => kernelsOf(zipFormulas, zipKernel)
