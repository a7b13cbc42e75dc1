// A labelled dataset by formula, for tests of what is learned from one: 3 numbers a state, 3 actions, a smooth Q.

import { Box, Discrete } from '../../src/data/spaces.ts'
import { type DatasetColumns, LabelledDataset } from '../../src/distill/dataset/dataset.ts'
import { Rng } from '../../src/tensor/index.ts'

/** Q_a = 20 + 8 x₀ + advantage, the best action depending on x₁ and x₂, which come in other units. */
export function formulaDataset(size: number, seed = 1): LabelledDataset {
  const rng = new Rng(seed)
  const rows = Array.from({ length: size }, () => [rng.normal(), 5 + 2 * rng.normal(), 0.1 * rng.normal()] as const)
  const values = rows.flatMap(([x0, x1, x2]) => {
    const base = 20 + 8 * x0
    return [base + (x1 - 5) / 2, base + 10 * x2, base - (x1 - 5) / 2]
  })
  return datasetOf(rows, values)
}

/** A dataset with these observations and action values. */
export function datasetOf(
  rows: readonly (readonly number[])[],
  actionValues: ArrayLike<number>,
  changes: Partial<DatasetColumns> = {},
): LabelledDataset {
  const size = rows.length
  const numActions = actionValues.length / size
  const values = Float32Array.from(actionValues)
  const stateValues = Float32Array.from({ length: size }, (_, s) =>
    Math.max(...values.subarray(s * numActions, (s + 1) * numActions)),
  )
  return LabelledDataset.of(
    { envId: 'formula', observationSize: rows[0]!.length, actionSpace: new Discrete(numActions) },
    {
      observations: Float32Array.from(rows.flat()),
      actions: Int32Array.from({ length: size }, (_, s) => s % numActions),
      returns: stateValues.slice(),
      actionValues: values,
      stateValues,
      ...changes,
    },
  )
}

/** Gaussians of two continuous actions: μ = (x₀, -x₁), σ = (½, 0.2 + x₀²), before tanh where `squashed`. */
export function gaussianDataset(size: number, squashed: boolean, seed = 1): LabelledDataset {
  const rng = new Rng(seed)
  const rows = Array.from({ length: size }, () => [rng.normal(), rng.normal()] as const)
  return LabelledDataset.of(
    { envId: 'formula', observationSize: 2, actionSpace: new Box([-1, -3], [1, 3]), squashed },
    {
      observations: Float32Array.from(rows.flat()),
      mean: Float32Array.from(rows.flatMap(([x, y]) => [x, -y])),
      logStd: Float32Array.from(rows.flatMap(([x]) => [Math.log(0.5), Math.log(0.2 + x * x)])),
    },
  )
}

/** The same dataset with some columns replaced, or left out where `undefined`. */
export function withColumns(
  dataset: LabelledDataset,
  changes: { readonly [Name in keyof DatasetColumns]?: DatasetColumns[Name] | undefined },
): LabelledDataset {
  const { columns } = dataset.save()
  const kept = Object.entries({ ...columns, ...changes }).filter(([, values]) => values !== undefined)
  return LabelledDataset.of(dataset.spec, Object.fromEntries(kept) as unknown as DatasetColumns, dataset)
}
