import { describe, expect, it } from 'vitest'
import { LabelledDataset } from '../../src/distill/dataset.ts'
import { datasetFromJson, datasetToJson, loadDataset, saveDataset } from '../../src/distill/dataset-files.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { readSafetensors } from '../../src/nn/safetensors.ts'
import { Box } from '../../src/rl/spaces.ts'
import { AlambicError, CheckpointError } from '../../src/tensor/index.ts'
import { contentsOf, pendulum, someAgent, someDataset, somePendulumTeachers } from './support.ts'

const steered = (kind: keyof typeof somePendulumTeachers) =>
  someDataset({ env: pendulum(), teacher: somePendulumTeachers[kind]() })

describe('a dataset in a file', () => {
  it.each([
    ['played', () => someDataset()],
    ['not played', () => someDataset({ selection: 'box' })],
    ['with Gaussians of continuous actions', () => steered('gaussian')],
    ['with continuous actions', () => steered('deterministic')],
  ])('comes back as it was, provenance and budgets included: %s', (_, make) => {
    const dataset = make()
    expect(contentsOf(loadDataset(saveDataset(dataset)))).toEqual(contentsOf(dataset))
    expect(contentsOf(datasetFromJson(datasetToJson(dataset)))).toEqual(contentsOf(dataset))
  })

  it('may have actions without bounds, which JSON has no numbers for', () => {
    const spec = { envId: 'Unbounded-v0', observationSize: 1, actionSpace: new Box([-Infinity, 0], [Infinity, 1]) }
    const dataset = LabelledDataset.of(spec, { observations: Float32Array.of(1), mean: Float32Array.of(-0, 1e-45) })
    expect(contentsOf(loadDataset(saveDataset(dataset)))).toEqual(contentsOf(dataset))
  })

  it('is a tensor per column, of the shape that other programs expect', () => {
    const { tensors } = readSafetensors(saveDataset(someDataset()))
    const shapes = [...tensors].map(([name, { shape }]) => [name, shape])
    expect(Object.fromEntries(shapes)).toEqual({
      observations: [40, 4],
      actions: [40],
      returns: [40],
      actionValues: [40, 2],
      stateValues: [40],
    })
  })

  it('of another kind is refused', () => {
    expect(() => loadDataset(saveParameters(someAgent().network))).toThrow(CheckpointError)
    const file = saveDataset(someDataset())
    expect(() => loadDataset(file.subarray(0, file.length - 8))).toThrow(CheckpointError)
  })
})

describe('bad JSON', () => {
  const text = datasetToJson(someDataset())
  it.each([
    ['{', /datasetFromJson: the text is not JSON/],
    ['[]', /not a labelled dataset; expected envId/],
    ['null', /not a labelled dataset/],
    ['{"size":1,"observationSize":1}', /expected envId, actionSpace, squashed, cost and provenance/],
    [text.replace('"observations":[', '"observations":["x",'), /"observations" is not a list of numbers/],
    [text.replace('"seed":3', '"seed":"3"'), /expected envId/],
    [text.replace('"labels":40', '"labels":-1'), /expected envId/],
    [
      text.replace('"actionSpace":{"n":2}', '"actionSpace":{"n":0}'),
      /actionSpace is .*; expected { n } or { low, high }/,
    ],
    [text.replace('"actionSpace":{"n":2}', '"actionSpace":{"low":[0],"high":[]}'), /expected { n } or { low, high }/],
    [text.replace('"observations":[', '"observations":[1,2,3,4,'), /numbers of actions for 41 states; expected 41/],
  ])('is refused: %#', (bad, message) => {
    expect(() => datasetFromJson(bad)).toThrow(AlambicError)
    expect(() => datasetFromJson(bad)).toThrow(message)
  })
})
