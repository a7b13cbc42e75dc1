// Kernels write their results and nothing beyond them. The arena above what an operation took is filled with a mark first,
// and must be untouched afterwards; all operands are in the arena themselves, so that nothing is staged there.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as t from '../../../src/tensor/index.ts'
import { memory } from '../../../src/tensor/memory.ts'
import { seeds } from '../../support/arbitraries.ts'

const MARK = 12345
const MARKED = 4096 // floats

type Operation = (x: t.Tensor, y: t.Tensor, rng: t.Rng) => t.Tensor

/** x and y are [rows, columns]. */
const operations: Record<string, Operation> = {
  add: (x, y) => t.add(x, y),
  'add of a row': (x, y) => t.add(x, t.narrow(y, 0, 0, 1)),
  'mul of a column': (x, y) => t.mul(x, t.narrow(y, 1, 0, 1)),
  where: (x, y) => t.where(t.greater(x, y), x, y),
  tanh: (x) => t.tanh(x),
  exp: (x) => t.exp(x),
  'gelu, tanh form': (x) => t.gelu(x, 'tanh'),
  sum: (x) => t.sum(x),
  'sum of columns': (x) => t.sum(x, 0),
  'sum of rows': (x) => t.sum(x, 1),
  amax: (x) => t.amax(x, 1),
  max: (x) => t.max(x, 0),
  cumsum: (x) => t.cumsum(x, 0),
  softmax: (x) => t.softmax(x),
  'softmax of columns': (x) => t.softmax(x, 0),
  logSoftmax: (x) => t.logSoftmax(x),
  layerNorm: (x) => t.layerNorm(x),
  transpose: (x) => t.transpose(x),
  slice: (x) => t.slice(x, [[0, x.shape[0]!, 2]]),
  concat: (x, y) => t.concat([x, y], 1),
  expand: (x) => t.expand(t.narrow(x, 1, 0, 1), x.shape),
  'matmul, B transposed': (x, y) => t.matmul(x, t.transpose(y)),
  'matmul, A transposed': (x, y) => t.matmul(t.transpose(x), y),
  linear: (x, y) => t.linear(x, y),
  indexSelect: (x, _, rng) =>
    t.indexSelect(x, 0, t.tensor(Int32Array.from({ length: 5 }, () => rng.integer(x.shape[0]!)))),
  gather: (x, _, rng) => {
    const index = Int32Array.from({ length: x.size }, () => rng.integer(x.shape[1]!))
    return t.gather(x, 1, t.tensor(index, x.shape))
  },
}

// Marks the arena from its top on. What follows lies over the first part of the mark.
function mark(): { check(what: string): void } {
  const place = memory.mark().top / 4
  memory.f32.fill(MARK, place, place + MARKED)
  const check = (what: string) => {
    const top = memory.mark().top / 4
    for (let at = top; at < place + MARKED; at++) {
      if (memory.f32[at] !== MARK) expect.fail(`${4 * (at - top)} bytes beyond ${what} something was written`)
    }
  }
  return { check }
}

const side = fc.integer({ min: 1, max: 19 })

it.each(Object.entries(operations))('%s, forwards and backwards', (_, operation) => {
  fc.assert(
    fc.property(side, side, seeds(), (rows, columns, seed) => {
      t.scope(() => {
        const rng = new t.Rng(seed)
        const [x, y] = [t.normal(rng, [rows, columns]), t.normal(rng, [rows, columns])]
        x.requiresGrad = true
        const forward = mark()
        const z = operation(x, y, rng)
        forward.check('the result')
        const cotangent = t.ones(z.shape)
        const backward = mark()
        z.backward(cotangent)
        backward.check('the gradients')
      })
    }),
    { numRuns: 60 },
  )
})
