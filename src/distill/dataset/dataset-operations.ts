// Datasets made from datasets: some of the rows, other labels, two as one, mirror images. Read next: dataset.ts.

import { gathered } from '../../data/columns.ts'
import { Discrete } from '../../data/spaces.ts'
import { type MirrorSymmetry, mirrorFault } from '../../rl/envs/mirror-symmetry.ts'
import { ShapeError, ValueError } from '../../tensor/errors.ts'
import { type ColumnName, type DatasetColumns, LabelledDataset, type Labels } from './dataset.ts'
import { CostRecord } from './provenance.ts'

/** The given rows, in the given order. */
export function selectRows(dataset: LabelledDataset, rows: Int32Array): LabelledDataset {
  return withColumns(dataset, (name) => gathered(dataset.column(name), rows, dataset.width(name)))
}

/** The same columns, or some of them, with other values. Cost and provenance stay what they were. */
export function withColumns(
  dataset: LabelledDataset,
  valuesOf: (name: ColumnName) => Float32Array,
  names = dataset.names,
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
  if (`${a.names}` !== `${b.names}`) throw new ValueError(different(a.names.join(), b.names.join()))
  for (let i = 0; i < b.size; i++) {
    if (!a.contains(b.observation(i))) continue
    throw new ValueError(
      `concatDatasets: state ${i} of the second dataset is also in the first; expected different states`,
    )
  }
  const joined = a.names.map((name) => [name, Float32Array.from([...a.column(name), ...b.column(name)])])
  const either = (one: string, other: string) => (one === other ? one : `${one} + ${other}`)
  const [p, q] = [a.provenance, b.provenance]
  return LabelledDataset.of(a.spec, Object.fromEntries(joined) as DatasetColumns, {
    cost: CostRecord.of(a.cost, b.cost),
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
  const { size, numActions, actionSpace } = dataset
  const start = actionSpace instanceof Discrete ? actionSpace.start : 0
  const rows = new Float32Array(size * numActions)
  dataset.column('actions').forEach((action, i) => {
    rows[i * numActions + action - start] = 1
  })
  return rows
}

/**
 * A dataset of the states of `dataset`, then their mirror images: 2 · size rows. The images are computed, so its cost
 * stays what it was. Throws a ValueError on a symmetry that does not fit the dataset.
 */
export function withMirrorImages(dataset: LabelledDataset, mirror: MirrorSymmetry): LabelledDataset {
  const images = mirrorImages(dataset, mirror)
  return withColumns(dataset, (name) => Float32Array.from([...dataset.column(name), ...images.column(name)]))
}

/** The mirror image of every state, with its labels, action and return. Throws a ValueError as `withMirrorImages` does. */
export function mirrorImages(dataset: LabelledDataset, mirror: MirrorSymmetry): LabelledDataset {
  const { envId, observationSize, actionSpace } = dataset
  const fault = mirrorFault(mirror, observationSize, actionSpace)
  if (fault !== undefined) throw new ValueError(`mirrorImages: the mirror symmetry of ${envId} ${fault}`)
  const { observationSigns, actionSigns = [], actionPermutation = [] } = mirror
  const signed = (values: Float32Array, signs: readonly number[]) => values.map((x, i) => x * signs[i % signs.length]!)
  const mirrorColumn = (name: ColumnName, values: Float32Array): Float32Array => {
    if (name === 'observations' || name === 'successors') return signed(values, observationSigns)
    if (name === 'jacobians') return mirrorJacobians(values, mirror)
    if (name === 'returns' || name === 'stateValues' || name === 'logStd') return values
    if (name === 'episodes' || name.startsWith('successor')) return values
    if (!(actionSpace instanceof Discrete)) return signed(values, actionSigns)
    const { n, start } = actionSpace
    if (name === 'actions') return values.map((action) => start + actionPermutation[action - start]!)
    // Logits and action values. The permutation is its own inverse, so the image of action a has the number of a.
    return values.map((_, i) => values[i - (i % n) + actionPermutation[i % n]!]!)
  }
  return withColumns(dataset, (name) => mirrorColumn(name, dataset.column(name)))
}

// [states, outputs, observationSize]
function mirrorJacobians(values: Float32Array, mirror: MirrorSymmetry): Float32Array {
  const { observationSigns, actionSigns, actionPermutation } = mirror
  const [width, outputs] = [observationSigns.length, (actionSigns ?? actionPermutation)!.length]
  return values.map((_, i) => {
    const [output, j] = [Math.floor(i / width) % outputs, i % width]
    const source = actionPermutation === undefined ? i : i + (actionPermutation[output]! - output) * width
    return values[source]! * observationSigns[j]! * (actionSigns?.[output] ?? 1)
  })
}
