// Datasets made from datasets: some of the rows, other labels, two as one. Read next: dataset.ts.

import { gathered } from '../rl/buffers/columns.ts'
import type { EnvLike } from '../rl/vector/as-vector.ts'
import { ShapeError, ValueError } from '../tensor/errors.ts'
import { sumOfCosts } from './cost.ts'
import {
  type ColumnName,
  columnNames,
  type DatasetColumns,
  type LabelKind,
  LabelledDataset,
  type Labels,
} from './dataset.ts'
import { specOf, type TeacherSource, teacherOf } from './teacher.ts'

/** The given rows, in the given order. */
export function selectRows(dataset: LabelledDataset, rows: Int32Array): LabelledDataset {
  return withColumns(dataset, (name) => gathered(dataset.column(name), rows, dataset.width(name)))
}

/** The same columns, or some of them, with other values. Cost and provenance stay what they were. */
export function withColumns(
  dataset: LabelledDataset,
  valuesOf: (name: ColumnName) => Float32Array,
  names = namesOf(dataset),
): LabelledDataset {
  const columns = Object.fromEntries(names.map((name) => [name, valuesOf(name)]))
  return LabelledDataset.of(dataset.spec, columns as unknown as DatasetColumns, dataset)
}

/** The same states with other labels, such as those of a student. Its cost stays what it was. */
export function relabel(dataset: LabelledDataset, labels: Labels, teacher: string): LabelledDataset {
  const states = (['observations', 'actions', 'returns', 'episodes'] as const).filter((name) => dataset.has(name))
  const columns = Object.fromEntries(states.map((name) => [name, dataset.column(name)]))
  const { cost, provenance } = dataset
  const origin = { cost, provenance: { ...provenance, teacher } }
  return LabelledDataset.of(dataset.spec, { ...columns, ...labels } as DatasetColumns, origin)
}

/**
 * The states of `a`, then those of `b`; costs add up. Throws a ValueError on datasets of other environments
 * or with other columns, and on a state that is in both; a ShapeError on other sizes.
 */
export function concatDatasets(a: LabelledDataset, b: LabelledDataset): LabelledDataset {
  const different = (x: string, y: string) => `concatDatasets: the first dataset has ${x}, the second ${y}`
  const sizesOf = ({ observationSize, actionSpace }: LabelledDataset) => `${observationSize} numbers and ${actionSpace}`
  if (a.envId !== b.envId) throw new ValueError(different(a.envId, b.envId))
  if (sizesOf(a) !== sizesOf(b)) throw new ShapeError(different(sizesOf(a), sizesOf(b)))
  if (`${namesOf(a)}` !== `${namesOf(b)}`) throw new ValueError(different(namesOf(a).join(), namesOf(b).join()))
  for (let i = 0; i < b.size; i++) {
    if (!a.contains(b.observation(i))) continue
    throw new ValueError(
      `concatDatasets: state ${i} of the second dataset is also in the first; expected different states`,
    )
  }
  const joined = namesOf(a).map((name) => [name, Float32Array.from([...a.column(name), ...b.column(name)])])
  const either = (one: string, other: string) => (one === other ? one : `${one} + ${other}`)
  const [p, q] = [a.provenance, b.provenance]
  return LabelledDataset.of(a.spec, Object.fromEntries(joined) as DatasetColumns, {
    cost: sumOfCosts(a.cost, b.cost),
    provenance: {
      selection: either(p.selection, q.selection),
      rounds: Math.max(p.rounds, q.rounds),
      seed: p.seed,
      teacher: either(p.teacher, q.teacher),
      parts: [p, q].flatMap((each) => each.parts ?? [each]),
    },
  })
}

/** `scores`, or where there are none 1 for the action of each state and 0 for the others, [size, actions]: hard labels. */
export function hardScores(dataset: LabelledDataset): Float32Array {
  if (dataset.has('logits') || dataset.has('actionValues')) return dataset.scores()
  const { size, numActions } = dataset
  const rows = new Float32Array(size * numActions)
  dataset.column('actions').forEach((action, i) => {
    rows[i * numActions + action] = 1
  })
  return rows
}

/**
 * A dataset of chosen states, [states, observationSize], labelled by the teacher. With `before` they follow its states, of which none is
 * labelled again, and its cost is added to; its actions and returns are left out, as chosen states have none. A state is labelled
 * once, however often it occurs. Throws a ShapeError or ValueError on states, a teacher or a dataset that do not suit the environment.
 */
export function labelStates(
  env: EnvLike,
  teacher: TeacherSource,
  states: Float32Array,
  before?: LabelledDataset,
): LabelledDataset {
  const source = teacherOf(teacher, env)
  before?.requireTask('labelStates', env)
  const kept =
    before && namesOf(before).filter((name) => name === 'observations' || source.kinds.includes(name as LabelKind))
  const dataset = kept
    ? withColumns(before, (name) => before.column(name), kept)
    : new LabelledDataset(specOf(env, source.agent))
  const width = dataset.observationSize
  if (states.length % width !== 0) {
    throw new ShapeError(`labelStates: ${states.length} numbers are no whole states of ${width}`)
  }
  for (let at = 0; at < states.length; at += width) {
    const observation = states.subarray(at, at + width)
    if (!dataset.contains(observation)) dataset.add({ observation })
  }
  dataset.label(source)
  dataset.requireUsable('labelStates')
  return dataset
}

/** The columns that a dataset has. */
export function namesOf(dataset: LabelledDataset): readonly ColumnName[] {
  return columnNames.filter((name) => dataset.has(name))
}
