// Labelled datasets as safetensors files and as JSON, with their provenance, and as CSV tables (RFC 4180) for labels from elsewhere
// (another program, a person) and for reading by eye: a row per state, a column per number.
//
//   observation_0 … observation_n   then any of   logit_0 …   q_0 …   value   mean_0 …   log_std_0 …   action   action_0 …   return   episode
//   successor_0 …   successor_reward_0 …   successor_discount_0 …   successor_value_0 …

import { type CsvLine, csvLines, csvNumber, inferActionSpace } from '../../data/csv.ts'
import { Box, Discrete } from '../../data/spaces.ts'
import {
  numbersOf,
  readSafetensors,
  type StoredTensor,
  storedTensor,
  writeSafetensors,
} from '../../nn/files/safetensors.ts'
import {
  CheckpointError,
  described,
  excerpt,
  requireText,
  ShapeError,
  unknownName,
  ValueError,
} from '../../tensor/errors.ts'
import { isCount, isRecord, parseJson } from '../../tensor/json.ts'
import { type ColumnName, columnNames, type DatasetColumns, LabelledDataset } from './dataset.ts'
import { type Cost, isCost, noCost, type Provenance } from './provenance.ts'

/** Bytes of a safetensors file: a tensor per column, all else as JSON under `labelledDataset` in the metadata. */
export function saveDataset(dataset: LabelledDataset): Uint8Array {
  const tensors = new Map<string, StoredTensor>()
  for (const name of dataset.names) {
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
  const columns = dataset.names.map((name) => [name, Array.from(dataset.column(name))])
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
      ? { n: actionSpace.n, ...(actionSpace.start !== 0 && { start: actionSpace.start }) }
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
  const { n, start = 0, low, high } = isRecord(given) ? given : {}
  if (isCount(n, 1) && Number.isSafeInteger(start)) return new Discrete(n, start as number)
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

export interface CsvOptions {
  /** The environment whose states these are, or any name. */
  readonly envId: string
  /** Default: as many discrete actions as there are logit or q columns, or else `inferActionSpace` of the action columns. */
  readonly actionSpace?: Discrete | Box | undefined
  /** Whether means with a log_std are those of Gaussians before tanh. Default false. */
  readonly squashed?: boolean
  /** Name of the teacher. Default `unknown`. */
  readonly teacher?: string
}

/** Columns numbered from 0, and columns of a single number. */
const numbered: Readonly<Record<string, ColumnName>> = {
  observation: 'observations',
  logit: 'logits',
  q: 'actionValues',
  mean: 'mean',
  log_std: 'logStd',
  action: 'actions',
  jacobian: 'jacobians',
  successor: 'successors',
  successor_reward: 'successorRewards',
  successor_discount: 'successorDiscounts',
  successor_value: 'successorValues',
}
const single: Readonly<Record<string, ColumnName>> = {
  ...{ value: 'stateValues', action: 'actions', return: 'returns', episode: 'episodes' },
}

/** A header and a line per state. Numbers keep all their bits. */
export function datasetToCsv(dataset: LabelledDataset): string {
  const columns = dataset.names.flatMap((name) => {
    const width = dataset.width(name)
    const isSingle = width === 1 && Object.values(single).includes(name)
    const [title] = Object.entries(isSingle ? single : numbered).find(([, field]) => field === name)!
    const values = dataset.column(name)
    return Array.from({ length: width }, (_, i) => ({ title: isSingle ? title : `${title}_${i}`, values, width, i }))
  })
  const lines = [columns.map(({ title }) => title).join(',')]
  for (let row = 0; row < dataset.size; row++) {
    lines.push(columns.map(({ values, width, i }) => values[row * width + i]).join(','))
  }
  return `${lines.join('\n')}\n`
}

/**
 * Reads a table with a header. Columns may come in any order, fields may be quoted, lines may end in CRLF. Throws a ValueError or
 * ShapeError that names the line (from 1) and the column.
 */
export function datasetFromCsv(text: string, options: CsvOptions): LabelledDataset {
  requireText('datasetFromCsv: envId', options?.envId)
  const { envId, squashed = false } = options
  const [header, ...rows] = csvLines('datasetFromCsv', text)
  if (header === undefined || rows.length === 0) {
    throw new ValueError(`datasetFromCsv: the text is ${described(text)}; expected column names, then lines of numbers`)
  }
  const { places, widths } = readHeader(header)
  for (const { line, fields } of rows) {
    if (fields.length === places.length) continue
    throw new ShapeError(`datasetFromCsv: line ${line} has ${fields.length} fields; the header has ${places.length}`)
  }
  const columns = new Map([...widths].map(([name, width]) => [name, new Float32Array(rows.length * width)]))
  rows.forEach(({ line, fields }, row) => {
    fields.forEach((field, i) => {
      const { name, title, index } = places[i]!
      columns.get(name)![row * widths.get(name)! + index] = csvNumber('datasetFromCsv', field, line, title)
    })
  })
  const actions = columns.get('actions')
  const actionSpace =
    options.actionSpace ?? countedActions(widths) ?? inferActionSpace(actions ?? noActions(), widths.get('actions')!)
  const wrong = actionSpace instanceof Discrete ? (actions?.findIndex((each) => !actionSpace.contains(each)) ?? -1) : -1
  if (wrong >= 0) {
    const { start, n } = actionSpace as Discrete
    throw new ValueError(
      `datasetFromCsv: line ${rows[wrong]!.line}: the action is ${actions![wrong]}; expected a whole number from ${start} to ${start + n - 1}`,
    )
  }
  const spec = { envId, observationSize: widths.get('observations')!, actionSpace, squashed }
  const provenance = { selection: 'csv', rounds: 1, seed: 0, teacher: options.teacher ?? 'unknown' }
  return LabelledDataset.of(spec, Object.fromEntries(columns) as unknown as DatasetColumns, { provenance })
}

interface Place {
  readonly title: string
  readonly name: ColumnName
  /** Position within the column of the dataset. */
  readonly index: number
}

function readHeader({ line, fields }: CsvLine): { places: Place[]; widths: Map<ColumnName, number> } {
  const at = `datasetFromCsv: line ${line}`
  const places = fields.map((field): Place => {
    const title = field.trim()
    const [, family, digits] = (title.length < 80 && /^([a-z_]+)_(\d+)$/.exec(title)) || []
    if (family !== undefined && Object.hasOwn(numbered, family)) {
      return { title, name: numbered[family]!, index: Number(digits) }
    }
    if (Object.hasOwn(single, title)) return { title, name: single[title]!, index: 0 }
    const known = [...Object.keys(numbered).map((each) => `${each}_0`), ...Object.keys(single)]
    throw new ValueError(`${at}: ${unknownName('column', title, known)}`)
  })
  const widths = new Map<ColumnName, number>()
  for (const { name } of places) widths.set(name, (widths.get(name) ?? 0) + 1)
  const seen = new Set<string>()
  for (const { title, name, index } of places) {
    const key = `${name} ${index}`
    if (seen.has(key)) throw new ValueError(`${at}: the column ${title} occurs twice`)
    seen.add(key)
    if (index >= widths.get(name)!) {
      throw new ValueError(`${at}: the column ${title} exists but not all before it; count from 0 without a gap`)
    }
  }
  if (!widths.has('observations')) throw new ValueError(`${at}: no column observation_0; expected observations`)
  return { places, widths }
}

/** By the columns with a number per action. */
function countedActions(widths: ReadonlyMap<ColumnName, number>): Discrete | undefined {
  const counts = new Set([widths.get('logits'), widths.get('actionValues')].filter((count) => count !== undefined))
  const [count] = counts
  if (counts.size > 1) {
    throw new ValueError(`datasetFromCsv: ${[...counts].join(' or ')} actions? logit and q columns must agree`)
  }
  return count === undefined ? undefined : new Discrete(count)
}

function noActions(): never {
  throw new ValueError(
    'datasetFromCsv: no logit, q or action columns, so the number of actions is unknown; give actionSpace',
  )
}
