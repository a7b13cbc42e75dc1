// What changed between two files of the same bench, beyond the noise of their samples.

import { type Interval, medianOf, quantile } from '../../src/data/statistics.ts'
import { ValueError } from '../../src/tensor/errors.ts'
import { Rng } from '../../src/tensor/random.ts'
import { type BenchFile, type BenchRow, isRate } from './bench-file.ts'

export type Verdict = 'faster' | 'slower' | 'within noise' | 'too few samples'

export interface Change {
  readonly name: string
  readonly before: BenchRow
  readonly after: BenchRow
  /** Median after ÷ median before. */
  readonly ratio: number
  /** 95 % bootstrap interval of the ratio. */
  readonly interval: Interval
  readonly verdict: Verdict
}

export interface Comparison {
  readonly changes: readonly Change[]
  /** Names of rows that only one file has. */
  readonly onlyBefore: readonly string[]
  readonly onlyAfter: readonly string[]
}

const FEWEST = 5
const RESAMPLES = 1000

/** Compares rows of the same name. Throws a ValueError on files of different benches, and on a row whose units differ. */
export function compareFiles(before: BenchFile, after: BenchFile): Comparison {
  if (before.bench !== after.bench) {
    throw new ValueError(
      `bench:compare: the files are of the benches "${before.bench}" and "${after.bench}"; expected two of the same`,
    )
  }
  const later = new Map(after.rows.map((row) => [row.name, row]))
  const earlier = new Set(before.rows.map(({ name }) => name))
  return {
    changes: before.rows.flatMap((row) => {
      const other = later.get(row.name)
      return other === undefined ? [] : [compareRows(row, other)]
    }),
    onlyBefore: before.rows.map(({ name }) => name).filter((name) => !later.has(name)),
    onlyAfter: after.rows.map(({ name }) => name).filter((name) => !earlier.has(name)),
  }
}

/**
 * A change counts if the bootstrap interval of the ratio of medians excludes 1 and the quartile ranges do not overlap. Samples of
 * one process are correlated, which makes the bootstrap interval alone too narrow.
 */
export function compareRows(before: BenchRow, after: BenchRow): Change {
  if (before.unit !== after.unit) {
    throw new ValueError(`bench:compare: "${before.name}" is in ${before.unit} and in ${after.unit}; expected one unit`)
  }
  const ratio = after.median / before.median
  const interval = ratioInterval(before.samples, after.samples)
  return { name: before.name, before, after, ratio, interval, verdict: verdictOf() }

  function verdictOf(): Verdict {
    if (Math.min(before.samples.length, after.samples.length) < FEWEST) return 'too few samples'
    const isUp = interval.low > 1 && after.p25 > before.p75
    const isDown = interval.high < 1 && after.p75 < before.p25
    if (!isUp && !isDown) return 'within noise'
    return isUp === isRate(before.unit) ? 'faster' : 'slower'
  }
}

/** 95 % percentile bootstrap of the ratio of two medians (Efron and Tibshirani 1993, chapter 13). The seed is fixed. */
function ratioInterval(before: readonly number[], after: readonly number[]): Interval {
  const rng = new Rng(0)
  const resampled = (values: readonly number[]) => medianOf(values.map(() => values[rng.integer(values.length)]!))
  const ratios = Float64Array.from({ length: RESAMPLES }, () => resampled(after) / resampled(before)).sort()
  return { low: quantile(ratios, 0.025), high: quantile(ratios, 0.975) }
}
