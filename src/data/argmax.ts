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
  const first = argmaxOf(values, offset, count)
  const best = values[offset + first]
  let ties = 0
  for (let i = first; i < count; i++) if (values[offset + i] === best) ties++
  if (ties <= 1) return first
  let skipped = rng.integer(ties)
  for (let i = first; ; i++) if (values[offset + i] === best && skipped-- === 0) return i
}
