// A cell is one student; its record is one flat line with the student's identity, its score and everything that it cost. Records are
// kept as JSON lines while the study runs, and published as CSV.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ValueError } from 'alambic/tensor'
import { JsonLines } from '../lib/json-lines.ts'
import type { Role } from './teachers/recipes.ts'

export interface Cell {
  readonly task: string
  /** The name of the teacher. */
  readonly teacher: string
  readonly method: string
  /** Hidden layers such as `12-12`, or `tree`. */
  readonly size: string
  /** 0 for reinforcement learning, which has no labels. */
  readonly labels: number
  readonly seed: number
}

export interface Costs {
  /** Of the student; leaves of a tree. */
  readonly parameters: number
  /** States that the teacher labelled. */
  readonly teacherLabels: number
  readonly jacobians: number
  /** States in which the teacher was evaluated: its own play and the labels. */
  readonly teacherEvaluations: number
  readonly firstRoundSteps: number
  readonly laterRoundSteps: number
  /** Environment steps of the choice among students. */
  readonly choiceSteps: number
  /** Environment steps of reinforcement learning. */
  readonly learningSteps: number
  /** Gradient steps of all students trained; 0 for trees and for reinforcement learning. */
  readonly updates: number
}

export interface CellRecord extends Cell, Costs {
  readonly role: Role
  /** A hash of all options and of the teacher. A record of other settings is ignored. */
  readonly settings: string
  /** (student - random) / (teacher - random) */
  readonly score: number
  /** Mean greedy return of a hundred episodes, of the student, its teacher and random actions. */
  readonly return: number
  readonly teacherReturn: number
  readonly randomReturn: number
  readonly wallSeconds: number
  readonly cpuSeconds: number
}

const texts = ['task', 'teacher', 'role', 'method', 'size', 'settings'] as const
const numbers = [
  ...(['labels', 'seed', 'score', 'return', 'teacherReturn', 'randomReturn', 'parameters'] as const),
  ...(['teacherLabels', 'jacobians', 'teacherEvaluations'] as const),
  ...(['firstRoundSteps', 'laterRoundSteps', 'choiceSteps', 'learningSteps', 'updates'] as const),
  ...(['wallSeconds', 'cpuSeconds'] as const),
]
const columns = [...texts, ...numbers]

/** Two records with the same key are of the same cell. */
export function keyOf({ task, teacher, method, size, labels, seed }: Cell, settings: string): string {
  return [task, teacher, method, size, labels, seed, settings].join('/')
}

/** Environment steps for all purposes. */
export function stepsOf({ firstRoundSteps, laterRoundSteps, choiceSteps, learningSteps }: CellRecord): number {
  return firstRoundSteps + laterRoundSteps + choiceSteps + learningSteps
}

/** All records below a folder, each cell once; none if there is no folder. */
export function readRecords(folder: string): CellRecord[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^cells.*\.jsonl$/.test(name)) : []
  const records = names.sort().flatMap((name) => new JsonLines<CellRecord>(join(folder, name)).read())
  return [...new Map(records.map((record) => [keyOf(record, record.settings), record])).values()]
}

/** One line per student under a head. Numbers have six significant digits. */
export function toCsv(records: readonly CellRecord[]): string {
  const cell = (value: string | number) => (typeof value === 'number' ? String(Number(value.toPrecision(6))) : value)
  const rows = records.map((record) => columns.map((name) => cell(record[name])))
  return [columns, ...rows].map((row) => `${row.join()}\n`).join('')
}

/** The records of a CSV file; none if there is no file. Throws a `ValueError` on other columns. */
export function readCsv(path: string): CellRecord[] {
  if (!existsSync(path)) return []
  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  if (head !== columns.join()) {
    throw new ValueError(`"${path}" has the columns ${head}; expected ${columns.join()}. Run the study again`)
  }
  return lines.map((line) => {
    const fields = line.split(',')
    const value = (name: string, i: number) =>
      (texts as readonly string[]).includes(name) ? fields[i] : Number(fields[i])
    return Object.fromEntries(columns.map((name, i) => [name, value(name, i)])) as unknown as CellRecord
  })
}
