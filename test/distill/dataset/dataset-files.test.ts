import { describe, expect, it } from 'vitest'
import { Box, Discrete } from '../../../src/data/spaces.ts'
import { LabelledDataset } from '../../../src/distill/dataset/dataset.ts'
import {
  datasetFromCsv,
  datasetFromJson,
  datasetToCsv,
  datasetToJson,
  loadDataset,
  saveDataset,
} from '../../../src/distill/dataset/dataset-files.ts'
import { noCost } from '../../../src/distill/dataset/provenance.ts'
import { saveParameters } from '../../../src/nn/files/parameters.ts'
import { readSafetensors, storedTensor, writeSafetensors } from '../../../src/nn/files/safetensors.ts'
import { AlambicError, CheckpointError, ValueError } from '../../../src/tensor/index.ts'
import { contentsOf, pendulum, someAgent, someDataset, somePendulumTeachers } from '../support.ts'

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

  it('may have actions that are not counted from 0', () => {
    const spec = { envId: 'From3-v0', observationSize: 1, actionSpace: new Discrete(2, 3) }
    const dataset = LabelledDataset.of(spec, { observations: Float32Array.of(1, 2), actions: [3, 4] })
    for (const read of [loadDataset(saveDataset(dataset)), datasetFromJson(datasetToJson(dataset))]) {
      expect(contentsOf(read)).toEqual(contentsOf(dataset))
      expect(read.actionSpace).toEqual(spec.actionSpace)
    }
    const beyond = () => LabelledDataset.of(spec, { observations: Float32Array.of(1, 2), actions: [3, 5] })
    expect(beyond).toThrow('the action of state 1 is 5; expected 3 to 4')
    expect(() => datasetFromCsv('observation_0,action\n1,2\n', spec)).toThrow('expected a whole number from 3 to 4')
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

/** Two states of one number, two actions. */
const tiny = LabelledDataset.of(
  { envId: 'Tiny-v0', observationSize: 1, actionSpace: new Discrete(2) },
  { observations: Float32Array.of(1, 2), actions: [1, 0], logits: Float32Array.of(1, 2, 3, 4) },
)

describe('the tensors of a file', () => {
  const { metadata, tensors } = readSafetensors(saveDataset(tiny))
  const changed = (
    changes: Readonly<Record<string, ReturnType<typeof storedTensor> | undefined>>,
    about = metadata,
  ) => {
    const all = Object.entries({ ...Object.fromEntries(tensors), ...changes })
    const kept = all.flatMap(([name, tensor]) => (tensor === undefined ? [] : [[name, tensor] as const]))
    return () => loadDataset(writeSafetensors({ metadata: about, tensors: new Map(kept) }))
  }
  const floats = (shape: number[]) => storedTensor(new Float32Array(shape.reduce((a, b) => a * b)), shape)

  it('have an axis for states, and one for the numbers of a state where there may be several', () => {
    expect([...tensors].map(([name, { shape, type }]) => [name, shape, type])).toEqual([
      ['observations', [2, 1], 'F32'],
      ['actions', [2], 'I32'],
      ['logits', [2, 2], 'F32'],
    ])
    const vectors = LabelledDataset.of(
      { envId: 'Tiny-v0', observationSize: 1, actionSpace: new Box([-1], [1]) },
      { observations: Float32Array.of(1, 2), actions: [0.5, 0] },
    )
    expect(readSafetensors(saveDataset(vectors)).tensors.get('actions')).toMatchObject({ shape: [2], type: 'F32' })
    expect(changed({})().column('actions')).toEqual(Float32Array.of(1, 0))
  })

  it.each([
    [
      'no observations',
      changed({ observations: undefined }),
      /no "labelledDataset" in its metadata or no observations/,
    ],
    ['observations of one axis', changed({ observations: floats([2]) }), /or no observations \[size, width\]/],
    ['no metadata', changed({}, {}), /no "labelledDataset" in its metadata/],
    [
      'a column that does not exist',
      changed({ logit: floats([2, 2]) }),
      /loadDataset: .*"logit".*Did you mean "logits"/,
    ],
    ['other rows', changed({ logits: floats([3, 2]) }), /"logits" has the shape \[3, 2\]; expected 2 rows/],
    ['three axes', changed({ logits: floats([2, 2, 1]) }), /"logits" has the shape \[2, 2, 1\]; expected 2 rows/],
  ])('are refused with %s', (_, load, message) => {
    expect(load).toThrow(CheckpointError)
    expect(load).toThrow(message)
  })
})

describe('the entries of JSON', () => {
  const entries = JSON.parse(datasetToJson(tiny))
  const read = (changes: object) => datasetFromJson(JSON.stringify({ ...entries, ...changes }))
  const provenance = { selection: 'farthest', rounds: 2, seed: 0, teacher: 'some' }

  it('may be those of an earlier version: labels and environment steps in place of the cost', () => {
    const { cost } = read({ cost: undefined, labels: 5, environmentSteps: 30 })
    const environmentSteps = { firstRound: 30, laterRounds: 0, choice: 0 }
    expect(cost).toEqual({ ...noCost(), labels: 5, teacherEvaluations: 5, environmentSteps })
    expect(() => read({ cost: undefined, labels: 5 })).toThrow(/expected envId/)
  })

  it('may have parts in their provenance, and bounds without a number', () => {
    const parts = [provenance, { ...provenance, seed: 7, parts: [provenance] }]
    expect(read({ provenance: { ...provenance, parts } }).provenance.parts).toEqual(parts)
    const actionSpace = { low: [null, -1], high: [2, null] }
    expect(read({ actionSpace, logits: undefined, actions: undefined }).actionSpace).toEqual(
      new Box([-Infinity, -1], [2, Infinity]),
    )
    expect(String(read({ actionSpace: { n: 3 }, logits: undefined }).actionSpace)).toBe('Discrete(0 … 2)')
  })

  it.each([
    { envId: 3 },
    { observationSize: 0 },
    { observationSize: 1.5 },
    { observationSize: undefined },
    { squashed: 'no' },
    { squashed: undefined },
    { cost: { ...noCost(), updates: 0.5 } },
    { cost: { ...noCost(), more: 1 } },
    { cost: { ...noCost(), environmentSteps: 3 } },
    { cost: { ...noCost(), environmentSteps: { firstRound: 1, laterRounds: 0 } } },
    { provenance: 'here' },
    { provenance: null },
    { provenance: { ...provenance, selection: 1 } },
    { provenance: { ...provenance, rounds: 0 } },
    { provenance: { ...provenance, seed: -1 } },
    { provenance: { ...provenance, teacher: null } },
    { provenance: { ...provenance, parts: provenance } },
    { provenance: { ...provenance, parts: [provenance, { ...provenance, rounds: 1.5 }] } },
  ])('are refused: %j', (changes) => {
    expect(() => read(changes)).toThrow(CheckpointError)
    expect(() => read(changes)).toThrow(
      'datasetFromJson: not a labelled dataset; expected envId, actionSpace, squashed, cost and provenance',
    )
  })

  it.each([
    { n: 0 },
    { n: 1.5 },
    'Discrete',
    null,
    { low: [0], high: [1, 2] },
    { low: [], high: [] },
    { low: ['0'], high: [1] },
    { low: [0], high: [true] },
    { low: 0, high: 1 },
    { low: [0] },
    { high: [1] },
  ])('are refused with the action space %j', (actionSpace) => {
    expect(() => read({ actionSpace })).toThrow(CheckpointError)
    expect(() => read({ actionSpace })).toThrow(/actionSpace is .*; expected { n } or { low, high }/)
  })

  it('are known, and lists of numbers', () => {
    expect(() => read({ provenence: provenance })).toThrow(/unknown entry "provenence".*Did you mean "provenance"/)
    expect(() => read({ logits: 3 })).toThrow('"logits" is not a list of numbers')
    expect(() => read({ logits: [1, 2, 3, null] })).toThrow('"logits" is not a list of numbers')
    expect(() => read({ observations: undefined })).toThrow(/the dataset is empty/)
  })
})

describe('a table', () => {
  const read = (text: string, options: object = {}) => datasetFromCsv(text, { envId: 'Tiny-v0', ...options })

  it('has a column per number', () => {
    expect(datasetToCsv(tiny)).toBe('observation_0,action,logit_0,logit_1\n1,1,1,2\n2,0,3,4\n')
    const pairs = LabelledDataset.of(
      { envId: 'Tiny-v0', observationSize: 1, actionSpace: new Box([-1, -1], [1, 1]) },
      { observations: Float32Array.of(1, 2), actions: [0.5, 0, 1, -1], stateValues: Float32Array.of(7, 8) },
    )
    expect(datasetToCsv(pairs)).toBe('observation_0,action_0,action_1,value\n1,0.5,0,7\n2,1,-1,8\n')
    expect(read(datasetToCsv(tiny)).save().columns).toEqual(tiny.save().columns)
  })

  it('has as many actions as logits or action values, or else those of the actions', () => {
    const spaceOf = (text: string, options: object = {}) => String(read(text, options).actionSpace)
    expect(spaceOf('observation_0,logit_0,logit_1,logit_2,action\n1,0,0,0,1\n')).toBe('Discrete(0 … 2)')
    expect(spaceOf('observation_0,q_0,q_1,logit_0,logit_1\n1,0,0,0,0\n')).toBe('Discrete(0 … 1)')
    expect(spaceOf('observation_0,action\n1,3\n')).toBe('Discrete(0 … 3)')
    expect(spaceOf('observation_0,action\n1,3\n', { actionSpace: new Discrete(9) })).toBe('Discrete(0 … 8)')
    expect(() => spaceOf('observation_0,q_0,logit_0,logit_1\n1,0,0,0\n')).toThrow('2 or 1 actions? logit and q')
    expect(() => spaceOf('observation_0,return\n1,0\n')).toThrow('the number of actions is unknown; give actionSpace')
  })

  it('names the line of an action that does not exist, the first or a later one', () => {
    const table = (...actions: number[]) =>
      `observation_0,q_0,q_1,action\n${actions.map((a) => `1,2,3,${a}\n`).join('')}`
    expect(() => read(table(2, 0))).toThrow('line 2: the action is 2; expected a whole number from 0 to 1')
    expect(() => read(table(0, 1, -1))).toThrow('line 4: the action is -1; expected a whole number from 0 to 1')
    expect(read(table(0, 1)).column('actions')).toEqual(Float32Array.of(0, 1))
  })

  it('names its teacher, or none, and tells what its means are', () => {
    const table = 'observation_0,mean_0\n1,2\n'
    const actionSpace = new Box([-1], [1])
    const [plain, told] = [read(table, { actionSpace }), read(table, { actionSpace, squashed: true, teacher: 'SAC' })]
    expect([plain.provenance.teacher, plain.squashed]).toEqual(['unknown', false])
    expect([told.provenance.teacher, told.squashed]).toEqual(['SAC', true])
  })

  it.each([
    ['observation_0\n', /then lines of numbers/],
    ['observation_1,q_0\n1,2\n', /line 1: the column observation_1 exists but not all before it; count from 0/],
    ['observation_0,q_0,q_0\n1,2,3\n', /the column q_0 occurs twice/],
    ['observation_0,action,action_0\n1,0,0\n', /the column action_0 occurs twice/],
    ['observation_0,z_0\n1,0\n', /unknown column "z_0"/],
    ['observation_0,toString\n1,0\n', /unknown column "toString"/],
    ['observation_0,constructor_0\n1,0\n', /unknown column "constructor_0"/],
    ['q_0,q_1\n1,2\n', /line 1: no column observation_0; expected observations/],
    ['observation_0,q_0,q_1\n1,2,3\n1,2\n', /line 3 has 2 fields; the header has 3/],
    ['observation_0,q_0,q_1\n1,2,3,4\n', /line 2 has 4 fields; the header has 3/],
  ])('is refused: %j', (text, message) => {
    expect(() => read(text)).toThrow(AlambicError)
    expect(() => read(text)).toThrow(message)
  })

  it('names its environment', () => {
    expect(() => datasetFromCsv('observation_0,value\n1,2\n', {} as never)).toThrow(
      /datasetFromCsv: envId is undefined/,
    )
    expect(() => datasetFromCsv('observation_0,value\n1,2\n', undefined as never)).toThrow(ValueError)
  })
})
