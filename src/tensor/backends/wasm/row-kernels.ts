// Softmax, log-softmax and their gradients over the rows of [rows, columns], each in two layouts of rows in vectors. For long rows the
// lanes are four columns of one row. For short rows (a few actions or classes), where combining lanes would dominate, the lanes are one
// column of four rows. Then standardisation of each row to mean 0 and variance 1, for layer normalisation (Ba et al. 2016,
// arXiv:1607.06450), with means in double precision.

import type { Code } from './assembler.ts'
import * as elementary from './elementary.ts'
import type { Expr, Pointer, V, Vector } from './instructions/encoding.ts'
import * as f32 from './instructions/f32.ts'
import * as f32x4 from './instructions/f32x4.ts'
import * as f64 from './instructions/f64.ts'
import * as i32 from './instructions/i32.ts'
import * as v128 from './instructions/v128.ts'
import { kernel } from './module.ts'
import { forEachRow } from './reduce-kernels.ts'
import { acrossLanes, doubleSum, forEachVector, type Lanes, rowsFrom, sumDoubles } from './vectors.ts'

/** The start of one row, or of four rows. */
type Place = readonly Pointer[]

/** Memory access in one step of a pass. Lanes beyond the end of a row hold `padding`. */
interface Access {
  load(at: Place, padding?: number): V
  store(at: Place, value: Vector): void
}

interface Layout {
  /** Runs `body` for each row, or each four rows, with their starts in each operand. */
  forEach(code: Code, rows: Pointer, columns: Pointer, operands: readonly Pointer[], body: (at: Place[]) => void): void
  /** One pass over the columns. */
  pass(code: Code, columns: Pointer, operands: readonly Place[], body: (access: Access, at: Place[]) => void): void
  /** Combines the lanes, if they belong to one row. */
  join(code: Code, x: Vector, combine: (a: V, b: V) => V): V
}

const acrossColumns: Layout = {
  forEach: (code, rows, columns, operands, body) =>
    forEachRow(code, rows, columns, operands, (at) => body(at.map((pointer) => [pointer]))),
  pass(code, columns, operands, body) {
    const at = operands.map(([pointer]) => [code.let('at', pointer!)])
    forEachVector(code, columns, at.flat(), (lanes) => {
      const load = ([pointer]: Place, padding?: number) => lanes.load(pointer!, padding)
      const store = ([pointer]: Place, value: Vector) => lanes.store(pointer!, value)
      body({ load, store }, at)
    })
  },
  join: acrossLanes,
}

const acrossRows: Layout = {
  forEach(code, rows, columns, operands, body) {
    const width = code.let('width', i32.shl(columns, 2))
    code.while(rows, () => {
      body(operands.map((operand) => rowsFrom(code, operand, width, rows)))
      for (const operand of operands) code.advance(operand, i32.shl(width, 2))
      code.if(i32.lt_u(rows, 4), () => code.set(rows, 4))
      code.advance(rows, -4)
    })
  },
  pass(code, columns, operands, body) {
    const at = operands.map((place) => place.map((pointer) => code.let('at', pointer)))
    const left = code.let('left', columns)
    code.while(left, () => {
      body(lanesOfRows(code), at)
      for (const pointer of at.flat()) code.advance(pointer, 4)
      code.advance(left, -1)
    })
  },
  join: (_, x) => x,
}

function lanesOfRows(code: Code): Access {
  return {
    load([first, ...others]) {
      const lanes = code.let('lanes', v128.load32_zero(first!))
      others.forEach((pointer, i) => {
        code.set(lanes, v128.load32_lane(pointer, lanes, i + 1))
      })
      return lanes
    },
    store: (at, value) => code.do(...at.map((pointer, lane) => v128.store32_lane(pointer, value, lane))),
  }
}

/** Computes a row `to` from the row `from`; a gradient from those of dy and y. */
type Row = (code: Code, layout: Layout, columns: Pointer, from: Place, to: Place) => void
type RowGrad = (code: Code, layout: Layout, columns: Pointer, dy: Place, y: Place, to: Place) => void

/* @__NO_SIDE_EFFECTS__ */
const rowKernel = (write: Row) => (layout: Layout) =>
  kernel('i32 x out rows columns', (code, x, out, rows, columns) =>
    layout.forEach(code, rows, columns, [x, out], ([from, to]) => write(code, layout, columns, from!, to!)),
  )

/* @__NO_SIDE_EFFECTS__ */
const gradKernel = (write: RowGrad) => (layout: Layout) =>
  kernel('i32 dy y out rows columns', (code, dy, y, out, rows, columns) =>
    layout.forEach(code, rows, columns, [dy, y, out], ([gradient, value, to]) =>
      write(code, layout, columns, gradient!, value!, to!),
    ),
  )

/** e^(x - max) / Σ e^(x - max). A row of -Infinity or with a NaN gives NaN. */
const softmax = rowKernel((code, layout, columns, from, to) => {
  const shift = largest(code, layout, from, columns)
  const total = sumOver(code, layout, columns, [from, to], (access, [at, result]) => {
    const e = code.let('power', elementary.exp(code, f32x4.sub(access.load(at!, -Infinity), shift)))
    access.store(result!, e)
    return e
  })
  layout.pass(code, columns, [to], (access, [result]) => {
    access.store(result!, code.let('y', f32x4.div(access.load(result!), total)))
  })
})

/** x - max - ln Σ e^(x - max). */
const logSoftmax = rowKernel((code, layout, columns, from, to) => {
  const shift = largest(code, layout, from, columns)
  const sum = sumOver(code, layout, columns, [from], (access, [at]) =>
    elementary.exp(code, f32x4.sub(access.load(at!, -Infinity), shift)),
  )
  const logSum = code.let('logSum', elementary.log(code, sum))
  layout.pass(code, columns, [from, to], (access, [at, result]) => {
    access.store(result!, code.let('y', f32x4.sub(f32x4.sub(access.load(at!), shift), logSum)))
  })
})

/** y (dy - Σ dy y). */
const softmaxGrad = gradKernel((code, layout, columns, dy, y, to) => {
  const dot = sumOver(code, layout, columns, [dy, y], (access, [g, p]) => {
    const left = access.load(g!)
    return f32x4.mul(left, access.load(p!))
  })
  layout.pass(code, columns, [dy, y, to], (access, [g, p, result]) => {
    const left = access.load(g!)
    access.store(result!, code.let('dx', f32x4.mul(access.load(p!), f32x4.sub(left, dot))))
  })
})

/** dy - e^y Σ dy. */
const logSoftmaxGrad = gradKernel((code, layout, columns, dy, y, to) => {
  const total = sumOver(code, layout, columns, [dy], (access, [g]) => access.load(g!))
  layout.pass(code, columns, [dy, y, to], (access, [g, logP, result]) => {
    const left = access.load(g!)
    const p = elementary.exp(code, access.load(logP!))
    access.store(result!, code.let('dx', f32x4.sub(left, f32x4.mul(p, total))))
  })
})

type Term = (access: Access, at: Place[]) => V

function combineOver(
  code: Code,
  layout: Layout,
  columns: Pointer,
  operands: readonly Place[],
  combine: (a: V, b: V) => V,
  start: number,
  term: Term,
): Vector {
  const combined = code.local('v128', 'combined')
  code.set(combined, start)
  layout.pass(code, columns, operands, (access, at) => code.set(combined, combine(combined, term(access, at))))
  return code.let('joined', layout.join(code, combined, combine))
}

const sumOver = (code: Code, layout: Layout, columns: Pointer, operands: readonly Place[], term: Term) =>
  combineOver(code, layout, columns, operands, f32x4.add, 0, term)

const largest = (code: Code, layout: Layout, row: Place, columns: Pointer) =>
  combineOver(code, layout, columns, [row], f32x4.pmax, -Infinity, (access, [at]) => access.load(at!, -Infinity))

export const softmaxKernels = () => ({
  softmax: softmax(acrossColumns),
  logSoftmax: logSoftmax(acrossColumns),
  softmaxGrad: softmaxGrad(acrossColumns),
  logSoftmaxGrad: logSoftmaxGrad(acrossColumns),
  softmaxShort: softmax(acrossRows),
  logSoftmaxShort: logSoftmax(acrossRows),
  softmaxGradShort: softmaxGrad(acrossRows),
  logSoftmaxGradShort: logSoftmaxGrad(acrossRows),
})

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

function meanOver(
  code: Code,
  columns: Expr<'i32'>,
  operands: readonly Pointer[],
  term: (lanes: Lanes, at: readonly Pointer[]) => V,
): Expr<'f64'> {
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
