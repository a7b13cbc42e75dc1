// Maps and broadcast zips. The reference backend implements every operation as plain loops, for all element types and for
// engines without SIMD. The other backends are tested against it.

import { cos, exp, log, sin, tanh } from '../../portable-math.ts'
import { broadcastStrides, sizeOf } from '../../shape.ts'
import { expm1, gelu, geluSlope, geluTanh, geluTanhSlope, log1p, pow, sigmoid, softplus } from '../../special-math.ts'
import type { Storage } from '../../storage.ts'
import type { Elementwise, MapOp, ZipOp } from '../backend.ts'
import { make, view, walk } from './arrays.ts'

/** Each map as a function of one element. */
export const maps: Readonly<Record<MapOp, (x: number, p: number, q: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  exp,
  log,
  log1p,
  sin,
  cos,
  sqrt: Math.sqrt,
  square: (x) => x * x,
  reciprocal: (x) => 1 / x,
  scale: (x, p) => x * p,
  shift: (x, p) => x + p,
  power: pow,
  relu: (x) => Math.max(x, 0),
  leakyRelu: (x, p) => (x > 0 ? x : p * x),
  elu: (x, p) => (x > 0 ? x : p * expm1(x)),
  gelu,
  geluTanh,
  tanh,
  sigmoid,
  softplus,
  silu: (x) => x * sigmoid(x),
  clamp: (x, p, q) => Math.min(Math.max(x, p), q),
}

const zips: Record<ZipOp, (a: number, b: number, p: number, q: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  power: pow,
  maximum: (a, b) => Math.max(a, b), // not Math.max itself, which would take p and q as well
  minimum: (a, b) => Math.min(a, b),
  equal: (a, b) => (a === b ? 1 : 0),
  notEqual: (a, b) => (a !== b ? 1 : 0),
  greater: (a, b) => (a > b ? 1 : 0),
  greaterEqual: (a, b) => (a >= b ? 1 : 0),
  less: (a, b) => (a < b ? 1 : 0),
  lessEqual: (a, b) => (a <= b ? 1 : 0),
  reluGrad: (dy, x) => (x > 0 ? dy : 0),
  leakyReluGrad: (dy, x, p) => (x > 0 ? dy : p * dy),
  eluGrad: (dy, x, p) => (x > 0 ? dy : dy * p * exp(x)),
  geluGrad: (dy, x) => dy * geluSlope(x),
  geluTanhGrad: (dy, x) => dy * geluTanhSlope(x),
  softplusGrad: (dy, x) => dy * sigmoid(x),
  siluGrad: (dy, x) => {
    const s = sigmoid(x)
    return dy * s * (1 + x * (1 - s))
  },
  clampGrad: (dy, x, p, q) => (x >= p && x <= q ? dy : 0),
  tanhGrad: (dy, y) => dy * (1 - y * y),
  sigmoidGrad: (dy, y) => dy * y * (1 - y),
}

export const referenceElementwise: Elementwise = {
  map(op, x, p, q) {
    const apply = maps[op]
    return make(x.dtype, x.length, (out) => {
      const from = view(x)
      for (let i = 0; i < from.length; i++) out[i] = apply(from[i]!, p, q)
    })
  },
  zip(op, a, aShape, b, bShape, outShape, p, q) {
    const apply = zips[op]
    return make(a.dtype, sizeOf(outShape), (out) => {
      const left = view(a)
      const right = view(b)
      walk(outShape, [broadcastStrides(aShape, outShape), broadcastStrides(bShape, outShape)], (i, [ia, ib]) => {
        out[i] = apply(left[ia!]!, right[ib!]!, p, q)
      })
    })
  },
  where(condition, a, b) {
    return make(a.dtype, a.length, (out) => {
      const [c, left, right] = [view(condition), view(a), view(b)]
      for (let i = 0; i < out.length; i++) out[i] = c[i] !== 0 ? left[i]! : right[i]!
    })
  },

  addInto: (target, x) => update(target, x, (a, b) => a + b),
  scaleInto: (target, p) => update(target, target, (a) => a * p),
  lerpInto: (target, x, p) => update(target, x, (a, b) => a + p * (b - a)),
}

function update(target: Storage, x: Storage, combine: (t: number, x: number) => number): void {
  const [t, from] = [view(target), view(x)]
  for (let i = 0; i < t.length; i++) t[i] = combine(t[i]!, from[i]!)
}
