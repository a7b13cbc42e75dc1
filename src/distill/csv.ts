// Labelled states as a table: one row a state, one column a number, for labels that come from elsewhere (another program, a
// person) and for a look at them. RFC 4180, numbers only.
//
//   observation_0 … observation_n   then any of   logit_0 … logit_k   q_0 … q_k   value   action   return

import { ShapeError, unknownName, ValueError } from '../tensor/errors.ts'
import { type LabelledSet, requireUsable } from './labelled-set.ts'

export interface CsvOptions {
  /** The environment whose states these are. */
  readonly envId: string
  /** Needed where no column is a logit or an action value. */
  readonly actionCount?: number
  /** Who labelled, in words. Default `unknown`. */
  readonly teacher?: string
}

type Field = 'observations' | 'logits' | 'actionValues' | 'stateValues' | 'actions' | 'returns'

/** Columns that come as many as there are numbers or actions, and columns that come alone. */
const families: Readonly<Record<string, Field>> = { observation: 'observations', logit: 'logits', q: 'actionValues' }
const single: Readonly<Record<string, Field>> = { value: 'stateValues', action: 'actions', return: 'returns' }

/** The set as CSV text with a header, every number with all its bits. Provenance and budgets are not in it. */
export function labelledSetToCsv(set: LabelledSet): string {
  const columns: { name: string; values: ArrayLike<number>; width: number; place: number }[] = []
  for (const [name, field] of Object.entries({ ...families, ...single })) {
    const values = set[field]
    if (values === undefined || values.length === 0) continue
    const width = values.length / set.size
    for (let place = 0; place < width; place++) {
      columns.push({ name: name in families ? `${name}_${place}` : name, values, width, place })
    }
  }
  const lines = [columns.map(({ name }) => name).join(',')]
  for (let i = 0; i < set.size; i++) {
    lines.push(columns.map(({ values, width, place }) => values[i * width + place]).join(','))
  }
  return `${lines.join('\n')}\n`
}

/**
 * Reads a table with a header; the columns may come in any order, fields may be quoted, lines may end in CRLF. Throws a
 * ValueError or a ShapeError that names the line (from 1) and the column.
 */
export function labelledSetFromCsv(text: string, options: CsvOptions): LabelledSet {
  const [header, ...rows] = recordsOf(text)
  if (header === undefined || rows.length === 0) {
    throw new ValueError('labelledSetFromCsv: expected a line of column names and at least one line of numbers')
  }
  const table = readHeader(header)
  const width = (field: Field) => table.widths.get(field) ?? 0
  const numbers = (field: Field) => new Float32Array(rows.length * width(field))
  const columns: Record<Field, Float32Array> = {
    observations: numbers('observations'),
    logits: numbers('logits'),
    actionValues: numbers('actionValues'),
    stateValues: numbers('stateValues'),
    actions: numbers('actions'),
    returns: numbers('returns'),
  }
  const actionCount = countActions(width('logits'), width('actionValues'), options.actionCount)
  rows.forEach(({ line, fields }, i) => {
    if (fields.length !== table.places.length) {
      throw new ShapeError(
        `labelledSetFromCsv: line ${line} has ${fields.length} fields; the header has ${table.places.length}`,
      )
    }
    fields.forEach((text, column) => {
      const { field, place, name } = table.places[column]!
      const number = readNumber(text, line, name)
      if (field === 'actions' && !(Number.isInteger(number) && number >= 0 && number < actionCount)) {
        throw new ValueError(
          `labelledSetFromCsv: line ${line}: the action is ${text}; expected a whole number from 0 to ${actionCount - 1}`,
        )
      }
      columns[field][i * width(field) + place] = number
    })
  })
  const { observations, actions, returns, logits, actionValues, stateValues } = columns
  const labelled = logits.length + actionValues.length + stateValues.length > 0
  const set: LabelledSet = {
    envId: options.envId,
    observationSize: width('observations'),
    actionCount,
    size: rows.length,
    observations,
    actions: Int32Array.from(actions),
    returns,
    ...(logits.length > 0 && { logits }),
    ...(actionValues.length > 0 && { actionValues }),
    ...(stateValues.length > 0 && { stateValues }),
    provenance: { mode: 'csv', seed: 0, teacher: options.teacher ?? 'unknown' },
    labels: labelled ? rows.length : 0,
    environmentSteps: 0,
  }
  requireUsable('labelledSetFromCsv', set)
  return set
}

interface Place {
  readonly name: string
  readonly field: Field
  readonly place: number
}

function readHeader({ line, fields }: Line): { places: Place[]; widths: Map<Field, number> } {
  const at = `labelledSetFromCsv: line ${line}`
  const places = fields.map((raw): Place => {
    const name = raw.trim()
    const [, family, digits] = /^([a-z]+)_(\d+)$/.exec(name) ?? []
    if (family !== undefined && Object.hasOwn(families, family)) {
      return { name, field: families[family]!, place: Number(digits) }
    }
    if (Object.hasOwn(single, name)) return { name, field: single[name]!, place: 0 }
    const known = [...Object.keys(families).map((each) => `${each}_0`), ...Object.keys(single)]
    throw new ValueError(`${at}: ${unknownName('column', name, known)}`)
  })
  const widths = new Map<Field, number>()
  for (const { field } of places) widths.set(field, (widths.get(field) ?? 0) + 1)
  const seen = new Set<string>()
  for (const { name, field, place } of places) {
    const key = `${field} ${place}`
    if (seen.has(key)) throw new ValueError(`${at}: the column ${name} is there twice`)
    seen.add(key)
    if (place >= widths.get(field)!) {
      throw new ValueError(`${at}: there is a column ${name} but not all before it; count from 0 without a gap`)
    }
  }
  if (!widths.has('observations')) throw new ValueError(`${at}: no column observation_0; a state needs an observation`)
  return { places, widths }
}

function countActions(logits: number, actionValues: number, given: number | undefined): number {
  const counts = new Set([logits, actionValues, given ?? 0].filter((count) => count > 0))
  const [count] = counts
  if (count !== undefined && counts.size === 1) return count
  throw new ValueError(
    count === undefined
      ? 'labelledSetFromCsv: no logit or q columns, so the number of actions is unknown; give actionCount'
      : `labelledSetFromCsv: ${[...counts].join(' or ')} actions? logit columns, q columns and actionCount must agree`,
  )
}

function readNumber(text: string, line: number, column: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(Math.fround(number))) return number
  throw new ValueError(`labelledSetFromCsv: line ${line}, column ${column}: "${text}"; expected a finite number`)
}

interface Line {
  /** Where it starts in the file, from 1. */
  readonly line: number
  readonly fields: string[]
}

// A quoted field may hold commas, line breaks and doubled quotes; lines with nothing in them are skipped.
function recordsOf(text: string): Line[] {
  const records: Line[] = []
  let line = 1
  let record: Line = { line, fields: [] }
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y
  const source = text.startsWith('\ufeff') ? text.slice(1) : text
  while (field.lastIndex < source.length || record.fields.length > 0) {
    const found = field.exec(source)
    if (found === null) throw new ValueError(`labelledSetFromCsv: line ${line}: a quote where none can be`)
    const [whole, quoted, plain, end] = found
    record.fields.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'))
    line += whole.match(/\r\n|\n|\r/g)?.length ?? 0
    if (end === ',') continue
    if (record.fields.length > 1 || record.fields[0] !== '') records.push(record)
    record = { line, fields: [] }
    if (end === '') break
  }
  return records
}
