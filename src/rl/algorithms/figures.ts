// The figures of a report: scalars read off their tensors, and means over several updates.

import type { Tensor } from '../../tensor/tensor.ts'

/** The number in each scalar. */
export function itemsOf<Name extends string>(scalars: Readonly<Record<Name, Tensor>>): Record<Name, number> {
  const entries = Object.entries<Tensor>(scalars).map(([name, scalar]) => [name, scalar.item()])
  return Object.fromEntries(entries) as Record<Name, number>
}

/** The mean of each figure over several updates, at least one. */
export function meansOf<Figures extends { readonly [Name in keyof Figures]: number }>(
  updates: readonly Figures[],
): Figures {
  const means: Record<string, number> = {}
  for (const name of Object.keys(updates[0] ?? {})) {
    let sum = 0
    for (const figures of updates) sum += figures[name as keyof Figures]
    means[name] = sum / updates.length
  }
  return means as Figures
}
