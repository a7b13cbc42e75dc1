// Elementwise operations, each with its gradient rule. dy is the gradient of the result. Gradients at kinks and ties are
// PyTorch's.

import { customOp } from '../autograd/autograd.ts'
import { isRecording } from '../autograd/graph.ts'
import type { Tensor } from '../autograd/tensor.ts'
import type { MapOp, ZipOp } from '../backends/backend.ts'
import { unknownName, ValueError } from '../errors.ts'
import { broadcastShapes } from '../shape.ts'
import { GELU_CUBIC, GELU_SLOPE } from '../special-math.ts'
import { constant, map, scalarLike, spread, zip } from './primitives.ts'
import { expanded, select, sumTo } from './recorded.ts'

/** A tensor, or a number that is broadcast to the other operand. */
type Operand = Tensor | number

/** y = a + b, broadcast.  da = dy, db = dy. */
export function add(a: Tensor, b: Operand): Tensor
export function add(a: number, b: Tensor): Tensor
export function add(a: Operand, b: Operand): Tensor {
  if (typeof b === 'number') return plus('add', a as Tensor, b)
  if (typeof a === 'number') return plus('add', b, a)
  return customOp(zip('add', a, b), [a, b], [(dy) => sumTo(dy, a.dims), (dy) => sumTo(dy, b.dims)])
}

/** y = a - b, broadcast.  da = dy, db = -dy. */
export function sub(a: Tensor, b: Operand): Tensor
export function sub(a: number, b: Tensor): Tensor
export function sub(a: Operand, b: Operand): Tensor {
  if (typeof b === 'number') return plus('sub', a as Tensor, -b)
  if (typeof a === 'number') return minus(a, b)
  return customOp(zip('sub', a, b), [a, b], [(dy) => sumTo(dy, a.dims), (dy) => neg(sumTo(dy, b.dims))])
}

/** y = a b, broadcast.  da = dy b, db = dy a. */
export function mul(a: Tensor, b: Operand): Tensor
export function mul(a: number, b: Tensor): Tensor
export function mul(a: Operand, b: Operand): Tensor {
  if (typeof b === 'number') return times(a as Tensor, b)
  if (typeof a === 'number') return times(b, a)
  const da = (dy: Tensor) => sumTo(mul(dy, b), a.dims)
  const db = (dy: Tensor) => sumTo(mul(dy, a), b.dims)
  return customOp(zip('mul', a, b), [a, b], [da, db])
}

/** y = a / b, broadcast.  da = dy / b, db = -dy y / b. */
export function div(a: Tensor, b: Operand): Tensor
export function div(a: number, b: Tensor): Tensor
export function div(a: Operand, b: Operand): Tensor {
  if (typeof b === 'number') return div(a as Tensor, scalarLike(a as Tensor, b))
  if (typeof a === 'number') return div(scalarLike(b, a), b)
  const y = zip('div', a, b)
  const da = (dy: Tensor) => sumTo(div(dy, b), a.dims)
  const db = (dy: Tensor) => neg(sumTo(div(mul(dy, y), b), b.dims))
  return customOp(y, [a, b], [da, db])
}

function plus(name: string, x: Tensor, p: number): Tensor {
  return customOp(map('shift', x, p, 0, name), [x], [(dy) => dy])
}

function times(x: Tensor, p: number): Tensor {
  return customOp(map('scale', x, p, 0, 'mul'), [x], [(dy) => times(dy, p)])
}

/** p - x. */
function minus(p: number, x: Tensor): Tensor {
  return customOp(map('shift', map('neg', x, 0, 0, 'sub'), p, 0, 'sub'), [x], [neg])
}

// Of equal shapes: without broadcasts, a network's bundle holds no kernels for them.
function plusEach(a: Tensor, b: Tensor): Tensor {
  return customOp(zip('add', a, b), [a, b], [(dy) => dy, (dy) => dy])
}

function timesEach(a: Tensor, b: Tensor): Tensor {
  return customOp(zip('mul', a, b), [a, b], [(dy) => timesEach(dy, b), (dy) => timesEach(dy, a)])
}

/** y = x^p, or a^b broadcast.  dx = dy p x^(p-1);  da = dy b a^(b-1), db = dy y ln a (0 where a = 0 and b >= 0). */
export function pow(a: Tensor, b: Tensor | number): Tensor {
  if (typeof b === 'number') {
    const p = b
    const dx = (dy: Tensor) => (p === 0 ? select(constant(dy, 0), dy, constant(dy, 0)) : mul(mul(dy, pow(a, p - 1)), p))
    return customOp(map('power', a, p, 0, 'pow'), [a], [dx])
  }
  const y = zip('power', a, b, 'pow')
  const da = (dy: Tensor) => {
    const exponent = expanded(b, y.dims)
    const [base, zero] = [expanded(a, y.dims), constant(y, 0)]
    const isRegular = zip('add', zip('notEqual', exponent, zero), zip('greater', map('abs', base), zero))
    const slope = mul(pow(select(isRegular, base, constant(y, 1)), add(b, -1)), exponent)
    return sumTo(mul(dy, select(exponent, slope, add(slope, 0))), a.dims) // -0 + 0 = 0
  }
  const db = (dy: Tensor) => {
    const base = expanded(a, y.dims)
    const flat = zip('mul', zip('equal', base, constant(a, 0)), zip('greaterEqual', b, constant(b, 0)))
    return sumTo(mul(dy, mul(y, log(select(flat, constant(y, 1), base)))), b.dims) // ln 1 = 0
  }
  return customOp(y, [a, b], [da, db])
}

/** The larger of each pair; NaN if either is. Ties share the gradient in halves. */
export function maximum(a: Tensor, b: Tensor): Tensor {
  return extremum('maximum', 'greater', a, b)
}

/** The smaller of each pair; NaN if either is. Ties share the gradient in halves. */
export function minimum(a: Tensor, b: Tensor): Tensor {
  return extremum('minimum', 'less', a, b)
}

function extremum(op: 'maximum' | 'minimum', wins: 'greater' | 'less', a: Tensor, b: Tensor): Tensor {
  const share = (winner: Tensor, loser: Tensor) =>
    zip('add', zip(wins, winner, loser), map('scale', zip('equal', winner, loser), 0.5))
  return customOp(
    zip(op, a, b),
    [a, b],
    [(dy) => sumTo(mul(dy, share(a, b)), a.dims), (dy) => sumTo(mul(dy, share(b, a)), b.dims)],
  )
}

/** condition ≠ 0 ? a : b, broadcast. The gradient flows to the selected operand. */
export function where(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShapes('where', broadcastShapes('where', a.dims, b.dims), condition.dims)
  return select(spread(condition, shape, 'where'), expanded(a, shape, 'where'), expanded(b, shape, 'where'))
}

// Comparisons, broadcast: 1 where true, 0 where false. They have no gradient.
const comparison =
  (op: ZipOp) =>
  (a: Tensor, b: Tensor): Tensor =>
    zip(op, a, b)
export const equal = /* @__PURE__ */ comparison('equal')
export const notEqual = /* @__PURE__ */ comparison('notEqual')
export const greater = /* @__PURE__ */ comparison('greater')
export const greaterEqual = /* @__PURE__ */ comparison('greaterEqual')
export const less = /* @__PURE__ */ comparison('less')
export const lessEqual = /* @__PURE__ */ comparison('lessEqual')

/** y = -x.  dx = -dy. */
export function neg(x: Tensor): Tensor {
  return customOp(map('neg', x), [x], [neg])
}

/** y = |x|.  dx = dy sign(x), 0 at 0. */
export function abs(x: Tensor): Tensor {
  return customOp(map('abs', x), [x], [(dy) => mul(dy, map('sign', x))])
}

/** y = e^x.  dx = dy y. */
export function exp(x: Tensor): Tensor {
  const y = map('exp', x)
  return customOp(y, [x], [(dy) => timesEach(dy, y)])
}

/** y = ln x.  dx = dy / x. */
export function log(x: Tensor): Tensor {
  return customOp(map('log', x), [x], [(dy) => div(dy, x)])
}

/** y = ln(1 + x), accurate near 0.  dx = dy / (1 + x). */
export function log1p(x: Tensor): Tensor {
  return customOp(map('log1p', x), [x], [(dy) => div(dy, add(x, 1))])
}

/** y = ln(e^a + e^b), broadcast, without overflow.  da = dy σ(a - b), db = dy σ(b - a). */
export function logaddexp(a: Tensor, b: Tensor): Tensor {
  const larger = zip('maximum', a, b, 'logaddexp')
  const apart = sub(a, b)
  // a - b is NaN where both are the same infinity, which is then the result.
  const isSame = zip('equal', spread(a, apart.dims), spread(b, apart.dims))
  const isInfinite = zip('greater', isSame, zip('equal', apart, apart))
  const gap = select(isInfinite, constant(apart, 0), apart) // recorded, for the gradient of the rules
  const y = zip('add', larger, map('log1p', map('exp', map('neg', map('abs', gap)))))
  const da = (dy: Tensor) => sumTo(mul(dy, sigmoid(gap)), a.dims)
  const db = (dy: Tensor) => sumTo(mul(dy, sigmoid(neg(gap))), b.dims)
  return customOp(y, [a, b], [da, db])
}

/** y = sin x, x in radians.  dx = dy cos x. */
export function sin(x: Tensor): Tensor {
  return customOp(map('sin', x), [x], [(dy) => mul(dy, cos(x))])
}

/** y = cos x, x in radians.  dx = -dy sin x. */
export function cos(x: Tensor): Tensor {
  return customOp(map('cos', x), [x], [(dy) => neg(mul(dy, sin(x)))])
}

/** y = √x.  dx = dy / 2y. */
export function sqrt(x: Tensor): Tensor {
  const y = map('sqrt', x)
  return customOp(y, [x], [(dy) => mul(div(dy, y), 0.5)])
}

/** y = x².  dx = 2 dy x. */
export function square(x: Tensor): Tensor {
  return customOp(map('square', x), [x], [(dy) => times(timesEach(dy, x), 2)])
}

/** y = 1 / x.  dx = -dy y². */
export function reciprocal(x: Tensor): Tensor {
  const y = map('reciprocal', x)
  return customOp(y, [x], [(dy) => neg(mul(dy, square(y)))])
}

/** y = max(x, 0).  dx = dy where x > 0, else 0. */
export function relu(x: Tensor): Tensor {
  return withSlopeOfInput('relu', 'reluGrad', null, x)
}

/** y = x where x > 0, else slope x; the gradient at 0 is slope. Maas et al. 2013. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  return withSlopeOfInput('leakyRelu', 'leakyReluGrad', null, x, slope)
}

/** y = x where x > 0, else alpha (e^x - 1). Clevert et al. 2016, arXiv:1511.07289. */
export function elu(x: Tensor, alpha = 1): Tensor {
  const curvature: Curvature = (v, p) =>
    timesEach(times(exp(clamp(v, -Infinity, 0)), p), zip('lessEqual', v, constant(v, 0)))
  return withSlopeOfInput('elu', 'eluGrad', curvature, x, alpha)
}

/** y = x Φ(x), or its tanh approximation. Hendrycks and Gimpel 2016, arXiv:1606.08415. */
export function gelu(x: Tensor, form: 'exact' | 'tanh' = 'exact'): Tensor {
  if (form === 'exact') return withSlopeOfInput('gelu', 'geluGrad', geluCurvature, x)
  if (form === 'tanh') return withSlopeOfInput('geluTanh', 'geluTanhGrad', geluTanhCurvature, x, 0, 0, 'gelu')
  throw new ValueError(`gelu: ${unknownName('form', String(form), ['exact', 'tanh'])}`)
}

// φ(x) (2 - x²)
function geluCurvature(x: Tensor): Tensor {
  return times(timesEach(exp(times(square(x), -0.5)), minus(2, square(x))), 1 / Math.sqrt(2 * Math.PI))
}

// y = x/2 (1 + t), t = tanh u:  y'' = (1 - t²) (u' + x/2 (u'' - 2 t u'²))
function geluTanhCurvature(x: Tensor): Tensor {
  const [scale, cubic] = [GELU_SLOPE, GELU_CUBIC]
  const t = tanh(times(timesEach(x, plus('add', times(square(x), cubic), 1)), scale))
  const du = times(plus('add', times(square(x), 3 * cubic), 1), scale)
  const bend = plusEach(times(x, 6 * cubic * scale), times(timesEach(t, square(du)), -2))
  return timesEach(minus(1, square(t)), plusEach(du, timesEach(times(x, 0.5), bend)))
}

/** y = ln(1 + e^x).  dx = dy σ(x). */
export function softplus(x: Tensor): Tensor {
  return withSlopeOfInput('softplus', 'softplusGrad', (v) => timesEach(sigmoid(v), sigmoid(neg(v))), x)
}

/** y = x σ(x).  dx = dy σ(x) (1 + x (1 - σ(x))). Elfwing et al. 2018, arXiv:1702.03118. */
export function silu(x: Tensor): Tensor {
  const curvature: Curvature = (v) =>
    timesEach(timesEach(sigmoid(v), sigmoid(neg(v))), plus('add', timesEach(v, minus(1, times(sigmoid(v), 2))), 2))
  return withSlopeOfInput('silu', 'siluGrad', curvature, x)
}

/** y = min(max(x, low), high).  dx = dy where low <= x <= high, else 0. */
export function clamp(x: Tensor, low = -Infinity, high = Infinity): Tensor {
  if (!(low <= high)) throw new ValueError(`clamp: the bounds are ${low} and ${high}; expected low <= high`)
  return withSlopeOfInput('clamp', 'clampGrad', null, x, low, high)
}

/** NumPy's name of `clamp`. */
export { clamp as clip }

/** y = tanh x.  dx = dy (1 - y²). */
export function tanh(x: Tensor): Tensor {
  return withSlopeOfOutput('tanh', 'tanhGrad', (y) => times(y, -2), x)
}

/** y = σ(x) = 1 / (1 + e^-x).  dx = dy y (1 - y). */
export function sigmoid(x: Tensor): Tensor {
  return withSlopeOfOutput('sigmoid', 'sigmoidGrad', (y) => minus(1, times(y, 2)), x)
}

// Gradient rules with a zip of their own: one pass over the elements instead of several.
type SlopeOp = Extract<ZipOp, `${string}Grad`>
/** The derivative of a slope at `v`; null where it is 0. A parameter, so that a bundle holds those of its operations only. */
type Curvature = ((v: Tensor, p: number) => Tensor) | null

function withSlopeOfInput(op: MapOp, slope: SlopeOp, curve: Curvature, x: Tensor, p = 0, q = 0, name?: string): Tensor {
  return customOp(map(op, x, p, q, name), [x], [(dy) => sloped(slope, curve, dy, x, p, q)])
}

function withSlopeOfOutput(op: MapOp, slope: SlopeOp, curvature: Curvature, x: Tensor): Tensor {
  const y = map(op, x)
  return customOp(y, [x], [(dy) => sloped(slope, curvature, dy, y)])
}

/** dx = dy f(v), for the slope f at the input or output v. Its gradient: d(dy) = g f(v), dv = g dy f'(v). */
function sloped(slope: SlopeOp, curvature: Curvature, dy: Tensor, v: Tensor, p = 0, q = 0): Tensor {
  const dx = zip(slope, dy, v, slope, p, q)
  if (!isRecording()) return dx
  const ddy = (g: Tensor) => sloped(slope, curvature, g, v, p, q)
  if (curvature === null) return customOp(dx, [dy], [ddy])
  return customOp(dx, [dy, v], [ddy, (g) => timesEach(timesEach(g, dy), curvature(v, p))])
}
