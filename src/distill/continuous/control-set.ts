// A small set of states with what a teacher would do there, in vectors. Read next: collect.ts for where one comes from,
// target.ts for what a student learns from it.

import type { Bounds } from '../../rl/distributions/squashed-gaussian.ts'
import { ShapeError, ValueError } from '../../tensor/errors.ts'
import type { LabelledSet, Provenance } from '../labelled-set.ts'
import type { ControlLabels } from './control-teacher.ts'

export interface ControlSet extends ControlLabels {
  readonly envId: string
  readonly observationSize: number
  readonly actionSize: number
  /** Of the actions, in the environment's units. */
  readonly bounds: Bounds
  /** How many states. */
  readonly size: number
  /** [size, observationSize] */
  readonly observations: Float32Array
  readonly provenance: Provenance
  /** States that the teacher was asked about. */
  readonly labels: number
  /** Environment steps played to find them. */
  readonly environmentSteps: number
}

/** Throws an error that names the operation unless the labels are as many as the states ask for, and finite. */
export function requireUsableControls(op: string, set: ControlSet): void {
  for (const [name, values] of [['means', set.means] as const, ['logStds', set.logStds] as const]) {
    if (values === undefined) continue
    if (values.length !== set.size * set.actionSize) {
      throw new ShapeError(
        `${op}: the set of ${set.size} states has ${values.length} numbers of ${name}; expected ${set.size * set.actionSize}`,
      )
    }
    const place = values.findIndex((each) => !Number.isFinite(each))
    if (place < 0) continue
    throw new ValueError(
      `${op}: ${name} hold ${values[place]} for state ${Math.floor(place / set.actionSize)}; expected finite numbers`,
    )
  }
}

/** The states as `trainStudent` takes them: without choices, returns or labels of choices. */
export function statesOf(set: ControlSet): LabelledSet {
  const { envId, observationSize, size, observations, provenance, labels, environmentSteps } = set
  const nobodyChose = { actionCount: 0, actions: new Int32Array(0), returns: new Float32Array(0) }
  return { envId, observationSize, size, observations, provenance, labels, environmentSteps, ...nobodyChose }
}
