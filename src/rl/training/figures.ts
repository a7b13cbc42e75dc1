// Helpers of the training loops: annealed learning rates and the figures of reports.

import { meanOf } from '../../data/statistics.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'

interface Annealed {
  readonly annealLearningRate: boolean
  readonly learningRate: number
  readonly totalTimesteps: number
}

/** With `annealLearningRate`, sets the learning rate of an environment step: linear from `learningRate` to 0, and 0 beyond the last. */
export function anneal(optimizer: { learningRate: number }, o: Annealed, step: number): void {
  if (o.annealLearningRate) optimizer.learningRate = o.learningRate * Math.max(0, 1 - step / o.totalTimesteps)
}

export function itemsOf<Name extends string>(scalars: Readonly<Record<Name, Tensor>>): Record<Name, number> {
  const entries = Object.entries<Tensor>(scalars).map(([name, scalar]) => [name, scalar.item()])
  return Object.fromEntries(entries) as Record<Name, number>
}

/** The mean of each figure over the updates where it is defined; NaN if it is defined in none. Expects at least one update. */
export function meansOf<Figures extends { readonly [Name in keyof Figures]: number | undefined }>(
  updates: readonly Figures[],
): { [Name in keyof Figures]: number } {
  const means = Object.keys(updates[0] ?? {}).map((name) => {
    const figures = updates.map((update) => update[name as keyof Figures] as number | undefined)
    return [name, meanOf(figures.filter((figure) => figure !== undefined))]
  })
  return Object.fromEntries(means)
}
