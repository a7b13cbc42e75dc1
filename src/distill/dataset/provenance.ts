// Where a dataset or student comes from, and what it cost: everything that was asked of the teacher and the environment, and the gradient
// steps. Read next: dataset.ts, which counts it.

import { isCount, isRecord } from '../../tensor/json.ts'

/** Where a dataset's states and labels come from. */
export interface Provenance {
  /** How the states were selected, such as `farthest`, or `csv`. */
  readonly selection: string
  /** Rounds of collection; 1 where no student played. */
  readonly rounds: number
  readonly seed: number
  /** Name of the teacher. */
  readonly teacher: string
  /** Provenance of the datasets that were concatenated. */
  readonly parts?: readonly Provenance[]
}

export interface Cost {
  /** States labelled by the teacher. */
  readonly labels: number
  /** States for which the teacher also gave the derivatives of its outputs, each at the cost of one backward pass per output. */
  readonly jacobians: number
  /** States in which the teacher was evaluated: to play, to label. */
  readonly teacherEvaluations: number
  readonly environmentSteps: {
    /** Played to find the states of the first round. */
    readonly firstRound: number
    /** Played to find those of later rounds. */
    readonly laterRounds: number
    /** Played to choose among several students. */
    readonly choice: number
  }
  /** Gradient steps of all students trained. */
  readonly updates: number
}

export type MutableCost = {
  -readonly [Name in keyof Cost]: Name extends 'environmentSteps' ? MutableSteps : Cost[Name]
}
type MutableSteps = { -readonly [Purpose in keyof Cost['environmentSteps']]: number }

export const noCost = (): MutableCost => ({
  labels: 0,
  jacobians: 0,
  teacherEvaluations: 0,
  environmentSteps: { firstRound: 0, laterRounds: 0, choice: 0 },
  updates: 0,
})

/** A copy, with its entries in the order of `Cost`. */
export function copyCost(cost: Cost): MutableCost {
  return sumOfCosts(noCost(), cost)
}

export function sumOfCosts(a: Cost, b: Cost): MutableCost {
  const [x, y] = [a.environmentSteps, b.environmentSteps]
  return {
    labels: a.labels + b.labels,
    jacobians: a.jacobians + b.jacobians,
    teacherEvaluations: a.teacherEvaluations + b.teacherEvaluations,
    environmentSteps: {
      firstRound: x.firstRound + y.firstRound,
      laterRounds: x.laterRounds + y.laterRounds,
      choice: x.choice + y.choice,
    },
    updates: a.updates + b.updates,
  }
}

/** Environment steps for all purposes. */
export function stepsOf({ environmentSteps: { firstRound, laterRounds, choice } }: Cost): number {
  return firstRound + laterRounds + choice
}

/** Whether a value read from a file is a complete cost. */
export function isCost(given: unknown): given is Cost {
  const isCounted = (like: object, value: unknown): boolean =>
    isRecord(value) &&
    Object.keys(value).length === Object.keys(like).length &&
    Object.entries(like).every(([name, each]) =>
      typeof each === 'number' ? isCount(value[name]) : isCounted(each as object, value[name]),
    )
  return isCounted(noCost(), given)
}
