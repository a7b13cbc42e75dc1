// What the maps show of teacher and student: values or policies over a plane of states, their difference, and one state alone.
// Read next: lab.ts.

import type { LabelledDataset } from 'alambic/distill'
import { ValueFunction } from 'alambic/rl'
import type { Config } from './config.ts'
import { hasValues, observationsOf, outputsOf, planeOf } from './lab.ts'
import type { Maps, Probe } from './protocol.ts'
import type { Shown } from './teachers.ts'

/** Cells along a side of the plane; the grid world has as many as it has. */
const SIDE = 48

/** Who is shown, and the temperature of the labels in their unit; 0: the best action alone. */
export interface Pair {
  readonly teacher: Shown
  readonly student: Shown | undefined
  readonly temperature: number
}

export function mapsOf(config: Config, pair: Pair): Maps {
  const { teacher, student } = pair
  const side = config.env === 'GridWorld-v0' ? 8 : SIDE
  const plane = planeOf(config, side)
  const softness = softnessOf(config, pair)
  const [taught, learnt] = [
    outputsOf(teacher, plane, softness.teacher),
    student && outputsOf(student, plane, softness.student),
  ]
  const shown = config.map === 'value' && taught.values !== undefined ? ofValues() : ofPolicies()
  const all = Float32Array.from([...(shown.teacher ?? []), ...(shown.student ?? [])])
  const range = [
    all.reduce((a, b) => Math.min(a, b), Infinity),
    all.reduce((a, b) => Math.max(a, b), -Infinity),
  ] as const
  return { type: 'maps', side, range, ...shown }

  function ofValues() {
    const values = hasValues(config) ? learnt?.values : undefined
    const inUnits = student instanceof ValueFunction || values === undefined
    const [a, b] = inUnits ? [taught.values!, values] : [standardized(taught.values!), standardized(values)]
    const difference = b?.map((each, i) => each - a[i]!)
    const noValues = learnt && !hasValues(config) ? 'This student learns a policy, which has no values.' : ''
    const note = noValues || (inUnits ? '' : 'Values in standard deviations of each map.')
    return {
      kind: 'value' as const,
      width: 1,
      teacher: a,
      ...(b && { student: b }),
      ...(difference && { difference }),
      note,
    }
  }

  function ofPolicies() {
    const [a, b] = [taught.policy, learnt?.policy]
    const width = a === undefined ? 1 : a.length / (side * side)
    const difference = a && b && distances(a, b, width)
    const note = learnt && b === undefined ? 'This student learns state values and acts by a look-ahead.' : ''
    return {
      kind: 'policy' as const,
      width,
      ...(a && { teacher: a }),
      ...(b && { student: b }),
      ...(difference && { difference }),
      note,
    }
  }
}

/** One state as the maps show it. */
export function probeOf(config: Config, pair: Pair, state: readonly number[]): Probe {
  const observation = observationsOf(config.env, [state])
  const softness = softnessOf(config, pair)
  const a = outputsOf(pair.teacher, observation, softness.teacher)
  const b = pair.student && outputsOf(pair.student, observation, softness.student)
  return {
    ...{ type: 'probe', state },
    ...(a.policy && { teacher: a.policy }),
    ...(b?.policy && { student: b.policy }),
    ...(a.values && { teacherValue: a.values[0]! }),
    ...(b?.values && hasValues(config) && { studentValue: b.values[0]! }),
  }
}

/** The best action of each label; for continuous actions that of the teacher, or of the table, from -1 to 1. */
export function actionsOf(dataset: LabelledDataset, teacher: Shown): Float32Array {
  const { numActions, size } = dataset
  if (numActions === 0) {
    if (dataset.isLabelled) return outputsOf(teacher, dataset.column('observations'), 0).policy!
    return dataset.column('actions').map((each) => each / teacher.bounds!.high[0]!)
  }
  if (!dataset.has('logits') && !dataset.has('actionValues')) {
    return dataset.has('actions') ? dataset.column('actions').slice() : new Float32Array(size)
  }
  const scores = dataset.scores()
  return Float32Array.from({ length: size }, (_, i) => {
    const row = scores.subarray(i * numActions, (i + 1) * numActions)
    return row.indexOf(row.reduce((a, b) => Math.max(a, b)))
  })
}

/** The temperatures at which policies are shown: that of the labels for the teacher, 1 for logits. Values alone act by the best. */
function softnessOf({ target }: Config, { temperature }: Pair): { teacher: number; student: number } {
  if (target === 'hard' || target === 'q-mse') return { teacher: 0, student: 0 }
  return { teacher: temperature || 1, student: target === 'q-softmax' ? temperature : 1 }
}

function standardized(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const std = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length) || 1
  return values.map((x) => (x - mean) / std)
}

/** Total variation of two policies in each cell; for continuous actions their difference. */
function distances(a: Float32Array, b: Float32Array, width: number): Float32Array {
  return Float32Array.from({ length: a.length / width }, (_, i) => {
    if (width === 1) return b[i]! - a[i]!
    let sum = 0
    for (let k = i * width; k < (i + 1) * width; k++) sum += Math.abs(a[k]! - b[k]!) / 2
    return sum
  })
}
