// Weights of the states in the loss: more where a wrong action costs much, or where the teacher is sure.

import { ValueError } from '../tensor/errors.ts'
import { exp } from '../tensor/portable-math.ts'
import type { LabelledDataset } from './dataset.ts'
import { meanAndStd, resolveTemperature, type Temperature } from './temperature.ts'

/**
 * `none`: all states alike.
 * `regret`: max Q - mean Q, the cost of a random action.
 * `viper`: max Q - min Q, the cost of the worst action. Bastani et al. 2018 (VIPER), arXiv:1805.08328, section 3.
 * `confidence`: the largest probability of the teacher's policy softmax(scores/τ).
 */
export type SampleWeighting = 'none' | 'regret' | 'viper' | 'confidence'

export const sampleWeightings: readonly SampleWeighting[] = ['none', 'regret', 'viper', 'confidence']

/** Weights [size] of mean 1, undefined for `none`. Throws a ValueError where labels are missing or all weights are 0. */
export function sampleWeightsOf(
  weighting: SampleWeighting,
  dataset: LabelledDataset,
  temperature: Temperature,
): Float32Array | undefined {
  if (weighting === 'none') return undefined
  if (weighting === 'confidence') {
    const scores = dataset.scores()
    const resolved = resolveTemperature(temperature, scores, dataset.numActions)
    return ofMeanOne(dataset, scores, (row) => largestProbability(row, resolved))
  }
  const reference = (row: Float32Array) => (weighting === 'regret' ? meanAndStd(row).mean : Math.min(...row))
  return ofMeanOne(dataset, dataset.column('actionValues'), (row) => Math.max(...row) - reference(row))
}

function ofMeanOne(
  { size, numActions }: LabelledDataset,
  values: Float32Array,
  weigh: (row: Float32Array) => number,
): Float32Array {
  const raw = Float64Array.from({ length: size }, (_, i) =>
    weigh(values.subarray(i * numActions, (i + 1) * numActions)),
  )
  const average = raw.reduce((sum, each) => sum + each / size, 0)
  if (!(average > 0)) {
    throw new ValueError('sampleWeights: all actions have the same value in every labelled state; use "none"')
  }
  return Float32Array.from(raw, (each) => each / average)
}

// 1 / Σ e^((score - greatest)/τ)
function largestProbability(row: Float32Array, temperature: number): number {
  const top = Math.max(...row)
  let sum = 0
  for (const score of row) sum += exp((score - top) / temperature)
  return 1 / sum
}
