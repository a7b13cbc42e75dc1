// Columns of a labelled dataset for students that act by a look-ahead. Read next: successors.ts, which fills them.

/** Successors of each state that have labels. */
export const SUCCESSORS = 2

/** Observations of the successors, Σ r and γ or 0 on the way to each, and their state values. */
export const successorColumns = ['successors', 'successorRewards', 'successorDiscounts', 'successorValues'] as const

export type SuccessorColumn = (typeof successorColumns)[number]
