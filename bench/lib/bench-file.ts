// The JSON of a bench: the machine, and for each row its name, unit, quartiles and samples. `npm run bench:compare` reads it.

import { quantile } from '../../src/data/statistics.ts'
import { excerpt, ValueError } from '../../src/tensor/errors.ts'

export const UNITS = ['s', 'ms', 'us', 'ns', 'steps/s', 'GFLOP/s'] as const
export type Unit = (typeof UNITS)[number]

export const isRate = (unit: Unit): boolean => unit.endsWith('/s')

export interface Machine {
  /** The processor's model. */
  readonly cpu: string
  readonly cores: number
  /** Operating system and architecture, such as `linux x64`. */
  readonly platform: string
  /** Version of Node, or the browser's user agent. */
  readonly node: string
  /** Load averages over 1, 5 and 15 minutes at the start; empty in a browser. */
  readonly load: readonly number[]
  /** The commit, with `-dirty` if tracked files differ from it; null outside a git repository. */
  readonly commit: string | null
}

export interface BenchRow {
  readonly name: string
  readonly unit: Unit
  readonly median: number
  readonly p25: number
  readonly p75: number
  /** In the order of measurement. */
  readonly samples: readonly number[]
}

export interface BenchFile {
  readonly bench: string
  /** ISO 8601. */
  readonly date: string
  readonly machine: Machine
  readonly rows: readonly BenchRow[]
}

/** A work of `npm run bench:peers`, whose JSON is an array of these. A peer that was not measured is left out. */
export interface PeerEntry {
  readonly work: string
  readonly unit: Unit
  /** Medians. */
  readonly ours: number
  readonly ours_threads: number
  readonly peers: Readonly<Record<string, number>>
  /** By peer, `ours` among them. */
  readonly samples: Readonly<Record<string, readonly number[]>>
  /** PyTorch's version and BLAS; null without PyTorch. */
  readonly torch: string | null
  readonly machine: Machine
}

export function benchRow(name: string, unit: Unit, samples: readonly number[]): BenchRow {
  const sorted = [...samples].sort((a, b) => a - b)
  const [p25, median, p75] = [0.25, 0.5, 0.75].map((fraction) => quantile(sorted, fraction))
  return { name, unit, median: median!, p25: p25!, p75: p75!, samples }
}

export function benchFile(bench: string, machine: Machine, rows: readonly BenchRow[]): BenchFile {
  return { bench, date: new Date().toISOString(), machine, rows }
}

/**
 * Reads the JSON of any bench. Lines before it, such as npm's, are skipped.
 *
 * @param path of the file, for error messages
 * @throws ValueError on text that is not JSON, and on JSON of another kind
 */
export function parseBenchFile(text: string, path: string): BenchFile {
  const parsed = parseJson(text.slice(Math.max(0, text.search(/^[[{]/m))), path)
  const read = Array.isArray(parsed) ? peersFile(parsed, path) : parsed
  if (!isObject(read) || typeof read.bench !== 'string' || !isMachine(read.machine) || !Array.isArray(read.rows)) {
    throw notABench(path, 'it has no "bench", "machine" and "rows"')
  }
  const { bench, machine, date, rows } = read
  return { bench, date: String(date), machine, rows: rows.map((row, i) => checkedRow(row, `row ${i}`, path)) }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw notABench(path, 'it is not JSON')
  }
}

function peersFile(entries: readonly unknown[], path: string): unknown {
  const rows = entries.flatMap((entry, i) => {
    if (!isObject(entry) || !isObject(entry.samples)) throw notABench(path, `entry ${i} has no "samples"`)
    return Object.entries(entry.samples).map(([peer, samples]) => {
      const name = peer === 'ours' ? String(entry.work) : `${entry.work} (${peer})`
      return { name, unit: entry.unit, samples }
    })
  })
  const [first] = entries
  return { bench: 'peers', machine: isObject(first) ? first.machine : null, rows }
}

function checkedRow(row: unknown, where: string, path: string): BenchRow {
  if (!isObject(row) || typeof row.name !== 'string') throw notABench(path, `${where} has no "name"`)
  const { name, unit, samples } = row
  const known = UNITS.find((each) => each === unit)
  if (known === undefined) throw notABench(path, `"${name}" has the unit ${excerpt(unit)}`)
  if (!Array.isArray(samples) || samples.length === 0 || !samples.every((each) => each > 0 && each < Infinity)) {
    throw notABench(path, `"${name}" has no positive samples`)
  }
  return benchRow(name, known, samples)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isMachine(value: unknown): value is Machine {
  return (
    isObject(value) && typeof value.cpu === 'string' && typeof value.cores === 'number' && Array.isArray(value.load)
  )
}

function notABench(path: string, why: string): ValueError {
  return new ValueError(
    `bench:compare: "${path}" is not the JSON of a bench: ${why}. ` +
      'Write one with "npm run bench:kernels -- --json a.json" (or bench:rl, bench:envs, bench:peers)',
  )
}
