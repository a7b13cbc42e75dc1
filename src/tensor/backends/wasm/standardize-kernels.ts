// Standardisation of each row of [rows, columns] to mean 0 and variance 1, and its gradient, for layer normalisation.
// Ba et al. 2016, arXiv:1607.06450. Means are computed in double precision.

import type { Code } from './assembler.ts'
import type { Expr, Pointer, V, Vector } from './encoding.ts'
import { f32, f32x4, f64 } from './instructions.ts'
import { kernel } from './module.ts'
import { forEachRow } from './reduce-kernels.ts'
import { doubleSum, forEachVector, type Lanes, sumDoubles } from './vectors.ts'

/** (x - mean) / √(variance + ε). */
const standardize = /* @__PURE__ */ kernel(
  'i32 x out rows columns, f64 epsilon',
  (code, x, out, rows, columns, epsilon) => {
    forEachRow(code, rows, columns, [x, out], ([from, to]) => {
      const { centred, inverse } = moments(code, from!, columns, epsilon)
      eachPass(code, columns, [from!, to!], (lanes, [at, result]) => {
        lanes.store(result!, code.let('y', f32x4.mul(centred(lanes.load(at!)), inverse)))
      })
    })
  },
)

/** (dy - mean(dy) - x̂ mean(dy x̂)) / σ with x̂ the standardised row. */
const standardizeGrad = /* @__PURE__ */ kernel(
  'i32 dy x out rows columns, f64 epsilon',
  (code, dy, x, out, rows, columns, epsilon) => {
    forEachRow(code, rows, columns, [dy, x, out], ([gradient, from, to]) => {
      const { centred, inverse } = moments(code, from!, columns, epsilon)
      const normal = (value: V) => f32x4.mul(centred(value), inverse)
      const mean = splatFloat(
        code,
        meanOver(code, columns, [gradient!], (lanes, [g]) => lanes.load(g!)),
      )
      const dot = splatFloat(
        code,
        meanOver(code, columns, [gradient!, from!], (lanes, [g, at]) => {
          const left = lanes.load(g!)
          return f32x4.mul(left, normal(lanes.load(at!)))
        }),
      )
      eachPass(code, columns, [gradient!, from!, to!], (lanes, [g, at, result]) => {
        const left = lanes.load(g!)
        const right = normal(lanes.load(at!))
        const centredGradient = f32x4.sub(f32x4.sub(left, mean), f32x4.mul(right, dot))
        lanes.store(result!, code.let('dx', f32x4.mul(inverse, centredGradient)))
      })
    })
  },
)

// The mean as the sum of two floats, so that x - mean is accurate for a large mean.
function moments(code: Code, row: Pointer, columns: Expr<'i32'>, epsilon: Expr<'f64'>) {
  const mean = code.let(
    'mean',
    meanOver(code, columns, [row], (lanes, [at]) => lanes.load(at!)),
  )
  const high = code.let('high', f32.demote_f64(mean))
  const highs = code.let('highs', f32x4.splat(high))
  const lows = splatFloat(code, f64.sub(mean, f64.promote_f32(high)))
  const centred = (value: V) => f32x4.sub(f32x4.sub(value, highs), lows)
  const variance = meanOver(code, columns, [row], (lanes, [at]) => {
    const difference = code.let('difference', lanes.keep(centred(lanes.load(at!))))
    return f32x4.mul(difference, difference)
  })
  return { centred, inverse: splatFloat(code, f64.div(1, f64.sqrt(f64.add(variance, epsilon)))) }
}

type Term = (lanes: Lanes, at: readonly Pointer[]) => V

function meanOver(code: Code, columns: Expr<'i32'>, operands: readonly Pointer[], term: Term): Expr<'f64'> {
  const sum = doubleSum(code)
  eachPass(code, columns, operands, (lanes, at) => sum.add(term(lanes, at)))
  return f64.div(sumDoubles(code, sum), f64.convert_i32_u(columns))
}

/** One pass over a row, with copies of the pointers. */
function eachPass(
  code: Code,
  columns: Expr<'i32'>,
  operands: readonly Pointer[],
  body: (lanes: Lanes, at: readonly Pointer[]) => void,
): void {
  const at = operands.map((operand) => code.let('at', operand))
  forEachVector(code, columns, at, (lanes) => body(lanes, at))
}

function splatFloat(code: Code, value: Expr<'f64'>): Vector {
  return code.let('splat', f32x4.splat(f32.demote_f64(value)))
}

export const standardizeKernels = { standardize, standardizeGrad }
