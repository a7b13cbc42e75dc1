// Running mean and variance of a stream: Welford 1962. Read next: ../rl/envs/wrappers/observation.ts.

import { CheckpointError, ShapeError } from '../tensor/errors.ts'

/** Moments as plain JSON values. */
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

  /** Adds rows of `size` numbers, row-major. Throws a `ShapeError` unless the length is a multiple of `size`. */
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

  /** Population variance (divided by the count); 1 before the first row. */
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
