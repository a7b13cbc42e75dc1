// Vector actions between the bounds of the environment and [-1, 1], clipped to either.

import type { Bounds } from './distributions/squashed-gaussian.ts'

/** Bounds → [-1, 1]: [count, actionSize], flat. */
export function toUnit(actions: Float32Array, { low, high }: Bounds): Float32Array {
  return actions.map((x, i) => {
    const [least, most] = [low[i % low.length]!, high[i % low.length]!]
    return Math.min(Math.max((2 * (x - least)) / (most - least) - 1, -1), 1)
  })
}

/** [-1, 1] → bounds. */
export function fromUnit(actions: Float32Array, { low, high }: Bounds): Float32Array {
  return actions.map((x, i) => {
    const [least, most] = [low[i % low.length]!, high[i % low.length]!]
    return Math.min(Math.max(least + ((x + 1) / 2) * (most - least), least), most)
  })
}
