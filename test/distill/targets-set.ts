// A labelled set by formula, for tests of what is learned from one: 3 numbers a state, 3 actions, a smooth Q.

import type { LabelledSet } from '../../src/distill/labelled-set.ts'
import { Rng } from '../../src/tensor/index.ts'

/** Q_a = 20 + 8 x₀ + advantage, the best action depending on x₁ and x₂, which come in other units. */
export function formulaSet(size: number, seed = 1): LabelledSet {
  const rng = new Rng(seed)
  const rows = Array.from({ length: size }, () => [rng.normal(), 5 + 2 * rng.normal(), 0.1 * rng.normal()] as const)
  const values = rows.flatMap(([x0, x1, x2]) => {
    const base = 20 + 8 * x0
    return [base + (x1 - 5) / 2, base + 10 * x2, base - (x1 - 5) / 2]
  })
  return setOf(rows, values)
}

/** A set with these observations and action values. */
export function setOf(rows: readonly (readonly number[])[], actionValues: readonly number[]): LabelledSet {
  const size = rows.length
  const actionCount = actionValues.length / size
  const values = Float32Array.from(actionValues)
  const stateValues = Float32Array.from({ length: size }, (_, s) =>
    Math.max(...values.subarray(s * actionCount, (s + 1) * actionCount)),
  )
  return {
    envId: 'formula',
    observationSize: rows[0]!.length,
    actionCount,
    size,
    observations: Float32Array.from(rows.flat()),
    actions: Int32Array.from({ length: size }, (_, s) => s % actionCount),
    returns: stateValues.slice(),
    actionValues: values,
    stateValues,
    provenance: { mode: 'formula', seed: 0, teacher: 'formula' },
    labels: size,
    environmentSteps: size,
  }
}
