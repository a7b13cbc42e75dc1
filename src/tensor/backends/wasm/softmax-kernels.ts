// Softmax and log-softmax of each row of [rows, columns], and their derivatives, each written once and emitted in the two
// layouts of row-layouts.ts.

import type { Code } from './assembler.ts'
import * as elementary from './elementary.ts'
import { f32x4, type Local } from './instructions.ts'
import { kernel } from './module.ts'
import { acrossColumns, acrossRows, type Layout, type Place } from './row-layouts.ts'

type Pointer = Local<'i32'>
type Vector = Local<'v128'>

const unary = 'i32 x out rows columns'
const binary = 'i32 dy y out rows columns'

/** e^(x - max) / Σ e^(x - max). A row of -Infinity, or with a NaN, gives NaN: x - max is one then. */
const softmax = (layout: Layout) =>
  kernel(unary, (code, x, out, rows, columns) => {
    layout.forEach(code, rows, columns, [x, out], ([from, to]) => {
      const shift = largest(code, layout, from!, columns)
      const sum = zeros(code, 'sum')
      layout.pass(code, columns, [from!, to!], (access, [at, result]) => {
        const e = code.let('power', elementary.exp(code, f32x4.sub(access.load(at!, -Infinity), shift)))
        code.set(sum, f32x4.add(sum, e))
        access.store(result!, e)
      })
      const total = code.let('total', layout.join(code, sum, f32x4.add))
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
      const sum = zeros(code, 'sum')
      layout.pass(code, columns, [from!], (access, [at]) => {
        code.set(sum, f32x4.add(sum, elementary.exp(code, f32x4.sub(access.load(at!, -Infinity), shift))))
      })
      const logSum = code.let('logSum', elementary.log(code, layout.join(code, sum, f32x4.add)))
      layout.pass(code, columns, [from!, to!], (access, [at, result]) => {
        access.store(result!, code.let('y', f32x4.sub(f32x4.sub(access.load(at!), shift), logSum)))
      })
    })
  })

/** y (dy - Σ dy y). */
const softmaxGrad = (layout: Layout) =>
  kernel(binary, (code, dy, y, out, rows, columns) => {
    layout.forEach(code, rows, columns, [dy, y, out], ([gradient, value, to]) => {
      const sum = zeros(code, 'sum')
      layout.pass(code, columns, [gradient!, value!], (access, [g, p]) => {
        const left = access.load(g!)
        code.set(sum, f32x4.add(sum, f32x4.mul(left, access.load(p!))))
      })
      const dot = code.let('dot', layout.join(code, sum, f32x4.add))
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
      const sum = zeros(code, 'sum')
      layout.pass(code, columns, [gradient!], (access, [g]) => code.set(sum, f32x4.add(sum, access.load(g!))))
      const total = code.let('total', layout.join(code, sum, f32x4.add))
      layout.pass(code, columns, [gradient!, value!, to!], (access, [g, logP, result]) => {
        const left = access.load(g!)
        const p = elementary.exp(code, access.load(logP!))
        access.store(result!, code.let('dx', f32x4.sub(left, f32x4.mul(p, total))))
      })
    })
  })

function largest(code: Code, layout: Layout, row: Place, columns: Pointer): Vector {
  const best = code.local('v128', 'best')
  code.set(best, -Infinity)
  layout.pass(code, columns, [row], (access, [at]) => {
    code.set(best, f32x4.pmax(best, access.load(at!, -Infinity)))
  })
  return code.let('largest', layout.join(code, best, f32x4.pmax))
}

function zeros(code: Code, name: string): Vector {
  const made = code.local('v128', name)
  code.set(made, 0)
  return made
}

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
