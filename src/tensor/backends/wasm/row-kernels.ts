// Softmax, log-softmax and standardisation of each row of [rows, columns], and their derivatives.
// A lane beyond the end of a row holds what changes nothing: -Infinity before an exponential, 0 in a sum.

import { type Code, type Expr, f32, f32x4, f64, type Local } from './assembler.ts'
import * as elementary from './elementary.ts'
import { kernel } from './module.ts'
import { forEachRow } from './reduce-kernels.ts'
import { acrossLanes, addAsDoubles, forEachVector, type Lanes, sumDoubles, sumLanes } from './vectors.ts'

type V = Expr<'v128'>
type Pointer = Local<'i32'>
type Vector = Local<'v128'>

const unary = ['i32 x', 'i32 out', 'i32 rows', 'i32 columns'] as const
const binary = ['i32 dy', 'i32 y', 'i32 out', 'i32 rows', 'i32 columns'] as const

/** e^(x - max) / Σ e^(x - max). A row of -Infinity, or with a NaN, gives NaN: x - max is one then. */
const softmax = kernel(unary, (code, x, out, rows, columns) => {
  forEachRow(code, rows, columns, [x, out], ([from, to]) => {
    const shift = largest(code, from!, columns)
    const sum = zeros(code, 'sum')
    eachPass(code, columns, [from!, to!], (lanes, [at, result]) => {
      const e = code.let('power', elementary.exp(code, f32x4.sub(lanes.load(at!, -Infinity), shift)))
      code.set(sum, f32x4.add(sum, e))
      lanes.store(result!, e)
    })
    const total = code.let('total', sumLanes(code, sum))
    eachPass(code, columns, [to!], (lanes, [result]) => {
      lanes.store(result!, code.let('y', f32x4.div(lanes.load(result!), total)))
    })
  })
})

/** x - max - ln Σ e^(x - max). */
const logSoftmax = kernel(unary, (code, x, out, rows, columns) => {
  forEachRow(code, rows, columns, [x, out], ([from, to]) => {
    const shift = largest(code, from!, columns)
    const sum = zeros(code, 'sum')
    eachPass(code, columns, [from!], (lanes, [at]) => {
      code.set(sum, f32x4.add(sum, elementary.exp(code, f32x4.sub(lanes.load(at!, -Infinity), shift))))
    })
    const logSum = code.let('logSum', elementary.log(code, sumLanes(code, sum)))
    eachPass(code, columns, [from!, to!], (lanes, [at, result]) => {
      lanes.store(result!, code.let('y', f32x4.sub(f32x4.sub(lanes.load(at!), shift), logSum)))
    })
  })
})

/** y (dy - Σ dy y). */
const softmaxGrad = kernel(binary, (code, dy, y, out, rows, columns) => {
  forEachRow(code, rows, columns, [dy, y, out], ([gradient, value, to]) => {
    const sum = zeros(code, 'sum')
    eachPass(code, columns, [gradient!, value!], (lanes, [g, p]) => {
      const left = lanes.load(g!)
      code.set(sum, f32x4.add(sum, f32x4.mul(left, lanes.load(p!))))
    })
    const dot = code.let('dot', sumLanes(code, sum))
    eachPass(code, columns, [gradient!, value!, to!], (lanes, [g, p, result]) => {
      const left = lanes.load(g!)
      lanes.store(result!, code.let('dx', f32x4.mul(lanes.load(p!), f32x4.sub(left, dot))))
    })
  })
})

/** dy - e^y Σ dy. */
const logSoftmaxGrad = kernel(binary, (code, dy, y, out, rows, columns) => {
  forEachRow(code, rows, columns, [dy, y, out], ([gradient, value, to]) => {
    const sum = zeros(code, 'sum')
    eachPass(code, columns, [gradient!], (lanes, [g]) => code.set(sum, f32x4.add(sum, lanes.load(g!))))
    const total = code.let('total', sumLanes(code, sum))
    eachPass(code, columns, [gradient!, value!, to!], (lanes, [g, logP, result]) => {
      const p = elementary.exp(code, lanes.load(logP!))
      lanes.store(result!, code.let('dx', f32x4.sub(lanes.load(g!), f32x4.mul(p, total))))
    })
  })
})

/** (x - mean) / √(variance + ε). */
const standardize = kernel([...unary, 'f64 epsilon'], (code, x, out, rows, columns, epsilon) => {
  forEachRow(code, rows, columns, [x, out], ([from, to]) => {
    const { centred, inverse } = moments(code, from!, columns, epsilon)
    eachPass(code, columns, [from!, to!], (lanes, [at, result]) => {
      lanes.store(result!, code.let('y', f32x4.mul(centred(lanes.load(at!)), inverse)))
    })
  })
})

/** (dy - mean(dy) - x̂ mean(dy x̂)) / σ with x̂ the standardised row. Ba et al. 2016, arXiv:1607.06450. */
const standardizeGrad = kernel(
  ['i32 dy', 'i32 x', 'i32 out', 'i32 rows', 'i32 columns', 'f64 epsilon'],
  (code, dy, x, out, rows, columns, epsilon) => {
    forEachRow(code, rows, columns, [dy, x, out], ([gradient, from, to]) => {
      const { centred, inverse } = moments(code, from!, columns, epsilon)
      const normal = (value: V) => f32x4.mul(centred(value), inverse)
      const meanOf = (term: (lanes: Lanes, g: Pointer, at: Pointer) => V) =>
        code.let(
          'mean',
          splatFloat(meanOver(code, columns, [gradient!, from!], (lanes, [g, at]) => term(lanes, g!, at!))),
        )
      const mean = meanOf((lanes, g) => lanes.load(g))
      const dot = meanOf((lanes, g, at) => {
        const left = lanes.load(g)
        return f32x4.mul(left, normal(lanes.load(at)))
      })
      eachPass(code, columns, [gradient!, from!, to!], (lanes, [g, at, result]) => {
        const left = lanes.load(g!)
        const right = normal(lanes.load(at!))
        const centredGradient = f32x4.sub(f32x4.sub(left, mean), f32x4.mul(right, dot))
        lanes.store(result!, code.let('dx', f32x4.mul(inverse, centredGradient)))
      })
    })
  },
)

// The mean to twice the precision of a float, as the sum of two, so that x - mean loses nothing where the mean is large.
function moments(code: Code, row: Pointer, columns: Expr<'i32'>, epsilon: Expr<'f64'>) {
  const mean = code.let(
    'mean',
    meanOver(code, columns, [row], (lanes, [at]) => lanes.load(at!)),
  )
  const high = code.let('high', f32.demote_f64(mean))
  const highs = code.let('highs', f32x4.splat(high))
  const lows = code.let('lows', splatFloat(f64.sub(mean, f64.promote_f32(high))))
  const centred = (value: V) => f32x4.sub(f32x4.sub(value, highs), lows)
  const variance = meanOver(code, columns, [row], (lanes, [at]) => {
    const difference = code.let('difference', lanes.keep(centred(lanes.load(at!))))
    return f32x4.mul(difference, difference)
  })
  return { centred, inverse: code.let('inverse', splatFloat(f64.div(1, f64.sqrt(f64.add(variance, epsilon))))) }
}

type Term = (lanes: Lanes, at: readonly Pointer[]) => V

function meanOver(code: Code, columns: Expr<'i32'>, operands: readonly Pointer[], term: Term): Local<'f64'> {
  const low = zeros(code, 'low')
  const high = zeros(code, 'high')
  eachPass(code, columns, operands, (lanes, at) => addAsDoubles(code, low, high, code.let('term', term(lanes, at))))
  return code.let('mean', f64.div(sumDoubles(code, low, high), f64.convert_i32_u(columns)))
}

/** One pass over a row, with pointers of its own. */
function eachPass(
  code: Code,
  columns: Expr<'i32'>,
  operands: readonly Pointer[],
  body: (lanes: Lanes, at: readonly Pointer[]) => void,
): void {
  const at = operands.map((operand) => code.let('at', operand))
  forEachVector(code, columns, at, (lanes) => body(lanes, at))
}

function largest(code: Code, row: Pointer, columns: Expr<'i32'>): Vector {
  const best = code.local('v128', 'best')
  code.set(best, -Infinity)
  eachPass(code, columns, [row], (lanes, [at]) => code.set(best, f32x4.pmax(best, lanes.load(at!, -Infinity))))
  return code.let('largest', acrossLanes(code, best, f32x4.pmax))
}

function zeros(code: Code, name: string): Vector {
  const made = code.local('v128', name)
  code.set(made, 0)
  return made
}

function splatFloat(value: Expr<'f64'>): V {
  return f32x4.splat(f32.demote_f64(value))
}

export const rowKernels = { softmax, logSoftmax, softmaxGrad, logSoftmaxGrad, standardize, standardizeGrad }
