// Softmax, log-softmax and their gradients over the rows of [rows, columns], each in the two layouts of row-layouts.ts.

import type { Code } from './assembler.ts'
import * as elementary from './elementary.ts'
import * as f32x4 from './instructions/f32x4.ts'
import type { Pointer, V, Vector } from './instructions.ts'
import { kernel } from './module.ts'
import { type Access, acrossColumns, acrossRows, type Layout, type Place } from './row-layouts.ts'

const unary = 'i32 x out rows columns'
const binary = 'i32 dy y out rows columns'

/** e^(x - max) / Σ e^(x - max). A row of -Infinity or with a NaN gives NaN. */
const softmax = (layout: Layout) =>
  kernel(unary, (code, x, out, rows, columns) => {
    layout.forEach(code, rows, columns, [x, out], ([from, to]) => {
      const shift = largest(code, layout, from!, columns)
      const total = sumOver(code, layout, columns, [from!, to!], (access, [at, result]) => {
        const e = code.let('power', elementary.exp(code, f32x4.sub(access.load(at!, -Infinity), shift)))
        access.store(result!, e)
        return e
      })
      layout.pass(code, columns, [to!], (access, [result]) => {
        access.store(result!, code.let('y', f32x4.div(access.load(result!), total)))
      })
    })
  })

/** x - max - ln Σ e^(x - max). */
const logSoftmax = (layout: Layout) =>
  kernel(unary, (code, x, out, rows, columns) => {
    layout.forEach(code, rows, columns, [x, out], ([from, to]) => {
      const shift = largest(code, layout, from!, columns)
      const sum = sumOver(code, layout, columns, [from!], (access, [at]) =>
        elementary.exp(code, f32x4.sub(access.load(at!, -Infinity), shift)),
      )
      const logSum = code.let('logSum', elementary.log(code, sum))
      layout.pass(code, columns, [from!, to!], (access, [at, result]) => {
        access.store(result!, code.let('y', f32x4.sub(f32x4.sub(access.load(at!), shift), logSum)))
      })
    })
  })

/** y (dy - Σ dy y). */
const softmaxGrad = (layout: Layout) =>
  kernel(binary, (code, dy, y, out, rows, columns) => {
    layout.forEach(code, rows, columns, [dy, y, out], ([gradient, value, to]) => {
      const dot = sumOver(code, layout, columns, [gradient!, value!], (access, [g, p]) => {
        const left = access.load(g!)
        return f32x4.mul(left, access.load(p!))
      })
      layout.pass(code, columns, [gradient!, value!, to!], (access, [g, p, result]) => {
        const left = access.load(g!)
        access.store(result!, code.let('dx', f32x4.mul(access.load(p!), f32x4.sub(left, dot))))
      })
    })
  })

/** dy - e^y Σ dy. */
const logSoftmaxGrad = (layout: Layout) =>
  kernel(binary, (code, dy, y, out, rows, columns) => {
    layout.forEach(code, rows, columns, [dy, y, out], ([gradient, value, to]) => {
      const total = sumOver(code, layout, columns, [gradient!], (access, [g]) => access.load(g!))
      layout.pass(code, columns, [gradient!, value!, to!], (access, [g, logP, result]) => {
        const left = access.load(g!)
        const p = elementary.exp(code, access.load(logP!))
        access.store(result!, code.let('dx', f32x4.sub(left, f32x4.mul(p, total))))
      })
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
