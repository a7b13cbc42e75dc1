// Matrix products. Read next: backends/wasm/matmul.ts.

import { customOp } from '../autograd.ts'
import { products } from '../backends/families.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { broadcastShapes, type Shape, sizeBetween, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { axisView, backendForBoth, reduceNeighbours, requireBoth, spread, sumTo, view } from './primitives.ts'

/**
 * C = A · B: [m, k] · [k, n] → [m, n]. Leading axes are batches and broadcast. A vector is a row on the left and a column on
 * the right; its axis is removed from the result.  dA = dC · Bᵀ, dB = Aᵀ · dC.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  requireMatrices(a, b)
  if (b.shape.length > 2) return batchedProduct(a, b)
  if (a.shape.length === 2 && b.shape.length === 2) return matrixProduct(a, b)
  return rowsTimesMatrix(a, b)
}

function matrixProduct(a: Tensor, b: Tensor): Tensor {
  return customOp(
    product(a, b, false, false),
    [a, b],
    [(dC) => product(dC, b, false, true), (dC) => product(a, dC, true, false)],
  )
}

// One matrix on the right: the batches of A are flattened to rows.
function rowsTimesMatrix(a: Tensor, b: Tensor): Tensor {
  const outer = a.shape.slice(0, -1)
  const rows = view(a, [sizeOf(outer), a.shape.at(-1)!])
  const matrix = b.shape.length === 1 ? view(b, [b.size, 1]) : b
  const c = product(rows, matrix, false, false)
  return customOp(
    view(c, [...outer, ...b.shape.slice(1)]),
    [a, b],
    [
      (dC) => view(product(view(dC, c.shape), matrix, false, true), a.shape),
      (dC) => view(product(rows, view(dC, c.shape), true, false), b.shape),
    ],
  )
}

function batchedProduct(a: Tensor, b: Tensor): Tensor {
  const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape
  const batches = broadcastShapes('matmul (batch axes)', left.slice(0, -2), b.shape.slice(0, -2))
  const wideA = spread(view(a, left), [...batches, ...left.slice(-2)], 'matmul')
  const wideB = spread(b, [...batches, ...b.shape.slice(-2)], 'matmul')
  const c = product(wideA, wideB, false, false)
  const shape = a.shape.length === 1 ? [...batches, b.shape.at(-1)!] : c.shape
  return customOp(
    view(c, shape),
    [a, b],
    [
      (dC) => view(sumTo(product(view(dC, c.shape), wideB, false, true), left), a.shape),
      (dC) => sumTo(product(wideA, view(dC, c.shape), true, false), b.shape),
    ],
  )
}

/**
 * y = x · Wᵀ + b: [..., inputs] · [outputs, inputs]ᵀ + [outputs] → [..., outputs], with PyTorch's layout of the weight.
 * dx = dy · W, dW = dyᵀ · x, db = Σ dy over the rows.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const rank = x.shape.length
  const inputs = x.shape[rank - 1]
  if (weight.shape.length !== 2 || inputs !== weight.shape[1]) {
    const hint = weight.shape.length === 2 && inputs === weight.shape[0] ? '. Did you mean transpose(weight)?' : ''
    throw new ShapeError(
      `linear: the input ${formatShape(x.shape)} has ${inputs ?? 'no'} features in its last axis, ` +
        `the weight ${formatShape(weight.shape)} takes ${weight.shape[1] ?? 'none'} ([outputs, inputs])${hint}`,
    )
  }
  const outputs = weight.shape[0]!
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== outputs)) {
    throw new ShapeError(`linear: the bias has shape ${formatShape(bias.shape)}; expected [${outputs}]`)
  }
  const rows = rank === 2 ? x : view(x, [sizeBetween(x.shape, 0, rank - 1), weight.shape[1]!])
  const y = product(rows, weight, false, true, bias, 'linear')
  const shape = rank === 2 ? y.shape : [...x.shape.slice(0, -1), outputs]
  const flat = (dy: Tensor) => (rank === 2 ? dy : view(dy, y.shape))
  const dx = (dy: Tensor) => view(product(flat(dy), weight, false, false), x.shape)
  const dW = (dy: Tensor) => product(flat(dy), rows, true, false)
  if (bias === undefined) return customOp(view(y, shape), [x, weight], [dx, dW])
  return customOp(
    view(y, shape),
    [x, weight, bias],
    [dx, dW, (dy) => reduceNeighbours('sum', flat(dy), axisView(y.shape, 0), [outputs])],
  )
}

/** op(A) · op(B) over the last two axes; the others are equal. Not recorded. */
function product(
  a: Tensor,
  b: Tensor,
  transposeA: boolean,
  transposeB: boolean,
  bias?: Tensor,
  name = 'matmul',
): Tensor {
  const rank = a.shape.length
  const m = a.shape[rank - (transposeA ? 1 : 2)]!
  const k = a.shape[rank - (transposeA ? 2 : 1)]!
  const n = b.shape[rank - (transposeB ? 2 : 1)]!
  const backend = backendForBoth(name, a, b, products)
  if (bias !== undefined) requireBoth(name, a, bias)
  const batch = sizeBetween(a.shape, 0, rank - 2)
  const shape: Shape = rank === 2 ? [m, n] : [...a.shape.slice(0, -2), m, n]
  const spec = { batch, m, k, n, transposeA, transposeB }
  return new Tensor(shape, backend.matmul(spec, a.storage, b.storage, bias === undefined ? null : bias.storage))
}

function requireMatrices(a: Tensor, b: Tensor): void {
  if (a.shape.length === 0 || b.shape.length === 0) {
    throw new ShapeError(
      `matmul: A is ${formatShape(a.shape)}, B is ${formatShape(b.shape)}; expected at least one axis. Did you mean mul?`,
    )
  }
  const inner = a.shape[a.shape.length - 1]!
  const rowsB = b.shape[Math.max(0, b.shape.length - 2)]!
  if (inner === rowsB) return
  const hint = b.shape.length > 1 && inner === b.shape.at(-1) ? ' Did you mean matmul(a, transpose(b))?' : ''
  throw new ShapeError(
    `matmul: inner sizes differ: A is ${formatShape(a.shape)}, B is ${formatShape(b.shape)} ` +
      `(A has ${inner} columns, B has ${rowsB} rows).${hint}`,
  )
}
