// A learning curve in fifty points: the mean return of the latest episodes. Over several seeds, the mean, the worst and the best
// of their curves. Read next: jobs.ts.

import { type FinishedEpisode, meanOf } from 'alambic/rl'

const POINTS = 50
const RECENT = 20 // episodes in a mean

/** Mean return of the latest episodes after each fiftieth of the steps; null before the first has ended. */
export type Curve = readonly (number | null)[]

/** `episodes` in the order of their ends; `totalSteps` is the length of the training in environment steps. */
export function curveOf(episodes: readonly FinishedEpisode[], totalSteps: number): Curve {
  let ended = 0
  return stepsOf(totalSteps).map((limit) => {
    while (ended < episodes.length && episodes[ended]!.step <= limit) ended++
    if (ended === 0) return null
    return meanOf(episodes.slice(Math.max(0, ended - RECENT), ended).map((episode) => episode.return))
  })
}

/** One point of several curves. Points that a curve lacks are left out. */
export interface SpreadPoint {
  /** Environment steps. */
  readonly step: number
  readonly mean: number
  /** The worst seed's value. */
  readonly low: number
  /** The best seed's value. */
  readonly high: number
}

export function spreadOf(curves: readonly Curve[], totalSteps: number): SpreadPoint[] {
  return stepsOf(totalSteps).flatMap((step, i) => {
    const values = curves.map((curve) => curve[i] ?? Number.NaN)
    if (values.length === 0 || values.some(Number.isNaN)) return []
    return [{ step, mean: meanOf(values), low: Math.min(...values), high: Math.max(...values) }]
  })
}

function stepsOf(totalSteps: number): number[] {
  return Array.from({ length: POINTS }, (_, i) => Math.round((totalSteps * (i + 1)) / POINTS))
}
