// Labelled states as a table, for labels from elsewhere (another program, a person) and for reading by eye: a row per state, a
// column per number. RFC 4180.
//
//   observation_0 … observation_n   then any of   logit_0 …   q_0 …   value   mean_0 …   log_std_0 …   action   action_0 …   return   episode
//   successor_0 …   successor_reward_0 …   successor_discount_0 …   successor_value_0 …

import { type CsvLine, csvLines, csvNumber, inferActionSpace } from '../rl/csv.ts'
import { type Box, Discrete } from '../rl/spaces.ts'
import { described, requireText, ShapeError, unknownName, ValueError } from '../tensor/errors.ts'
import { type ColumnName, type DatasetColumns, LabelledDataset } from './dataset.ts'
import { namesOf } from './dataset-operations.ts'

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
  const columns = namesOf(dataset).flatMap((name) => {
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
    throw new ValueError(
      `datasetFromCsv: line ${rows[wrong]!.line}: the action is ${actions![wrong]}; expected a whole number from 0 to ${(actionSpace as Discrete).n - 1}`,
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
