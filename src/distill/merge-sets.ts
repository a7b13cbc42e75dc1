// Two labelled sets of one task as one.

import { ShapeError, ValueError } from '../tensor/errors.ts'
import { type LabelledSet, labelKinds, type Provenance, requireUsable } from './labelled-set.ts'

/**
 * The states of `a`, then those of `b`; budgets are added up. Throws a ValueError on another environment, other kinds of
 * labels, or a state that is in both; a ShapeError on other sizes.
 */
export function mergeSets(a: LabelledSet, b: LabelledSet): LabelledSet {
  requireUsable('mergeSets', a)
  requireUsable('mergeSets', b)
  requireAlike(a, b)
  const labels = Object.fromEntries(
    labelKinds.flatMap((kind) => (a[kind] === undefined ? [] : [[kind, joined(a[kind], b[kind]!)]])),
  )
  return {
    envId: a.envId,
    observationSize: a.observationSize,
    actionCount: a.actionCount,
    size: a.size + b.size,
    observations: joined(a.observations, b.observations),
    actions: Int32Array.from([...a.actions, ...b.actions]),
    returns: joined(a.returns, b.returns),
    ...labels,
    provenance: provenanceOf(a.provenance, b.provenance),
    labels: a.labels + b.labels,
    environmentSteps: a.environmentSteps + b.environmentSteps,
  }
}

function requireAlike(a: LabelledSet, b: LabelledSet): void {
  if (a.envId !== b.envId) throw new ValueError(`mergeSets: one set is of ${a.envId}, the other of ${b.envId}`)
  if (a.observationSize !== b.observationSize || a.actionCount !== b.actionCount) {
    throw new ShapeError(
      `mergeSets: one set has ${a.observationSize} numbers a state and ${a.actionCount} actions, ` +
        `the other ${b.observationSize} and ${b.actionCount}`,
    )
  }
  const kinds = [a, b].map((set) => labelKinds.filter((kind) => set[kind] !== undefined).join(', ') || 'no labels')
  if (kinds[0] !== kinds[1]) {
    throw new ValueError(
      `mergeSets: one set has ${kinds[0]}, the other ${kinds[1]}; label both by teachers of one kind`,
    )
  }
  for (const name of ['actions', 'returns'] as const) {
    if (a[name].length > 0 !== b[name].length > 0) {
      throw new ValueError(`mergeSets: one set has ${name} that were played, the other none; they cannot be one`)
    }
  }
  const states = new Map(keysOf(a).map((key, i) => [key, i]))
  keysOf(b).forEach((key, i) => {
    const twin = states.get(key)
    if (twin === undefined) return
    throw new ValueError(
      `mergeSets: state ${i} of the second set is state ${twin} of the first; no state may be labelled twice`,
    )
  })
}

function keysOf({ observations, observationSize, size }: LabelledSet): string[] {
  return Array.from({ length: size }, (_, i) =>
    observations.subarray(i * observationSize, (i + 1) * observationSize).join(),
  )
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const both = new Float32Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

function provenanceOf(a: Provenance, b: Provenance): Provenance {
  const either = (one: string, other: string) => (one === other ? one : `${one} + ${other}`)
  return {
    mode: either(a.mode, b.mode),
    seed: a.seed,
    teacher: either(a.teacher, b.teacher),
    parts: [a, b].flatMap((each) => each.parts ?? [each]),
  }
}
