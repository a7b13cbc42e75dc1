// Timing and lines of figures. On a shared machine the median varies and the best run hardly does, so both
// are shown: compare medians, and distrust a run where the two are far apart.

import { cpus } from 'node:os'
import { measure } from 'mitata'
import { digits } from './digits.ts'

/** Nanoseconds a call. */
export interface Timing {
  readonly fast: number
  readonly median: number
}

/** Times `f`, which does `calls` calls. */
export async function timeCalls(f: () => void, calls = 1): Promise<Timing> {
  const { min, p50 } = await measure(f, { batch_unroll: 1 })
  return { fast: min / calls, median: p50 / calls }
}

export function printMachine(): void {
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, one core, Node ${process.versions.node}`)
}

/** One line: the first cell to the left, the others to the right in columns of equal width. */
export function printRow(label: string, ...cells: readonly (string | number)[]): void {
  const shown = cells.map((cell) => (typeof cell === 'number' ? digits(cell) : cell).padStart(12))
  console.log(label.padEnd(34) + shown.join(''))
}
