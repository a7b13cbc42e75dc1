// Data augmentation by a mirror symmetry of the environment: every labelled state also appears as its mirror image, with the
// mirrored labels (Abdolhosseini et al. 2019, "On learning symmetric locomotion", doi:10.1145/3359566.3360070, section 4.1).

import { type MirrorSymmetry, mirrorFault } from '../rl/mirror-symmetry.ts'
import { Discrete } from '../rl/spaces.ts'
import { ValueError } from '../tensor/errors.ts'
import type { ColumnName, LabelledDataset } from './dataset.ts'
import { withColumns } from './dataset-operations.ts'

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
