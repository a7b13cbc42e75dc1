// Greedy choices among values. Schedules of ε are in nn/schedules.ts (`linearSchedule(1, 0.05, 10_000)`).
// Read next: ../tabular/td-control.ts.

import type { Rng } from '../tensor/random.ts'

/** Index, relative to `offset`, of the first maximum of `count` values. */
export function argmaxOf(values: ArrayLike<number>, offset = 0, count = values.length - offset): number {
  let best = 0
  for (let i = 1; i < count; i++) if (values[offset + i]! > values[offset + best]!) best = i
  return best
}

/** As `argmaxOf`, with ties broken at random. Draws a random number only if there are ties. */
export function argmaxAtRandom(
  values: ArrayLike<number>,
  rng: Rng,
  offset = 0,
  count = values.length - offset,
): number {
  let best = values[offset]!
  let ties = 1
  let first = 0
  for (let i = 1; i < count; i++) {
    const value = values[offset + i]!
    if (value > best) {
      best = value
      ties = 1
      first = i
    } else if (value === best) ties++
  }
  if (ties === 1) return first
  let skipped = rng.integer(ties)
  for (let i = first; ; i++) if (values[offset + i] === best && skipped-- === 0) return i
}
