// A small set of states with what the teacher said there, and what was seen when they were played: everything a student
// learns from. Kept as flat arrays, so that a set is easy to save, to merge and to look at.

import {
  numbersOf,
  readSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  storedTensor,
  writeSafetensors,
} from '../nn/safetensors.ts'
import { CheckpointError, ShapeError, ValueError } from '../tensor/errors.ts'

/** What a teacher can say about a state. */
export type LabelKind = 'logits' | 'actionValues' | 'stateValues'

export interface Provenance {
  /** The collection mode, such as `teacherIid`. */
  readonly mode: string
  readonly seed: number
  /** Who labelled, in words. */
  readonly teacher: string
}

export interface LabelledSet {
  readonly envId: string
  readonly observationSize: number
  readonly actionCount: number
  /** How many states. */
  readonly size: number
  /** [size, observationSize] */
  readonly observations: Float32Array
  /** The action played in each state. */
  readonly actions: Int32Array
  /** The discounted return seen from each state to the end of its episode. */
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
}

/** The labels of one kind. Throws a ValueError that says which kinds the set has. */
export function labelsOf(op: string, set: LabelledSet, kind: LabelKind): Float32Array {
  const labels = set[kind]
  if (labels !== undefined) return labels
  const present = (['logits', 'actionValues', 'stateValues'] as const).filter((each) => set[each] !== undefined)
  throw new ValueError(`${op}: the teacher gave no ${kind}; it gave ${present.join(', ') || 'no labels at all'}`)
}

/** As a safetensors file, with the provenance in its metadata. */
export function saveLabelledSet(set: LabelledSet): Uint8Array {
  const { size, observationSize, actionCount } = set
  const tensors = new Map<string, StoredTensor>()
  tensors.set('observations', storedTensor(set.observations, [size, observationSize]))
  tensors.set('actions', storedTensor(set.actions, [size]))
  tensors.set('returns', storedTensor(set.returns, [size]))
  if (set.logits !== undefined) tensors.set('logits', storedTensor(set.logits, [size, actionCount]))
  if (set.actionValues !== undefined) tensors.set('actionValues', storedTensor(set.actionValues, [size, actionCount]))
  if (set.stateValues !== undefined) tensors.set('stateValues', storedTensor(set.stateValues, [size]))
  const { envId, labels, environmentSteps, provenance } = set
  const about = { envId, actionCount, labels, environmentSteps, provenance }
  return writeSafetensors({ metadata: { labelledSet: JSON.stringify(about) }, tensors })
}

/** Reads what `saveLabelledSet` wrote. Throws a CheckpointError on any other file. */
export function loadLabelledSet(file: Uint8Array): LabelledSet {
  const read = readSafetensors(file)
  const about = read.metadata.labelledSet
  const shape = read.tensors.get('observations')?.shape
  if (about === undefined || shape === undefined || shape.length !== 2) {
    throw new CheckpointError('the file is no labelled set: it has no "labelledSet" in its metadata or no observations')
  }
  const { envId, actionCount, labels, environmentSteps, provenance } = JSON.parse(about) as LabelledSet
  const floats = (name: string) => Float32Array.from(numbersOf(read, name))
  const set = {
    envId,
    observationSize: shape[1]!,
    actionCount,
    size: shape[0]!,
    observations: floats('observations'),
    actions: Int32Array.from(numbersOf(read, 'actions')),
    returns: floats('returns'),
    ...optional(read, 'logits'),
    ...optional(read, 'actionValues'),
    ...optional(read, 'stateValues'),
    provenance,
    labels,
    environmentSteps,
  }
  requireUsable('loadLabelledSet', set)
  return set
}

function optional(file: SafetensorsFile, name: LabelKind): Partial<Record<LabelKind, Float32Array>> {
  return file.tensors.has(name) ? { [name]: Float32Array.from(numbersOf(file, name)) } : {}
}
