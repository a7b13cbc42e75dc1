// Robust aggregates of scores over runs and tasks: Agarwal et al. 2021, arXiv:2108.13264. Scores are normalised per task. Read
// next: hierarchical-bootstrap.ts for their intervals.

import { meanOf } from 'alambic/rl'
import { ValueError } from 'alambic/tensor'

/** The scores of a method: one array per task, one number per run. */
export type TaskScores = readonly ArrayLike<number>[]

/** All scores in one array. Throws a ValueError if a task has none. */
export function allScores(op: string, scores: TaskScores): Float64Array {
  const empty = scores.findIndex((runs) => runs.length === 0)
  if (scores.length === 0 || empty !== -1) {
    throw new ValueError(
      `${op}: ${scores.length === 0 ? 'no tasks' : `no scores for task ${empty}`}; expected runs of each task`,
    )
  }
  const all = new Float64Array(scores.reduce((count, runs) => count + runs.length, 0))
  let place = 0
  for (const runs of scores) {
    all.set(runs, place)
    place += runs.length
  }
  return all
}

/**
 * The mean of the middle half of all scores: a quarter of the runs, rounded down, is left out at each end. Robust to outliers
 * like the median, with less variance when runs are few. Section 4.3.
 */
export function interquartileMean(scores: TaskScores): number {
  const sorted = allScores('interquartileMean', scores).sort()
  const cut = Math.floor(sorted.length / 4)
  return meanOf(sorted.subarray(cut, sorted.length - cut))
}

/** The mean amount by which scores fall short of `goal`; scores beyond it count as `goal`. Section 4.3. */
export function optimalityGap(scores: TaskScores, goal = 1): number {
  return goal - meanOf(allScores('optimalityGap', scores).map((score) => Math.min(score, goal)))
}

/** The lowest score of any run. */
export function worstScore(scores: TaskScores): number {
  return allScores('worstScore', scores).reduce((worst, score) => Math.min(worst, score))
}

/** For each threshold the fraction of runs that score above it, averaged over the tasks. Section 4.2. */
export function performanceProfile(scores: TaskScores, thresholds: ArrayLike<number>): Float64Array {
  allScores('performanceProfile', scores)
  const profile = new Float64Array(thresholds.length)
  for (const runs of scores) {
    for (let t = 0; t < profile.length; t++) {
      let above = 0
      for (let i = 0; i < runs.length; i++) if (runs[i]! > thresholds[t]!) above++
      profile[t]! += above / runs.length / scores.length
    }
  }
  return profile
}

/**
 * The probability that a run of X beats a run of Y in a task drawn at random; a draw counts half. The Mann-Whitney U statistic,
 * averaged over the tasks. Section 4.3. Throws a ValueError unless both have runs of the same tasks.
 */
export function probabilityOfImprovement(x: TaskScores, y: TaskScores): number {
  if (x.length !== y.length) {
    throw new ValueError(`probabilityOfImprovement: ${x.length} tasks against ${y.length}; expected the same tasks`)
  }
  allScores('probabilityOfImprovement', x)
  allScores('probabilityOfImprovement', y)
  return meanOf(x.map((runs, task) => winsOf(runs, y[task]!)))
}

/** The fraction of pairs (x, y) with x > y, draws half, by binary search in the sorted values. */
function winsOf(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const sorted = Float64Array.from(y).sort()
  let wins = 0
  for (let i = 0; i < x.length; i++) wins += countBelow(sorted, x[i]!, false) + countBelow(sorted, x[i]!, true)
  return wins / 2 / x.length / sorted.length
}

/** The number of sorted values below `bound`, or up to it if `included`. */
function countBelow(sorted: Float64Array, bound: number, included: boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < bound || (included && sorted[middle]! === bound)) low = middle + 1
    else high = middle
  }
  return low
}
