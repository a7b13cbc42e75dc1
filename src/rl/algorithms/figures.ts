// The figures of a report: numbers read from scalar tensors, and means over several updates.

import type { Tensor } from '../../tensor/tensor.ts'

/** The number in each scalar. */
export function itemsOf<Name extends string>(scalars: Readonly<Record<Name, Tensor>>): Record<Name, number> {
  const entries = Object.entries<Tensor>(scalars).map(([name, scalar]) => [name, scalar.item()])
  return Object.fromEntries(entries) as Record<Name, number>
}

/** The mean of each figure over the updates, at least one, that have it; NaN where it is undefined in all. */
export function meansOf<Figures extends { readonly [Name in keyof Figures]: number | undefined }>(
  updates: readonly Figures[],
): { [Name in keyof Figures]: number } {
  const means: Record<string, number> = {}
  for (const name of Object.keys(updates[0] ?? {})) {
    let sum = 0
    let count = 0
    for (const figures of updates) {
      const figure = figures[name as keyof Figures]
      if (figure === undefined) continue
      sum += figure
      count++
    }
    means[name] = sum / count
  }
  return means as { [Name in keyof Figures]: number }
}
