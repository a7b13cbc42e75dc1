// States from nowhere: drawn uniformly from the box that play spans, widened. It covers what play never reaches, and much
// that no play could reach, so it is for few dimensions that are free to vary one by one.

import { Box } from '../../rl/spaces.ts'
import { quantile } from '../../rl/statistics.ts'
import type { Envs } from '../../rl/vector/as-vector.ts'
import type { Rng } from '../../tensor/random.ts'
import type { Pool } from './pool.ts'

/** How much wider, in interquartile ranges to each side; the whiskers of a box plot (Tukey 1977). */
const WIDENING = 1.5

/** `count` states from the widened box, inside of the environment's own bounds, as a pool in which nobody played. */
export function sampleBox(visited: Pool, envs: Envs, count: number, rng: Rng): Pool {
  const { observationSize } = visited
  const { low, high } = boxAround(visited, envs)
  const observations = new Float32Array(count * observationSize)
  for (let i = 0; i < observations.length; i++) {
    const k = i % observationSize
    observations[i] = rng.uniform(low[k]!, high[k]!)
  }
  return {
    ...visited,
    mode: 'boundingBox',
    size: count,
    observations,
    actions: new Int32Array(),
    returns: new Float32Array(),
  }
}

/** The smallest and largest numbers that were seen, dimension by dimension, less and plus 1.5 interquartile ranges. */
export function boxAround({ observations, observationSize, size }: Pool, envs: Envs) {
  const low = new Float64Array(observationSize)
  const high = new Float64Array(observationSize)
  const bounds = envs.observationSpace instanceof Box ? envs.observationSpace : undefined
  for (let k = 0; k < observationSize; k++) {
    const seen = Float64Array.from({ length: size }, (_, i) => observations[i * observationSize + k]!).sort()
    const margin = WIDENING * (quantile(seen, 0.75) - quantile(seen, 0.25))
    low[k] = Math.max(seen[0]! - margin, bounds?.low[k] ?? -Infinity)
    high[k] = Math.min(seen[size - 1]! + margin, bounds?.high[k] ?? Infinity)
  }
  return { low, high }
}
