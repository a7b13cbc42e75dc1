// Matrix products. Read next: backends/wasm/matmul.ts.

import { customOp } from '../autograd.ts'
import { products } from '../backends/families.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { broadcastShapes, type Shape, sizeBetween, sizeOf } from '../shape.ts'
import { requireLive, Tensor } from '../tensor.ts'
import { axisView, backendForBoth, reduceNeighbours, requireBoth, spread, sumTo, view } from './primitives.ts'

/**
 * C = A · B: [m, k] · [k, n] → [m, n]. Leading axes are batches and broadcast. A vector is a row on the left and a column on
 * the right; its axis is removed from the result.  dA = dC · Bᵀ, dB = Aᵀ · dC.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  requireMatrices(a, b)
  if (b.dims.length > 2) return batchedProduct(a, b)
  if (a.dims.length === 2 && b.dims.length === 2) return matrixProduct(a, b)
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
  const outer = a.dims.slice(0, -1)
  const rows = view(a, [sizeOf(outer), a.dims.at(-1)!])
  const matrix = b.dims.length === 1 ? view(b, [b.size, 1]) : b
  const c = product(rows, matrix, false, false)
  return customOp(
    view(c, [...outer, ...b.dims.slice(1)]),
    [a, b],
    [
      (dC) => view(product(view(dC, c.dims), matrix, false, true), a.dims),
      (dC) => view(product(rows, view(dC, c.dims), true, false), b.dims),
    ],
  )
}

function batchedProduct(a: Tensor, b: Tensor): Tensor {
  const left = a.dims.length === 1 ? [1, ...a.dims] : a.dims
  const batches = broadcastShapes('matmul (batch axes)', left.slice(0, -2), b.dims.slice(0, -2))
  const wideA = spread(view(a, left), [...batches, ...left.slice(-2)], 'matmul')
  const wideB = spread(b, [...batches, ...b.dims.slice(-2)], 'matmul')
  const c = product(wideA, wideB, false, false)
  const shape = a.dims.length === 1 ? [...batches, b.dims.at(-1)!] : c.dims
  return customOp(
    view(c, shape),
    [a, b],
    [
      (dC) => view(sumTo(product(view(dC, c.dims), wideB, false, true), left), a.dims),
      (dC) => sumTo(product(wideA, view(dC, c.dims), true, false), b.dims),
    ],
  )
}

/**
 * y = x · Wᵀ + b: [..., inputs] · [outputs, inputs]ᵀ + [outputs] → [..., outputs], with PyTorch's layout of the weight.
 * dx = dy · W, dW = dyᵀ · x, db = Σ dy over the rows.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  requireLive('linear', x)
  const rank = x.dims.length
  const inputs = x.dims[rank - 1]
  if (weight.dims.length !== 2 || inputs !== weight.dims[1]) {
    const hint = weight.dims.length === 2 && inputs === weight.dims[0] ? '. Did you mean transpose(weight)?' : ''
    throw new ShapeError(
      `linear: the input ${formatShape(x.dims)} has ${inputs ?? 'no'} features in its last axis, ` +
        `the weight ${formatShape(weight.dims)} takes ${weight.dims[1] ?? 'none'} ([outputs, inputs])${hint}`,
    )
  }
  const outputs = weight.dims[0]!
  if (bias !== undefined && (bias.dims.length !== 1 || bias.dims[0] !== outputs)) {
    throw new ShapeError(`linear: the bias has shape ${formatShape(bias.dims)}; expected [${outputs}]`)
  }
  const rows = rank === 2 ? x : view(x, [sizeBetween(x.dims, 0, rank - 1), weight.dims[1]!])
  const y = product(rows, weight, false, true, bias, 'linear')
  const shape = rank === 2 ? y.dims : [...x.dims.slice(0, -1), outputs]
  const flat = (dy: Tensor) => (rank === 2 ? dy : view(dy, y.dims))
  const dx = (dy: Tensor) => view(product(flat(dy), weight, false, false), x.dims)
  const dW = (dy: Tensor) => product(flat(dy), rows, true, false)
  if (bias === undefined) return customOp(view(y, shape), [x, weight], [dx, dW])
  return customOp(
    view(y, shape),
    [x, weight, bias],
    [dx, dW, (dy) => reduceNeighbours('sum', flat(dy), axisView(y.dims, 0), [outputs])],
  )
}

/** op(A) · op(B) over the last two axes; the others are equal. `bias` is [n], or [batch, n] on the CPU. Not recorded. */
export function product(
  a: Tensor,
  b: Tensor,
  transposeA: boolean,
  transposeB: boolean,
  bias?: Tensor,
  name = 'matmul',
): Tensor {
  const rank = a.dims.length
  const m = a.dims[rank - (transposeA ? 1 : 2)]!
  const k = a.dims[rank - (transposeA ? 2 : 1)]!
  const n = b.dims[rank - (transposeB ? 2 : 1)]!
  const backend = backendForBoth(name, a, b, products)
  if (bias !== undefined) requireBoth(name, a, bias)
  const batch = sizeBetween(a.dims, 0, rank - 2)
  const shape: Shape = rank === 2 ? [m, n] : [...a.dims.slice(0, -2), m, n]
  const spec = { batch, m, k, n, transposeA, transposeB }
  return new Tensor(shape, backend.matmul(spec, a.storage, b.storage, bias === undefined ? null : bias.storage))
}

function requireMatrices(a: Tensor, b: Tensor): void {
  if (a.dims.length === 0 || b.dims.length === 0) {
    throw new ShapeError(
      `matmul: A is ${formatShape(a.dims)}, B is ${formatShape(b.dims)}; expected at least one axis. Did you mean mul?`,
    )
  }
  const inner = a.dims[a.dims.length - 1]!
  const rowsB = b.dims[Math.max(0, b.dims.length - 2)]!
  if (inner === rowsB) return
  const hint = b.dims.length > 1 && inner === b.dims.at(-1) ? ' Did you mean matmul(a, transpose(b))?' : ''
  throw new ShapeError(
    `matmul: inner sizes differ: A is ${formatShape(a.dims)}, B is ${formatShape(b.dims)} ` +
      `(A has ${inner} columns, B has ${rowsB} rows).${hint}`,
  )
}
