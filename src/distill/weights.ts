// Which states count more: those where a wrong action costs much, or where the teacher is sure of its way. A state's weight
// multiplies its loss. Read next: targets.ts.

import { unknownName, ValueError } from '../tensor/errors.ts'
import { exp } from '../tensor/portable-math.ts'
import { type LabelledSet, labelsOf } from './labelled-set.ts'
import { scoresOf, type TargetSettings, tauOf } from './targets/prepared.ts'

/**
 * `none`: all alike.
 * `gap`: max Q - mean Q, what a random action costs.
 * `viper`: max Q - min Q, what the worst action costs. Bastani et al. 2018 (VIPER), arXiv:1805.08328, section 3.
 * `confidence`: max p of the teacher's policy, softmax(scores/τ).
 */
export type StateWeighting = 'none' | 'gap' | 'viper' | 'confidence'

export const stateWeightings: readonly StateWeighting[] = ['none', 'gap', 'viper', 'confidence']

/**
 * Weights [size] of mean 1; undefined for `none`. Throws a ValueError on an unknown name, where the teacher gave no action
 * values for `gap` and `viper`, or where all weights are 0.
 */
export function stateWeights(
  weighting: StateWeighting,
  set: LabelledSet,
  settings: TargetSettings = {},
): Float32Array | undefined {
  switch (weighting) {
    case 'none':
      return undefined
    case 'gap':
      return ofMeanOne(set, labelsOf('weights "gap"', set, 'actionValues'), (row) => greatest(row) - mean(row))
    case 'viper':
      return ofMeanOne(set, labelsOf('weights "viper"', set, 'actionValues'), (row) => greatest(row) - least(row))
    case 'confidence': {
      const scores = scoresOf('weights "confidence"', set)
      const tau = tauOf(set, scores, settings)
      return ofMeanOne(set, scores, (row) => largestShare(row, tau))
    }
    default:
      throw new ValueError(unknownName('state weighting', weighting, stateWeightings))
  }
}

function ofMeanOne(set: LabelledSet, values: Float32Array, weigh: (row: Float32Array) => number): Float32Array {
  const { size, actionCount } = set
  const raw = Float64Array.from({ length: size }, (_, i) =>
    weigh(values.subarray(i * actionCount, (i + 1) * actionCount)),
  )
  const average = raw.reduce((sum, each) => sum + each / size, 0)
  if (!(average > 0)) {
    throw new ValueError('state weights: the teacher values all actions alike in every labelled state; use "none"')
  }
  return Float32Array.from(raw, (each) => each / average)
}

// 1 / Σ e^((score - greatest)/τ)
function largestShare(row: Float32Array, tau: number): number {
  const top = greatest(row)
  let sum = 0
  for (const score of row) sum += exp((score - top) / tau)
  return 1 / sum
}

function greatest(row: Float32Array): number {
  return row.reduce((a, b) => Math.max(a, b))
}

function least(row: Float32Array): number {
  return row.reduce((a, b) => Math.min(a, b))
}

function mean(row: Float32Array): number {
  return row.reduce((sum, each) => sum + each / row.length, 0)
}
