// A small set of states with what the teacher said there, and what was seen when they were played: everything a student
// learns from. Kept as flat arrays, so that a set is easy to save, to merge and to look at.
// Read next: collect.ts for where one comes from, set-files.ts and csv.ts for where one is kept.

import { Discrete, flatSize } from '../rl/spaces.ts'
import type { Envs } from '../rl/vector/as-vector.ts'
import { ShapeError, ValueError } from '../tensor/errors.ts'

/** What a teacher can say about a state. */
export type LabelKind = 'logits' | 'actionValues' | 'stateValues'

export const labelKinds: readonly LabelKind[] = ['logits', 'actionValues', 'stateValues']

export interface Provenance {
  /** The collection mode, such as `teacherIid`. */
  readonly mode: string
  readonly seed: number
  /** Who labelled, in words. */
  readonly teacher: string
  /** Of the sets that it was merged from. */
  readonly parts?: readonly Provenance[]
}

export interface LabelledSet {
  readonly envId: string
  readonly observationSize: number
  readonly actionCount: number
  /** How many states. */
  readonly size: number
  /** [size, observationSize] */
  readonly observations: Float32Array
  /** The action played in each state: [size], or empty where nobody played. */
  readonly actions: Int32Array
  /** The discounted return seen from each state to the end of its episode: [size], or empty where nobody played. */
  readonly returns: Float32Array
  /** [size, actions], [size, actions] and [size], as far as the teacher has them. */
  readonly logits?: Float32Array
  readonly actionValues?: Float32Array
  readonly stateValues?: Float32Array
  readonly provenance: Provenance
  /** States that the teacher was asked about. */
  readonly labels: number
  /** Environment steps played to find them. */
  readonly environmentSteps: number
}

/** Throws an error that names the operation unless the set has states, finite numbers and the sizes it states. */
export function requireUsable(op: string, set: LabelledSet): void {
  if (set.size === 0) throw new ValueError(`${op}: the labelled set is empty; it needs at least one state`)
  const lengths: [string, ArrayLike<number> | undefined, number][] = [
    ['observations', set.observations, set.size * set.observationSize],
    ['actions', set.actions, set.size],
    ['returns', set.returns, set.size],
    ['logits', set.logits, set.size * set.actionCount],
    ['actionValues', set.actionValues, set.size * set.actionCount],
    ['stateValues', set.stateValues, set.size],
  ]
  for (const [name, values, length] of lengths) {
    if (values === undefined) continue
    if (values.length === 0 && (name === 'actions' || name === 'returns')) continue
    if (values.length !== length) {
      throw new ShapeError(
        `${op}: the set of ${set.size} states has ${values.length} numbers of ${name}; expected ${length}`,
      )
    }
    for (let i = 0; i < length; i++) {
      if (!Number.isFinite(values[i]!)) {
        throw new ValueError(
          `${op}: ${name} hold ${values[i]} for state ${Math.floor((i * set.size) / length)}; expected finite numbers`,
        )
      }
    }
  }
  const foreign = set.actions.findIndex((action) => action < 0 || action >= set.actionCount)
  if (foreign >= 0) {
    throw new ValueError(
      `${op}: the action of state ${foreign} is ${set.actions[foreign]}; expected 0 to ${set.actionCount - 1}`,
    )
  }
}

/** Throws a ValueError unless actions were played in the set's states and returns seen. */
export function requirePlayed(op: string, set: LabelledSet): void {
  if (set.actions.length === set.size && set.returns.length === set.size) return
  throw new ValueError(
    `${op}: nobody played in the states of this set (mode ${set.provenance.mode}), so it has no actions and returns to ` +
      'learn from; gather states by play',
  )
}

/** Throws an error that says both sides unless the set is of this environment. */
export function requireSetOf(op: string, set: LabelledSet, envs: Envs): void {
  if (set.envId !== envs.id) {
    throw new ValueError(`${op}: the labelled set is of ${set.envId}, the environment is ${envs.id}`)
  }
  const size = flatSize(envs.observationSpace)
  const actions = envs.actionSpace instanceof Discrete ? envs.actionSpace.n : Number.NaN
  if (set.observationSize === size && set.actionCount === actions) return
  throw new ShapeError(
    `${op}: the labelled set has ${set.observationSize} numbers a state and ${set.actionCount} actions, ` +
      `${envs.id} shows ${size} and has ${envs.actionSpace}`,
  )
}

/** The labels of one kind. Throws a ValueError that says which kinds the set has. */
export function labelsOf(op: string, set: LabelledSet, kind: LabelKind): Float32Array {
  const labels = set[kind]
  if (labels !== undefined) return labels
  const present = labelKinds.filter((each) => set[each] !== undefined)
  throw new ValueError(`${op}: the teacher gave no ${kind}; it gave ${present.join(', ') || 'no labels at all'}`)
}
