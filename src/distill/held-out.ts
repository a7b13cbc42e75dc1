// How well students do as their labels say in states that they did not learn from, where no environment can be played: k-fold
// cross-validation (Stone 1974). Whole episodes are held out, because the states of one are alike.

import { Discrete } from '../data/spaces.ts'
import { type Interval, meanOf } from '../data/statistics.ts'
import { fromUnit } from '../rl/policies/distributions/squashed-gaussian.ts'
import { playedActions, type TeachingPolicy } from '../rl/policies/policy.ts'
import { ValueError } from '../tensor/errors.ts'
import { tanh } from '../tensor/ops/elementwise.ts'
import { Rng } from '../tensor/random.ts'
import type { LabelledDataset } from './dataset/dataset.ts'
import { hardScores, selectRows } from './dataset/dataset-operations.ts'
import { evaluated } from './targets/target.ts'

/** Of the actions of students in held-out states, each compared with the label's action. */
export interface HeldOut {
  /** Discrete actions: the share of equal actions. Vectors: the mean absolute error, averaged over the numbers of an action. */
  readonly measure: 'agreement' | 'meanAbsoluteError'
  readonly mean: number
  /** 95 % interval: Wilson's for a share, normal for an error. States of one episode count as dependent. */
  readonly interval: Interval
  /** The same measure of the most frequent action, or of the mean action. */
  readonly baseline: number
  readonly states: number
  /** Episodes, or states where the dataset has no episodes. */
  readonly groups: number
  readonly folds: number
}

const FOLDS = 5
const Z = 1.959964 // 97.5 % quantile of the normal distribution

/**
 * Trains a student on each four fifths of a dataset and compares its greedy actions with the labels in the last fifth. The split depends on
 * `seed` alone. Throws a ValueError on fewer than two states or, with a column `episodes`, two episodes.
 *
 * @param train makes a student that acts from some of the states
 */
export function heldOut(dataset: LabelledDataset, train: (part: LabelledDataset) => TeachingPolicy, seed = 0): HeldOut {
  const { size, actionSize, actionSpace } = dataset
  const groupOf = dataset.has('episodes')
    ? dataset.column('episodes')
    : Float32Array.from({ length: size }, (_, i) => i)
  const groups = [...new Set(groupOf)]
  if (groups.length < 2) {
    throw new ValueError(
      `heldOut: the dataset has ${groups.length} episode or state; expected at least 2, to hold some out`,
    )
  }
  const folds = Math.min(FOLDS, groups.length)
  const foldOf = new Map(
    Array.from(new Rng(seed).permutation(groups.length), (group, i) => [groups[group]!, i % folds]),
  )
  const labels = actionsOf(dataset)
  const errors = new Float64Array(size)
  const isDiscrete = actionSpace instanceof Discrete
  for (let fold = 0; fold < folds; fold++) {
    const isOut = (row: number) => foldOf.get(groupOf[row]!) === fold
    const rows = Int32Array.from({ length: size }, (_, i) => i)
    const [out, kept] = [rows.filter(isOut), rows.filter((row) => !isOut(row))]
    const student = train(selectRows(dataset, kept))
    const actions = playedActions(student, selectRows(dataset, out).column('observations'))
    out.forEach((row, i) => {
      for (let k = 0; k < actionSize; k++) {
        const error = Math.abs(actions[i * actionSize + k]! - labels[row * actionSize + k]!)
        errors[row]! += isDiscrete ? Math.min(error, 1) : error / actionSize
      }
    })
  }
  const error = meanOf(errors)
  const standardError = clusteredError(errors, error, groupOf)
  const about = { states: size, groups: groups.length, folds }
  if (!isDiscrete) {
    const interval = { low: Math.max(0, error - Z * standardError), high: error + Z * standardError }
    return { measure: 'meanAbsoluteError', mean: error, interval, baseline: spreadOf(labels, actionSize), ...about }
  }
  const counts = new Float64Array(actionSpace.n)
  for (const action of labels) counts[action]!++
  const mean = 1 - error
  // Dependent states are worth as many independent ones as give their standard error; where all agree, as many as there are groups.
  const worth = standardError > 0 ? Math.min(size, (mean * error) / standardError ** 2) : groups.length
  return { measure: 'agreement', mean, interval: wilson(mean, worth), baseline: Math.max(...counts) / size, ...about }
}

/** The labels' actions in the environment's units: [size, actionSize]. */
function actionsOf(dataset: LabelledDataset): Float32Array {
  const { actionSpace, actionSize, numActions, size, squashed } = dataset
  if (actionSpace instanceof Discrete) {
    const scores = hardScores(dataset)
    return Float32Array.from({ length: size }, (_, i) => {
      const row = scores.subarray(i * numActions, (i + 1) * numActions)
      return row.indexOf(Math.max(...row))
    })
  }
  if (!dataset.has('mean')) return dataset.column('actions')
  const mean = dataset.column('mean')
  if (squashed) return fromUnit(evaluated(mean, actionSize, tanh), actionSpace)
  return dataset.has('logStd') ? mean : fromUnit(mean, actionSpace)
}

/** Standard error of a mean whose terms are independent between groups only (Liang and Zeger 1986). */
function clusteredError(values: Float64Array, mean: number, groupOf: Float32Array): number {
  const sums = new Map<number, number>()
  values.forEach((value, i) => {
    sums.set(groupOf[i]!, (sums.get(groupOf[i]!) ?? 0) + value - mean)
  })
  const squares = [...sums.values()].reduce((sum, each) => sum + each * each, 0)
  return Math.sqrt((squares * sums.size) / (sums.size - 1)) / values.length
}

/** Wilson's score interval of a share of n (Wilson 1927). */
export function wilson(share: number, n: number): Interval {
  const center = (share + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n)
  const half = (Z / (1 + (Z * Z) / n)) * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n))
  return { low: Math.max(0, center - half), high: Math.min(1, center + half) }
}

/** Mean absolute deviation from the mean action. */
function spreadOf(actions: Float32Array, width: number): number {
  const means = new Float64Array(width)
  actions.forEach((x, i) => {
    means[i % width]! += (x * width) / actions.length
  })
  return meanOf(actions.map((x, i) => Math.abs(x - means[i % width]!)))
}
