// The matrix product as GPU kernels, C[row, column] = start + Σᵢ A[row, i] · B[i, column]. `dotProduct` computes one number
// of C per thread. The strides describe plain and transposed matrices.
//
// `blockOfFour` computes 2 by 2 numbers per thread: it reads 4 numbers for 4 products, where `dotProduct` reads 8. It returns
// the square, and `unblock` writes the squares to their places.

import type { MatmulSpec } from '../../tensor/backends/backend.ts'
import type { Storage } from '../../tensor/storage.ts'
import { zips } from '../kernels/elementwise.ts'
import { EXACT, elements, type KernelThis, program } from './program.ts'
import type { Runner } from './runner.ts'

declare function quotient(a: number, b: number): number

/** Strides in numbers: down a column, and along the sum. */
type Strides = 'k' | 'aRow' | 'aInner' | 'bInner' | 'bColumn'

/** `biased` is 1 if sums start from a row of biases; at 0 `bias` is not read. */
function dotProduct(this: KernelThis<Strides | 'biased'>, a: number[], b: number[], bias: number[]): number {
  let sum = 0
  if (this.constants.biased === 1) sum = bias[this.thread.x]!
  for (let i = 0; i < this.constants.k; i++) {
    sum +=
      a[this.thread.y * this.constants.aRow + i * this.constants.aInner]! *
      b[i * this.constants.bInner + this.thread.x * this.constants.bColumn]!
  }
  return sum
}

/** `dotProduct` for a batch: row `y` of the result is row `y - matrix · m` of matrix `matrix`. */
function dotProductOfBatch(this: KernelThis<Strides | 'm' | 'aSize' | 'bSize'>, a: number[], b: number[]): number {
  const matrix = quotient(this.thread.y, this.constants.m)
  const aStart = matrix * this.constants.aSize + (this.thread.y - matrix * this.constants.m) * this.constants.aRow
  const bStart = matrix * this.constants.bSize + this.thread.x * this.constants.bColumn
  let sum = 0
  for (let i = 0; i < this.constants.k; i++) {
    sum += a[aStart + i * this.constants.aInner]! * b[bStart + i * this.constants.bInner]!
  }
  return sum
}

function blockOfFour(
  this: KernelThis<Strides | 'biased'>,
  a: number[],
  b: number[],
  bias: number[],
): [number, number, number, number] {
  let topLeft = 0
  let topRight = 0
  if (this.constants.biased === 1) topLeft = bias[this.thread.x * 2]!
  if (this.constants.biased === 1) topRight = bias[this.thread.x * 2 + 1]!
  let bottomLeft = topLeft
  let bottomRight = topRight
  for (let i = 0; i < this.constants.k; i++) {
    const top = a[this.thread.y * 2 * this.constants.aRow + i * this.constants.aInner]!
    const bottom = a[(this.thread.y * 2 + 1) * this.constants.aRow + i * this.constants.aInner]!
    const left = b[i * this.constants.bInner + this.thread.x * 2 * this.constants.bColumn]!
    const right = b[i * this.constants.bInner + (this.thread.x * 2 + 1) * this.constants.bColumn]!
    topLeft += top * left
    topRight += top * right
    bottomLeft += bottom * left
    bottomRight += bottom * right
  }
  return [topLeft, topRight, bottomLeft, bottomRight]
}

/** Squares of 2 by 2, `blocks` per row of squares, to a plain matrix. */
function unblock(this: KernelThis<'blocks'>, squares: number[]): number {
  const row = quotient(this.thread.y, 2)
  const column = quotient(this.thread.x, 2)
  const inSquare = (this.thread.y - row * 2) * 2 + (this.thread.x - column * 2)
  return squares[(row * this.constants.blocks + column) * 4 + inSquare]!
}

/** `unblock` on WebGL, where a square is the four channels of one texel. */
function unblockTexels(this: KernelThis, squares: [number, number, number, number][][]): number {
  const row = quotient(this.thread.y, 2)
  const column = quotient(this.thread.x, 2)
  const square = squares[row]![column]!
  if (this.thread.y - row * 2 < 0.5) {
    if (this.thread.x - column * 2 < 0.5) return square[0]
    return square[1]
  }
  if (this.thread.x - column * 2 < 0.5) return square[2]
  return square[3]
}

/** Multiplications (m · k · n) from which a product is computed in squares; measured by `npm run bench:kernels`. */
const BLOCK_FROM = 64 ** 3

export function matmul(on: Runner, spec: MatmulSpec, a: Storage, b: Storage, bias: Storage | null): Storage {
  const { batch, m, k, n } = spec
  if (k > 0 && batch === 1) return inBlocks(spec) ? blocked(on, spec, a, b, bias) : plain(on, spec, a, b, bias)
  const sizes = { ...stridesOf(spec), m, aSize: m * k, bSize: k * n }
  const product = k === 0 ? on.fill(batch * m * n, 0) : on.run(program(dotProductOfBatch, sizes, n, batch * m), [a, b])
  if (bias === null) return product
  const strides = [{ x: 1, y: n }, { x: 1, y: 0 }] // biome-ignore format: two operands
  return on.run(elements(zips.add, 2, product.length, { width: n, strides }), [product, bias])
}

/** One number of C per thread. */
export function plain(on: Runner, spec: MatmulSpec, a: Storage, b: Storage, bias: Storage | null): Storage {
  const sizes = { ...stridesOf(spec), biased: bias === null ? 0 : 1 }
  return on.run(program(dotProduct, sizes, spec.n, spec.m), [a, b, bias ?? b])
}

/** A square of 2 by 2 numbers of C per thread. m and n must be even. */
export function blocked(on: Runner, spec: MatmulSpec, a: Storage, b: Storage, bias: Storage | null): Storage {
  const { m, n } = spec
  const sizes = { ...stridesOf(spec), biased: bias === null ? 0 : 1 }
  const squares = on.run(program(blockOfFour, sizes, n / 2, m / 2, {}, 4), [a, b, bias ?? b])
  const isTexture = on.engine.where.mode === 'webgl2' || on.engine.where.mode === 'headlessgl'
  const put = isTexture ? program(unblockTexels, {}, n, m) : program(unblock, { blocks: n / 2 }, n, m)
  const product = on.run(put, [squares])
  squares.release()
  return product
}

function inBlocks({ m, k, n }: MatmulSpec): boolean {
  return m % 2 === 0 && n % 2 === 0 && m * k * n >= BLOCK_FROM && m * n <= EXACT
}

function stridesOf({ m, k, n, transposeA, transposeB }: MatmulSpec): Record<string, number> {
  return {
    k,
    aRow: transposeA ? 1 : k,
    aInner: transposeA ? m : 1,
    bInner: transposeB ? 1 : n,
    bColumn: transposeB ? k : 1,
  }
}
