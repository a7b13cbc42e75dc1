// The matrix product as GPU kernels, C[row, column] = start + Σᵢ A[row, i] · B[i, column]. Read `dotProduct` first: one
// thread a number of C. How A and B lie in memory (plain or transposed) is in the strides.
//
// `blockOfFour` is the same sum for a square of 2 by 2 numbers: 4 numbers read for 4 products instead of 8, so twice as much
// work for the same reads. It returns the square, and `unblock` puts the squares in their places.
// Read next: ../matmul.ts, which picks one.

import type { KernelThis } from '../program.ts'

declare function quotient(a: number, b: number): number

/** How many numbers apart the neighbours are, down a column and along the sum. */
type Strides = 'k' | 'aRow' | 'aInner' | 'bInner' | 'bColumn'

export function dotProduct(this: KernelThis<Strides>, a: number[], b: number[]): number {
  let sum = 0
  for (let i = 0; i < this.constants.k; i++) {
    sum +=
      a[this.thread.y * this.constants.aRow + i * this.constants.aInner]! *
      b[i * this.constants.bInner + this.thread.x * this.constants.bColumn]!
  }
  return sum
}

/** `dotProduct` that starts from a row of biases. */
export function dotProductFromBias(this: KernelThis<Strides>, a: number[], b: number[], bias: number[]): number {
  let sum = bias[this.thread.x]!
  for (let i = 0; i < this.constants.k; i++) {
    sum +=
      a[this.thread.y * this.constants.aRow + i * this.constants.aInner]! *
      b[i * this.constants.bInner + this.thread.x * this.constants.bColumn]!
  }
  return sum
}

/** `dotProduct` of one matrix of many: row `y` of the result is row `y - matrix · m` of matrix `matrix`. */
export function dotProductOfBatch(
  this: KernelThis<Strides | 'm' | 'aSize' | 'bSize'>,
  a: number[],
  b: number[],
): number {
  const matrix = quotient(this.thread.y, this.constants.m)
  const aStart = matrix * this.constants.aSize + (this.thread.y - matrix * this.constants.m) * this.constants.aRow
  const bStart = matrix * this.constants.bSize + this.thread.x * this.constants.bColumn
  let sum = 0
  for (let i = 0; i < this.constants.k; i++) {
    sum += a[aStart + i * this.constants.aInner]! * b[bStart + i * this.constants.bInner]!
  }
  return sum
}

export function blockOfFour(this: KernelThis<Strides>, a: number[], b: number[]): [number, number, number, number] {
  let topLeft = 0
  let topRight = 0
  let bottomLeft = 0
  let bottomRight = 0
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

export function blockOfFourFromBias(
  this: KernelThis<Strides>,
  a: number[],
  b: number[],
  bias: number[],
): [number, number, number, number] {
  let topLeft = bias[this.thread.x * 2]!
  let topRight = bias[this.thread.x * 2 + 1]!
  let bottomLeft = bias[this.thread.x * 2]!
  let bottomRight = bias[this.thread.x * 2 + 1]!
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

/** Squares of 2 by 2, `blocks` in a row of squares, to a plain matrix. */
export function unblock(this: KernelThis<'blocks'>, squares: number[]): number {
  const row = quotient(this.thread.y, 2)
  const column = quotient(this.thread.x, 2)
  const inSquare = (this.thread.y - row * 2) * 2 + (this.thread.x - column * 2)
  return squares[(row * this.constants.blocks + column) * 4 + inSquare]!
}

/** `unblock` on WebGL, where a square is the four colours of one texel. */
export function unblockTexels(this: KernelThis, squares: [number, number, number, number][][]): number {
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
