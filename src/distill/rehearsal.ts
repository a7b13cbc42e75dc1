// A labelled set that nobody gathered: made-up states and labels of the kinds that a teacher gives. What cannot be learned
// from it cannot be learned from the real one either, and that is known before anything is played.

import { type LabelledSet, labelKinds } from './labelled-set.ts'
import {
  type PreparedTarget,
  prepareTarget,
  requireTemperatureChoice,
  type StudentOf,
  type TargetName,
  type TargetOptions,
} from './targets.ts'
import type { Teacher } from './teacher.ts'

const STATES = 10

/** `played` says whether there will be actions and returns. */
export function rehearsalSet({ agent, name, kinds }: Teacher, envId: string, played: boolean): LabelledSet {
  const { observationSize, actionCount } = agent
  const different = (width: number) => Float32Array.from({ length: STATES * width }, (_, i) => (i * i) % 11)
  const widths = { logits: actionCount, actionValues: actionCount, stateValues: 1 }
  const given = labelKinds.filter((kind) => kinds.includes(kind))
  return {
    envId,
    observationSize,
    actionCount,
    size: STATES,
    observations: different(observationSize),
    actions: new Int32Array(played ? STATES : 0),
    returns: played ? different(1) : new Float32Array(0),
    ...Object.fromEntries(given.map((kind) => [kind, different(widths[kind])])),
    provenance: { mode: played ? 'rehearsal' : 'boundingBox', seed: 0, teacher: name },
    labels: STATES,
    environmentSteps: 0,
  }
}

/** `prepareTarget` as far as it costs nothing: a temperature that is yet to be chosen is left at its default. */
export function rehearse<Name extends TargetName>(
  target: Name,
  set: LabelledSet,
  { temperature, ...others }: TargetOptions,
): PreparedTarget<StudentOf<Name>> {
  const settled = temperature === undefined || temperature === 'auto' ? others : { ...others, temperature }
  const prepared = prepareTarget(target, set, settled)
  if (temperature === 'auto') requireTemperatureChoice(target, set)
  return prepared
}
