// How much a student at play should heed its teacher: fully as long as it plays no better than chance, less the nearer it
// comes, not at all once it plays as well. Read next: kickstart.ts, qdagger.ts.

import { ValueError } from '../../tensor/errors.ts'

/** Mean returns of a task by which a student's progress is measured. */
export interface ReturnScale {
  /** Of uniformly random play. */
  readonly random: number
  /** Of the teacher. */
  readonly teacher: number
}

/**
 * clip(1 - (G - G_random) / (G_teacher - G_random), 0, 1): right for rewards of either sign. The ratio of Agarwal et al. 2022
 * (arXiv:2206.01626, section 4), 1 - G / G_teacher, is the case G_random = 0; with negative returns it would tell a poor
 * student to ignore its teacher.
 */
export function guidanceWeight(studentReturn: number, scale: ReturnScale): number {
  const share = (studentReturn - scale.random) / (scale.teacher - scale.random)
  return Math.min(Math.max(1 - share, 0), 1)
}

/** Throws a `ValueError` unless the teacher's return is above that of random play. */
export function requireReturnScale(op: string, { random, teacher }: ReturnScale): void {
  if (Number.isFinite(random) && teacher > random && teacher < Infinity) return
  throw new ValueError(
    `${op}: the teacher's return is ${teacher}, random play's ${random}; the teacher must be better, or it has nothing to teach`,
  )
}
