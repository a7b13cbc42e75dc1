// The stored record of a cell: one flat line with its identity, its outcome and its cost.

import type { CellOutcome } from './cell.ts'
import type { Cell } from './plan.ts'

export interface CellRecord extends CellOutcome {
  readonly task: string
  readonly teacher: number
  readonly method: string
  readonly size: string
  readonly labels: number
  readonly seed: number
  /** See `cellFingerprint`. */
  readonly fingerprint: string
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/** A cell's identity as text. Two records with the same key are of the same cell. */
export function keyOf({
  task,
  teacher,
  method,
  size,
  labels,
  seed,
  fingerprint,
}: Omit<CellRecord, keyof CellOutcome | 'cpuSeconds' | 'wallSeconds'>): string {
  return [task, teacher, method, size, labels, seed, fingerprint].join('/')
}

/** The names in a cell, for its record. */
export function namesOf({ task, teacher, method, size, labels, seed }: Cell) {
  return { task: task.name, teacher, method: method.name, size: size.name, labels, seed }
}
