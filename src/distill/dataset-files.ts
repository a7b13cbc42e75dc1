// Labelled datasets as safetensors files and as JSON, with their provenance. Read next: dataset-csv.ts for tables from elsewhere.

import { numbersOf, readSafetensors, type StoredTensor, storedTensor, writeSafetensors } from '../nn/safetensors.ts'
import { Box, Discrete } from '../rl/spaces.ts'
import { CheckpointError, excerpt, unknownName } from '../tensor/errors.ts'
import { isCount, isRecord, parseJson } from '../tensor/json.ts'
import { type Cost, isCost, noCost } from './cost.ts'
import { columnNames, type DatasetColumns, LabelledDataset, type Provenance } from './dataset.ts'
import { namesOf } from './dataset-operations.ts'

/** Bytes of a safetensors file: a tensor per column, all else as JSON under `labelledDataset` in the metadata. */
export function saveDataset(dataset: LabelledDataset): Uint8Array {
  const tensors = new Map<string, StoredTensor>()
  for (const name of namesOf(dataset)) {
    const width = dataset.width(name)
    const isFlat = width === 1 && name !== 'observations'
    const isInteger = name === 'actions' && dataset.actionSpace instanceof Discrete
    const values = dataset.column(name)
    const shape = isFlat ? [dataset.size] : [dataset.size, width]
    tensors.set(name, storedTensor(isInteger ? Int32Array.from(values) : values, shape))
  }
  return writeSafetensors({ metadata: { labelledDataset: JSON.stringify(describe(dataset)) }, tensors })
}

/** Reads what `saveDataset` wrote. Throws a CheckpointError on any other file. */
export function loadDataset(file: Uint8Array): LabelledDataset {
  const read = readSafetensors(file)
  const about = read.metadata.labelledDataset
  const shape = read.tensors.get('observations')?.shape
  if (about === undefined || shape?.length !== 2) {
    throw new CheckpointError(
      'loadDataset: the file has no "labelledDataset" in its metadata or no observations [size, width]; ' +
        'expected a file written by saveDataset',
    )
  }
  for (const [name, tensor] of read.tensors) {
    if (!(columnNames as readonly string[]).includes(name)) {
      throw new CheckpointError(`loadDataset: ${unknownName('column', name, columnNames)}`)
    }
    if (tensor.shape.length > 2 || tensor.shape[0] !== shape[0]) {
      throw new CheckpointError(
        `loadDataset: "${name}" has the shape [${tensor.shape.join(', ')}]; expected ${shape[0]} rows, as the observations have`,
      )
    }
  }
  return assemble('loadDataset', { ...parse('loadDataset', about), observationSize: shape[1] }, (name) =>
    read.tensors.has(name) ? numbersOf(read, name) : undefined,
  )
}

/** As JSON. Numbers keep all their bits. */
export function datasetToJson(dataset: LabelledDataset): string {
  const columns = namesOf(dataset).map((name) => [name, Array.from(dataset.column(name))])
  const { observationSize } = dataset
  return JSON.stringify({ ...describe(dataset), observationSize, ...Object.fromEntries(columns) })
}

/** Reads what `datasetToJson` wrote. Throws a CheckpointError on any other text. */
export function datasetFromJson(text: string): LabelledDataset {
  const read = parse('datasetFromJson', text)
  return assemble('datasetFromJson', read, (name) => {
    const values = read[name]
    if (values === undefined) return undefined
    if (Array.isArray(values) && values.every((each) => typeof each === 'number')) return values
    throw new CheckpointError(`datasetFromJson: "${name}" is not a list of numbers`)
  })
}

type JsonObject = Readonly<Record<string, unknown>>

function describe({ envId, actionSpace, squashed, cost, provenance }: LabelledDataset) {
  const space =
    actionSpace instanceof Discrete
      ? { n: actionSpace.n }
      : { low: Array.from(actionSpace.low, finiteOrNull), high: Array.from(actionSpace.high, finiteOrNull) }
  return { envId, actionSpace: space, squashed, cost, provenance }
}

const about = ['envId', 'actionSpace', 'squashed', 'cost', 'provenance', 'observationSize']
const before = ['labels', 'environmentSteps'] // in files of earlier versions, in place of cost
const known: readonly string[] = [...about, ...before, ...columnNames]

function assemble(op: string, read: JsonObject, column: (name: string) => ArrayLike<number> | undefined) {
  const { envId, observationSize, squashed, provenance } = read
  const cost = read.cost ?? costBefore(read)
  const isDescribed = typeof envId === 'string' && isCount(observationSize, 1) && typeof squashed === 'boolean'
  if (!isDescribed || !isCost(cost) || !isProvenance(provenance)) {
    throw new CheckpointError(
      `${op}: not a labelled dataset; expected envId, actionSpace, squashed, cost and provenance`,
    )
  }
  const unknown = Object.keys(read).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new CheckpointError(`${op}: ${unknownName('entry', unknown, known)}`)
  const actionSpace = readActionSpace(op, read.actionSpace)
  const columns = columnNames.flatMap((name) => {
    const values = column(name)
    return values === undefined ? [] : [[name, Float32Array.from(values)]]
  })
  const numbers = { observations: new Float32Array(), ...Object.fromEntries(columns) } as DatasetColumns
  const spec = { envId, observationSize, actionSpace, squashed }
  return LabelledDataset.of(spec, numbers, { cost, provenance })
}

function costBefore({ labels, environmentSteps }: JsonObject): Cost {
  const [paid, played] = [labels, environmentSteps] as [number, number]
  const steps = { firstRound: played, laterRounds: 0, choice: 0 }
  return { ...noCost(), labels: paid, teacherEvaluations: paid, environmentSteps: steps }
}

function readActionSpace(op: string, given: unknown): Discrete | Box {
  const { n, low, high } = isRecord(given) ? given : {}
  if (isCount(n, 1)) return new Discrete(n)
  if (isBound(low) && isBound(high) && low.length === high.length) {
    return new Box(
      low.map((each) => each ?? -Infinity),
      high.map((each) => each ?? Infinity),
    )
  }
  throw new CheckpointError(`${op}: actionSpace is ${excerpt(given)}; expected { n } or { low, high }`)
}

// JSON has no infinity.
function finiteOrNull(bound: number): number | null {
  return Number.isFinite(bound) ? bound : null
}

function isBound(value: unknown): value is (number | null)[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => each === null || typeof each === 'number')
}

function isProvenance(value: unknown): value is Provenance {
  if (!isRecord(value)) return false
  const { selection, rounds, seed, teacher, parts = [] } = value
  const isWhole = typeof selection === 'string' && isCount(rounds, 1) && isCount(seed) && typeof teacher === 'string'
  return isWhole && Array.isArray(parts) && parts.every(isProvenance)
}

function parse(op: string, text: string): JsonObject {
  const read = parseJson(`${op}: the text`, text)
  return isRecord(read) ? read : {}
}
