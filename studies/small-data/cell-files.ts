// The folder of a study's results: `cells/<part>.jsonl`, one line per cell. Reading combines the lines of all parts. Read next:
// run.ts.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { JsonLines } from '../lib/json-lines.ts'
import { type CellRecord, keyOf } from './record.ts'

const CELLS = 'cells'

/** All records of a folder, each cell once; none if there is no folder. */
export function readCells(folder: string): CellRecord[] {
  const path = join(folder, CELLS)
  const names = existsSync(path) ? readdirSync(path).filter((name) => name.endsWith('.jsonl')) : []
  const records = names.sort().flatMap((name) => new JsonLines<CellRecord>(join(path, name)).read())
  return distinct(records)
}

/** The lines of one part. Parts that run at the same time need different names. */
export function cellLines(folder: string, part: string): JsonLines<CellRecord> {
  return new JsonLines(join(folder, CELLS, `${part}.jsonl`))
}

/** Adds the records that `into` lacks from other folders, and gives all records. */
export function mergeCells(into: string, folders: readonly string[]): CellRecord[] {
  const own = readCells(into)
  const known = new Set(own.map(keyOf))
  const lines = cellLines(into, 'merged')
  const added = distinct(folders.flatMap(readCells)).filter((record) => !known.has(keyOf(record)))
  lines.append(...added)
  return [...own, ...added]
}

function distinct(records: readonly CellRecord[]): CellRecord[] {
  return [...new Map(records.map((record) => [keyOf(record), record])).values()]
}
