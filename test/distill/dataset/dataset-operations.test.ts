// Datasets made from datasets, by tiny examples. See dataset.test.ts and mirror.test.ts for properties.

import { describe, expect, it } from 'vitest'
import { Box, Discrete } from '../../../src/data/spaces.ts'
import { LabelledDataset } from '../../../src/distill/dataset/dataset.ts'
import {
  concatDatasets,
  hardScores,
  mirrorImages,
  relabel,
  selectRows,
  withColumns,
  withMirrorImages,
} from '../../../src/distill/dataset/dataset-operations.ts'
import { noCost } from '../../../src/distill/dataset/provenance.ts'
import { ShapeError, ValueError } from '../../../src/tensor/errors.ts'

const spec = { envId: 'Tiny-v0', observationSize: 2, actionSpace: new Discrete(2) }
const provenance = { selection: 'farthest', rounds: 2, seed: 4, teacher: 'first' }
/** Two states, from `x` on, with all that is played. */
const of = (x: number, changes: object = {}, origin: object = { provenance, cost: { ...noCost(), labels: 5 } }) =>
  LabelledDataset.of(
    { ...spec, ...changes },
    {
      ...{ observations: Float32Array.of(x, 1, x + 1, -1), actions: [1, 0], returns: Float32Array.of(x, -x) },
      ...{ episodes: Float32Array.of(0, 1), logits: Float32Array.of(x, 2, 3, 4) },
    },
    origin,
  )
const columnsOf = (dataset: LabelledDataset) =>
  Object.fromEntries(dataset.names.map((name) => [name, [...dataset.column(name)]]))

describe('rows and columns', () => {
  it('are taken in any order; cost and provenance stay', () => {
    const part = selectRows(of(7), Int32Array.of(1, 1, 0))
    expect(columnsOf(part)).toEqual({
      ...{ observations: [8, -1, 8, -1, 7, 1], actions: [0, 0, 1], returns: [-7, -7, 7], episodes: [1, 1, 0] },
      logits: [3, 4, 3, 4, 7, 2],
    })
    expect([part.labels, part.provenance]).toEqual([5, provenance])
    const some = withColumns(part, (name) => part.column(name).map((each) => 2 * each), ['observations'])
    expect(columnsOf(some)).toEqual({ observations: [16, -2, 16, -2, 14, 2] })
    expect(some.labels).toBe(5)
  })

  it('are labelled anew, beside what was played', () => {
    const anew = relabel(of(7), { actionValues: Float32Array.of(9, 8, 7, 6) }, 'second')
    expect(columnsOf(anew)).toEqual({
      ...{ observations: [7, 1, 8, -1], actions: [1, 0], returns: [7, -7], episodes: [0, 1] },
      actionValues: [9, 8, 7, 6],
    })
    expect([anew.labels, anew.provenance]).toEqual([5, { ...provenance, teacher: 'second' }])
    const states = LabelledDataset.of(spec, { observations: Float32Array.of(1, 2), logits: Float32Array.of(1, 2) })
    expect(relabel(states, { stateValues: Float32Array.of(1) }, 'x').names).toEqual(['observations', 'stateValues'])
  })

  it('give scores: logits, or else action values, or else 1 for the action that was taken', () => {
    expect([...hardScores(of(7))]).toEqual([7, 2, 3, 4])
    const observations = Float32Array.of(1, 2, 3, 4)
    const values = LabelledDataset.of(spec, {
      observations,
      actions: [1, 0],
      actionValues: Float32Array.of(4, 3, 2, 1),
    })
    expect([...hardScores(values)]).toEqual([4, 3, 2, 1])
    expect([...hardScores(LabelledDataset.of(spec, { observations, actions: [1, 0] }))]).toEqual([0, 1, 1, 0])
  })
})

describe('two datasets as one', () => {
  it('are the states of the first, then those of the second; costs add up', () => {
    const other = { selection: 'random', rounds: 1, seed: 9, teacher: 'first' }
    const both = concatDatasets(of(1), of(5, {}, { provenance: other, cost: { ...noCost(), labels: 3, updates: 2 } }))
    expect(columnsOf(both)).toEqual({
      ...{ observations: [1, 1, 2, -1, 5, 1, 6, -1], actions: [1, 0, 1, 0], returns: [1, -1, 5, -5] },
      ...{ episodes: [0, 1, 0, 1], logits: [1, 2, 3, 4, 5, 2, 3, 4] },
    })
    expect(both.cost).toEqual({ ...noCost(), labels: 8, updates: 2 })
    expect(both.provenance).toEqual({
      ...{ selection: 'farthest + random', rounds: 2, seed: 4, teacher: 'first', parts: [provenance, other] },
    })
    expect(concatDatasets(both, of(9)).provenance.parts).toEqual([provenance, other, provenance])
    expect(concatDatasets(of(9), both).provenance).toMatchObject({
      ...{ selection: 'farthest + farthest + random', parts: [provenance, provenance, other] },
    })
  })

  it('are of the same environment, sizes and columns, and share no state', () => {
    const refused = (other: LabelledDataset) => expect(() => concatDatasets(of(1), other))
    const message = (first: string, second: string) =>
      `concatDatasets: the first dataset has ${first}, the second ${second}`
    refused(of(5, { envId: 'Other-v0' })).toThrow(message('Tiny-v0', 'Other-v0'))
    refused(of(5, { envId: 'Other-v0' })).toThrow(ValueError)
    const box = { ...spec, actionSpace: new Box([-1], [1]) }
    const vectors = LabelledDataset.of(box, { observations: Float32Array.of(1, 2), actions: [0] })
    refused(vectors).toThrow(ShapeError)
    refused(vectors).toThrow(message('2 numbers and Discrete(0 … 1)', '2 numbers and Box([-1] … [1])'))
    refused(
      selectRows(
        withColumns(of(5), (name) => of(5).column(name), ['observations']),
        Int32Array.of(0),
      ),
    ).toThrow(message('observations,actions,returns,episodes,logits', 'observations'))
    refused(of(2)).not.toThrow() // [2, 1] and [3, -1] beside [1, 1] and [2, -1]
    refused(selectRows(of(1), Int32Array.of(1))).toThrow('state 0 of the second dataset is also in the first')
    const last = LabelledDataset.of(spec, {
      ...of(5).save().columns,
      observations: Float32Array.of(5, 1, 2, -1),
    } as never)
    refused(last).toThrow('state 1 of the second dataset is also in the first; expected different states')
  })
})

describe('mirror images', () => {
  it('of discrete actions: signs of the observations, and the actions exchanged', () => {
    const mirror = { observationSigns: [-1, 1], actionPermutation: [1, 0] }
    const jacobians = Float32Array.from({ length: 8 }, (_, i) => i + 1)
    const columns = { ...of(7).save().columns, jacobians, stateValues: Float32Array.of(1, 2) }
    const dataset = LabelledDataset.of(spec, columns as never)
    const image = {
      ...{ observations: [-7, 1, -8, -1], actions: [0, 1], returns: [7, -7], episodes: [0, 1] },
      ...{ logits: [2, 7, 4, 3], stateValues: [1, 2], jacobians: [-3, 4, -1, 2, -7, 8, -5, 6] },
    }
    expect(columnsOf(mirrorImages(dataset, mirror))).toEqual(image)
    const both = withMirrorImages(dataset, mirror)
    expect([...both.column('logits')]).toEqual([7, 2, 3, 4, ...image.logits])
    expect([both.size, both.labels]).toEqual([4, 2])
  })

  it('of actions that are counted from another number than 0', () => {
    const actionSpace = new Discrete(2, 3)
    const dataset = LabelledDataset.of({ ...spec, actionSpace }, { observations: Float32Array.of(1, 2), actions: [4] })
    const mirror = { observationSigns: [1, 1], actionPermutation: [1, 0] }
    expect([...mirrorImages(dataset, mirror).column('actions')]).toEqual([3])
  })

  it('of vectors: signs of the actions, of means and of their derivatives', () => {
    const box = { envId: 'Tiny-v0', observationSize: 2, actionSpace: new Box([-1, -1], [1, 1]) }
    const dataset = LabelledDataset.of(box, {
      ...{ observations: Float32Array.of(1, 2), actions: [0.5, 1], mean: Float32Array.of(3, 4) },
      ...{ logStd: Float32Array.of(-1, -2), jacobians: Float32Array.of(1, 2, 3, 4) },
    })
    expect(columnsOf(mirrorImages(dataset, { observationSigns: [1, -1], actionSigns: [-1, 1] }))).toEqual({
      ...{ observations: [1, -2], actions: [-0.5, 1], mean: [-3, 4], logStd: [-1, -2], jacobians: [-1, 2, 3, -4] },
    })
  })

  it('of successors: signs of their observations alone', () => {
    const dataset = LabelledDataset.of(spec, {
      ...{ observations: Float32Array.of(1, 2), successors: Float32Array.of(1, 2, 3, 4) },
      ...{ successorRewards: Float32Array.of(5, 6), successorDiscounts: Float32Array.of(7, 8) },
      successorValues: Float32Array.of(9, 10),
    })
    const mirror = { observationSigns: [1, -1], actionPermutation: [1, 0] }
    expect(columnsOf(mirrorImages(dataset, mirror))).toEqual({
      ...{ observations: [1, -2], successors: [1, -2, 3, -4] },
      ...{ successorRewards: [5, 6], successorDiscounts: [7, 8], successorValues: [9, 10] },
    })
  })

  it('fit the dataset', () => {
    const mirror = { observationSigns: [1, 1, 1], actionPermutation: [1, 0] }
    expect(() => mirrorImages(of(1), mirror)).toThrow(ValueError)
    expect(() => mirrorImages(of(1), mirror)).toThrow('mirrorImages: the mirror symmetry of Tiny-v0 has 3 observation')
  })
})

it('scores the actions of each state from the first action of the space on', () => {
  const from3 = { envId: 'From3-v0', observationSize: 1, actionSpace: new Discrete(2, 3) }
  const dataset = LabelledDataset.of(from3, { observations: Float32Array.of(1, 2), actions: [3, 4] })
  expect([...hardScores(dataset)]).toEqual([1, 0, 0, 1])
})
