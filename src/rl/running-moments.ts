// Mean and variance of a stream, one number after the other and nothing stored: Welford 1962; whole batches are merged as in
// Chan, Golub and LeVeque 1979. Read next: wrappers/observation.ts.

import { CheckpointError, ShapeError } from '../tensor/errors.ts'

/** All that moments remember, as plain JSON values. */
export interface SavedMoments {
  readonly count: number
  readonly mean: readonly number[]
  readonly squares: readonly number[]
}

export class RunningMoments {
  count = 0
  readonly mean: Float64Array // [size]
  private readonly squares: Float64Array // sums of squared distances from the mean, [size]

  constructor(readonly size: number) {
    this.mean = new Float64Array(size)
    this.squares = new Float64Array(size)
  }

  /** Takes in rows of `size` numbers each, row-major. Throws a `ShapeError` if the last one is not whole. */
  add(rows: ArrayLike<number>): void {
    const { size, mean, squares } = this
    if (rows.length % size !== 0) {
      throw new ShapeError(`RunningMoments: ${rows.length} numbers given; expected rows of ${size}`)
    }
    for (let at = 0; at < rows.length; at += size) {
      this.count++
      for (let k = 0; k < size; k++) {
        const x = rows[at + k]!
        const before = x - mean[k]!
        mean[k]! += before / this.count
        squares[k]! += before * (x - mean[k]!)
      }
    }
  }

  /** Takes in all that another one has seen, as if it had been added here. */
  merge(other: RunningMoments): void {
    if (other.size !== this.size) {
      throw new ShapeError(`RunningMoments: moments of ${other.size} numbers do not merge into those of ${this.size}`)
    }
    const total = this.count + other.count
    if (total === 0) return
    for (let k = 0; k < this.size; k++) {
      const apart = other.mean[k]! - this.mean[k]!
      this.squares[k]! += other.squares[k]! + (apart * apart * this.count * other.count) / total
      this.mean[k]! += (apart * other.count) / total
    }
    this.count = total
  }

  /** Of all seen so far (divided by the count, not by one less). 1 before anything was seen. */
  variance(k: number): number {
    return this.count === 0 ? 1 : this.squares[k]! / this.count
  }

  save(): SavedMoments {
    return { count: this.count, mean: [...this.mean], squares: [...this.squares] }
  }

  restore({ count, mean, squares }: SavedMoments): void {
    if (mean.length !== this.size || squares.length !== this.size) {
      throw new ShapeError(`RunningMoments: saved moments of ${mean.length} numbers, expected ${this.size}`)
    }
    if (![count, ...squares].every((each) => each >= 0 && each < Infinity) || !mean.every(Number.isFinite)) {
      throw new CheckpointError('RunningMoments: the saved count, means and squares are not all finite and from 0 on')
    }
    this.count = count
    this.mean.set(mean)
    this.squares.set(squares)
  }
}
