// Matrix products. Read next: backends/wasm/matmul.ts.

import { allocate } from '../arena.ts'
import { customOp } from '../autograd/autograd.ts'
import { isRecording } from '../autograd/graph.ts'
import { requireLive, Tensor } from '../autograd/tensor.ts'
import type { MatmulSpec, Products } from '../backends/backend.ts'
import { products, reductions } from '../dispatch/families.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { broadcastShapes, type Shape, sizeBetween, sizeOf } from '../shape.ts'
import { CpuStorage, type Storage } from '../storage.ts'
import { backendFor, backendForBoth, constant, requireBoth, view } from './primitives.ts'
import { expanded, reshaped } from './recorded.ts'

/**
 * C = A · B: [m, k] · [k, n] → [m, n]. Leading axes are batches and broadcast. A vector is a row on the left and a column on
 * the right; its axis is removed from the result.  dA = dC · Bᵀ, dB = Aᵀ · dC.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  requireMatrices(a, b)
  if (b.dims.length > 2) return batchedProduct(a, b)
  if (a.dims.length === 2 && b.dims.length === 2) return recordedProduct(a, b)
  return rowsTimesMatrix(a, b)
}

// One matrix on the right: the batches of A are flattened to rows.
function rowsTimesMatrix(a: Tensor, b: Tensor): Tensor {
  const outer = a.dims.slice(0, -1)
  const rows = reshaped(a, [sizeOf(outer), a.dims.at(-1)!])
  const matrix = b.dims.length === 1 ? reshaped(b, [b.size, 1]) : b
  return reshaped(recordedProduct(rows, matrix), [...outer, ...b.dims.slice(1)])
}

function batchedProduct(a: Tensor, b: Tensor): Tensor {
  const left = a.dims.length === 1 ? [1, ...a.dims] : a.dims
  const batches = broadcastShapes('matmul (batch axes)', left.slice(0, -2), b.dims.slice(0, -2))
  const wideA = expanded(reshaped(a, left), [...batches, ...left.slice(-2)], 'matmul')
  const wideB = expanded(b, [...batches, ...b.dims.slice(-2)], 'matmul')
  const c = recordedProduct(wideA, wideB)
  return a.dims.length === 1 ? reshaped(c, [...batches, b.dims.at(-1)!]) : c
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
  const rows = rank === 2 ? x : reshaped(x, [sizeBetween(x.dims, 0, rank - 1), weight.dims[1]!])
  const y = product(rows, weight, false, true, bias, 'linear')
  if (isRecording()) {
    const dx = (dy: Tensor) => recordedProduct(dy, weight)
    const dW = (dy: Tensor) => recordedProduct(dy, rows, true)
    if (bias === undefined) customOp(y, [rows, weight], [dx, dW])
    else customOp(y, [rows, weight, bias], [dx, dW, sumOfRows])
  }
  return rank === 2 ? y : reshaped(y, [...x.dims.slice(0, -1), outputs])
}

/** [rows, columns] → [columns].  The gradient 1 gᵀ is a product too, so that a network needs no broadcasts. */
function sumOfRows(x: Tensor): Tensor {
  const [rows, columns] = x.dims as [number, number]
  const view = { outer: 1, size: rows, inner: columns }
  const y = new Tensor([columns], backendFor('linear', x, reductions).reduce('sum', x.storage, view))
  const dx = (g: Tensor) => recordedProduct(constant(x, 1, [rows, 1]), reshaped(g, [1, columns]))
  return customOp(y, [x], [dx])
}

/** C = op(A) · op(B).  Without transposition dA = dC · Bᵀ, dB = Aᵀ · dC. */
export function recordedProduct(a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor {
  const c = product(a, b, transposeA, transposeB)
  if (!isRecording()) return c
  const dA = (dC: Tensor) =>
    transposeA ? recordedProduct(b, dC, transposeB, true) : recordedProduct(dC, b, false, !transposeB)
  const dB = (dC: Tensor) =>
    transposeB ? recordedProduct(dC, a, true, transposeA) : recordedProduct(a, dC, !transposeA, false)
  return customOp(c, [a, b], [dA, dB])
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
  const compact = rank === 2 && !transposeA && !transposeB && m * k * n > WORTH_A_SCAN && n > 1
  const sparse = compact && bias === undefined ? productOfRows(backend, spec, a.storage, b) : null
  if (sparse !== null) return new Tensor(shape, sparse)
  return new Tensor(shape, backend.matmul(spec, a.storage, b.storage, bias === undefined ? null : bias.storage))
}

const WORTH_A_SCAN = 100 ** 3

/**
 * A · B without A's rows of zeros, such as gradients of terms that a minimum did not take. The bits are those of the whole product,
 * where such rows sum to 0. Null if most rows have numbers, or if B has numbers that are not finite, which 0 turns into NaN.
 */
function productOfRows({ matmul }: Products, spec: MatmulSpec, a: Storage, b: Tensor): Storage | null {
  if (!(a instanceof CpuStorage)) return null
  const { m, k, n } = spec
  const given = a.view()
  const rows: number[] = []
  for (let row = 0; row < m; row++) {
    let at = row * k
    while (at < (row + 1) * k && given[at] === 0) at++
    if (at < (row + 1) * k) rows.push(row)
  }
  if (rows.length > 0.9 * m) return null
  if (!Number.isFinite(sumOfRows(view(b, [b.size, 1])).item())) return null
  const [left, whole] = [allocate(a.dtype, rows.length * k), allocate(a.dtype, m * n)]
  const [from, to] = [a.view(), left.view()]
  rows.forEach((row, i) => void to.set(from.subarray(row * k, (row + 1) * k), i * k))
  const part = (matmul({ ...spec, m: rows.length }, left, b.storage, null) as CpuStorage).view()
  const result = whole.view().fill(0)
  rows.forEach((row, i) => void result.set(part.subarray(i * n, (i + 1) * n), row * n))
  return whole
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
