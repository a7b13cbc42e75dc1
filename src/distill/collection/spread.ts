// States that lie apart. Drawn blindly, most states of a pool are of a kind, and a small set holds little of the rest; so
// several are drawn for each label, and the one farthest from all others is taken. Read next: ../rounds.ts.

import { ValueError } from '../../tensor/errors.ts'
import type { Rng } from '../../tensor/random.ts'
import { type ObservationScaling, scaleObservations } from '../observation-scaling.ts'
import type { CollectionMode } from './modes.ts'
import type { Pool } from './pool.ts'

export interface DrawOptions {
  /**
   * Of so many states drawn for each label the one is taken that lies farthest from all others of the set; 1 takes each as it
   * comes. In the modes that draw states; in `active`, of the first round. Default 1.
   */
  readonly spread?: number
}

/** The spread of a set that a student is made from in one go: where students choose the states, five are looked at for each. */
export function defaultSpread(mode: CollectionMode): number {
  return mode === 'student' ? 5 : 1
}

/** Throws a ValueError on a spread out of range, or in a mode that draws no states. */
export function requireSpread(spread: number, mode: CollectionMode): void {
  if (!(Number.isInteger(spread) && spread >= 1 && spread <= MOST)) {
    throw new ValueError(`collect: spread is ${spread}; it must be a whole number from 1 to ${MOST}`)
  }
  if (spread > 1 && (mode === 'teacherContiguous' || mode === 'boundingBox')) {
    throw new ValueError(
      `collect: spread is ${spread}, but ${mode} draws no states from play; leave it out, or take another mode`,
    )
  }
}

/** Time grows with it and with the square of the labels. */
const MOST = 1000

/**
 * Places of `pool` in the order to take its states in: first `count` that lie apart from each other and from the `labelled`
 * ones, each the best of so many `candidates`, then all places at random. Distances are Euclidean after `scaling`. With one
 * candidate everything is at random. The best-candidate algorithm of Mitchell 1991, "Spectrally optimal sampling for
 * distribution ray tracing", section 4; as a way to choose what to label see Sener and Savarese 2018, arXiv:1708.00489.
 *
 * @param labelled [labelled states, observationSize]
 */
export function spreadOrder(
  pool: Pool,
  labelled: Float32Array,
  count: number,
  candidates: number,
  scaling: ObservationScaling,
  rng: Rng,
): Int32Array {
  const drawn = rng.permutation(pool.size)
  if (candidates === 1) return drawn
  const { observationSize: size } = pool
  const states = scaleObservations(pool.observations, scaling)
  const apart = new Float32Array(labelled.length + count * size) // scaled, as far as `end`
  apart.set(scaleObservations(labelled, scaling))
  let end = labelled.length
  const places = Int32Array.from({ length: count }, () => {
    let best = rng.integer(pool.size)
    if (end > 0) {
      let farthest = distance(states, best * size, apart, end, size)
      for (let i = 1; i < candidates; i++) {
        const place = rng.integer(pool.size)
        const away = distance(states, place * size, apart, end, size)
        if (away > farthest) [best, farthest] = [place, away]
      }
    }
    apart.set(states.subarray(best * size, (best + 1) * size), end)
    end += size
    return best
  })
  const order = new Int32Array(count + pool.size)
  order.set(places)
  order.set(drawn, count)
  return order
}

// Squared, from the state that begins at `from` to the nearest of those before `end`.
function distance(states: Float32Array, from: number, others: Float32Array, end: number, size: number): number {
  let nearest = Infinity
  for (let at = 0; at < end; at += size) {
    let sum = 0
    for (let j = 0; j < size; j++) sum += (states[from + j]! - others[at + j]!) ** 2
    if (sum < nearest) nearest = sum
  }
  return nearest
}
