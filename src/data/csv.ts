// Tables as text, RFC 4180: the fields of each line, fields as numbers, the action space of a column of actions. Read next: ../rl/offline/episode-log.ts, ../distill/dataset/dataset-files.ts.

import { excerpt, requireText, ValueError } from '../tensor/errors.ts'
import { Box, Discrete } from './spaces.ts'

/** A field as a number. Throws a ValueError that names the line and the column unless it is a decimal number that float32 can hold. */
export function csvNumber(op: string, field: string, line: number, column: string): number {
  const text = field.trim()
  const isNumber = text.length < 1000 && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)
  const number = isNumber ? Number(text) : Number.NaN
  if (Number.isFinite(Math.fround(number))) return number
  throw new ValueError(`${op}: line ${line}, column ${column}: "${excerpt(text)}"; expected a finite decimal number`)
}

export interface CsvLine {
  /** Where it starts in the file, from 1. */
  readonly line: number
  readonly fields: string[]
}

/**
 * The lines of a text, read on demand in one pass. Quoted fields may contain commas, line breaks and doubled quotes. Empty lines are
 * skipped. Throws a ValueError that begins with `op` and names the line.
 */
export function* csvLines(op: string, text: string): Generator<CsvLine, void, void> {
  requireText(`${op}: the text`, text)
  let at = text.startsWith('\ufeff') ? 1 : 0
  let line = 1
  let current: CsvLine = { line, fields: [] }
  while (at < text.length || current.fields.length > 0) {
    let field: string
    if (text[at] === '"') {
      const { value, end } = quotedField(op, text, at, line)
      for (const each of value) if (each === '\n') line++
      field = value
      at = end
    } else {
      const start = at
      while (at < text.length && text[at] !== ',' && text[at] !== '\r' && text[at] !== '\n') at++
      field = text.slice(start, at)
      if (field.includes('"')) throw new ValueError(`${op}: line ${line}: a quote inside an unquoted field`)
    }
    current.fields.push(field)
    const next = text[at]
    if (next === ',') {
      at++
      if (at < text.length) continue
      current.fields.push('')
    } else if (next === '\r' || next === '\n') {
      at += next === '\r' && text[at + 1] === '\n' ? 2 : 1
      line++
    } else if (next !== undefined) {
      throw new ValueError(`${op}: line ${line}: "${next}" after a quoted field; expected a comma`)
    }
    if (current.fields.length > 1 || current.fields[0] !== '') yield current
    current = { line, fields: [] }
  }
}

function quotedField(op: string, text: string, start: number, line: number): { value: string; end: number } {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
  if (end < 0) throw new ValueError(`${op}: line ${line}: a quoted field without an end`)
  return { value: text.slice(start + 1, end).replaceAll('""', '"'), end: end + 1 }
}

/** Whole numbers up to this one are choices. */
const LARGEST_CHOICE = 255

/**
 * The action space of recorded actions [count, width], flat: whole numbers from 0 to 255 in a single column are discrete, with as many
 * actions as the largest asks for; others are vectors between the least and the greatest number of each column.
 */
export function inferActionSpace(actions: Float32Array, width: number): Discrete | Box {
  const low = Float32Array.from(actions.subarray(0, width))
  const high = low.slice()
  actions.forEach((x, i) => {
    low[i % width] = Math.min(low[i % width]!, x)
    high[i % width] = Math.max(high[i % width]!, x)
  })
  if (width === 1 && low[0]! >= 0 && high[0]! <= LARGEST_CHOICE && actions.every(Number.isInteger)) {
    return new Discrete(high[0]! + 1)
  }
  return new Box(
    low,
    high.map((most, i) => (most > low[i]! ? most : most + 1)),
  ) // a range that can be scaled
}
