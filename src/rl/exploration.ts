// When to explore: the ε-greedy choice. How ε changes as training goes on is a schedule of nn/schedules.ts
// (`linearSchedule(1, 0.05, 10_000)`), asked at each step. Read next: algorithms/dqn.ts, ../tabular/td-control.ts.

import type { Rng } from '../tensor/random.ts'

/** The place, counted from `offset`, of the first largest of `count` values. */
export function argmaxOf(values: ArrayLike<number>, offset = 0, count = values.length - offset): number {
  let best = 0
  for (let i = 1; i < count; i++) if (values[offset + i]! > values[offset + best]!) best = i
  return best
}

/** As `argmaxOf`, but chosen at random among equals. Draws a number only where there are equals. */
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

/** With probability ε any of the `count` choices, else the one of the largest value, equals at random. */
export function epsilonGreedy(
  values: ArrayLike<number>,
  epsilon: number,
  rng: Rng,
  offset = 0,
  count = values.length - offset,
): number {
  return rng.uniform() < epsilon ? rng.integer(count) : argmaxAtRandom(values, rng, offset, count)
}
