// A labelled dataset by formula: 3 numbers per state, 3 actions, a smooth Q.

import { type DatasetColumns, LabelledDataset } from '../../src/distill/dataset.ts'
import { Discrete } from '../../src/rl/spaces.ts'
import { Rng } from '../../src/tensor/index.ts'

/** Q_a = 20 + 8 x₀ + advantage; the best action depends on x₁ and x₂, which have other units. */
export function formulaDataset(size: number, seed = 1): LabelledDataset {
  const rng = new Rng(seed)
  const rows = Array.from({ length: size }, () => [rng.normal(), 5 + 2 * rng.normal(), 0.1 * rng.normal()] as const)
  const values = rows.flatMap(([x0, x1, x2]) => {
    const base = 20 + 8 * x0
    return [base + (x1 - 5) / 2, base + 10 * x2, base - (x1 - 5) / 2]
  })
  return datasetOf(rows, values)
}

/** A dataset of these observations and action values. */
export function datasetOf(rows: readonly (readonly number[])[], actionValues: readonly number[]): LabelledDataset {
  const size = rows.length
  const actionCount = actionValues.length / size
  const values = Float32Array.from(actionValues)
  const stateValues = Float32Array.from({ length: size }, (_, s) =>
    Math.max(...values.subarray(s * actionCount, (s + 1) * actionCount)),
  )
  const spec = { envId: 'formula', observationSize: rows[0]!.length, actionSpace: new Discrete(actionCount) }
  return LabelledDataset.of(spec, {
    observations: Float32Array.from(rows.flat()),
    actions: Int32Array.from({ length: size }, (_, s) => s % actionCount),
    returns: stateValues.slice(),
    actionValues: values,
    stateValues,
  })
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
