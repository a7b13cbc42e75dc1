// Where a dataset or student comes from, and the record of what it cost: labels, evaluations of the teacher, environment steps and gradient
// steps. Read next: dataset.ts.

import type { Saveable } from '../../data/checkpoint.ts'
import { CheckpointError } from '../../tensor/errors.ts'
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

/** What environment steps are taken for. */
type Purpose = keyof Cost['environmentSteps']

/**
 * The record of what was done. Whatever costs something adds it here when it is done, and every figure of a cost is read from here.
 */
export class CostRecord implements Cost, Saveable {
  labels = 0
  jacobians = 0
  teacherEvaluations = 0
  readonly environmentSteps = { firstRound: 0, laterRounds: 0, choice: 0 }
  updates = 0
  #purpose: Purpose = 'firstRound'

  /** A record that starts with the sum of these costs. */
  static of(...costs: readonly Cost[]): CostRecord {
    const record = new CostRecord()
    for (const cost of costs) record.add(cost)
    return record
  }

  /** What the environment steps from here on are taken for. */
  set purpose(purpose: Purpose) {
    this.#purpose = purpose
  }

  addSteps(count: number): void {
    this.environmentSteps[this.#purpose] += count
  }

  /** Play of the teacher or of students. */
  addPlay(rollout: { readonly environmentSteps: number; readonly evaluations: number }, isByTeacher: boolean): void {
    this.addSteps(rollout.environmentSteps)
    if (isByTeacher) this.teacherEvaluations += rollout.evaluations
  }

  add({ labels, jacobians, teacherEvaluations, environmentSteps, updates }: Cost): void {
    this.labels += labels
    this.jacobians += jacobians
    this.teacherEvaluations += teacherEvaluations
    this.updates += updates
    for (const purpose of ['firstRound', 'laterRounds', 'choice'] as const) {
      this.environmentSteps[purpose] += environmentSteps[purpose]
    }
  }

  save(): Cost {
    return { ...this, environmentSteps: { ...this.environmentSteps } }
  }

  restore(cost: Cost): void {
    if (!isCost(cost)) throw new CheckpointError('the saved cost is not that of a dataset')
    const { environmentSteps, ...counts } = noCost()
    Object.assign(this, counts)
    Object.assign(this.environmentSteps, environmentSteps)
    this.add(cost)
  }
}

export const noCost = (): Cost => new CostRecord().save()

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
