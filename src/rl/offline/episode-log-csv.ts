// A log of episodes as a table. A row is a step: the observation, the action taken in it, and what followed.
//
//   episode   step   observation_0 … observation_n   action, or action_0 … action_m   reward   terminated   truncated
//
// The last observation of an episode is a row of its own whose other fields are empty, as Minari stores one observation more than
// actions: bootstrapping from a truncated episode needs it.

import { Columns } from '../../data/columns.ts'
import { type CsvLine, csvLines, csvNumber, inferActionSpace } from '../../data/csv.ts'
import { Discrete } from '../../data/spaces.ts'
import { excerpt, ShapeError, unknownName, ValueError } from '../../tensor/errors.ts'
import { unboundedBox } from '../envs/wrappers/observation.ts'
import {
  EpisodeLog,
  LAST,
  type LoggedTask,
  type Rows,
  rowFields,
  TERMINATED,
  TRUNCATED,
  WENT_ON,
} from './episode-log.ts'

/** A header and a line per row. Numbers keep all their bits. */
export function logToCsv(log: EpisodeLog): string {
  const { size, arrays } = log.rows
  const { outcomes, episodes, rewards } = arrays
  const actions = log.actionSpace instanceof Discrete ? ['action'] : titlesOf('action', log.actionSize)
  const lines = [['episode', 'step', ...titlesOf('observation', log.observationSize), ...actions, ...AFTER].join(',')]
  let step = 0
  for (let row = 0; row < size; row++) {
    const outcome = outcomes[row]!
    step = row > 0 && episodes[row] === episodes[row - 1] ? step + 1 : 0
    const taken = [...log.actionOf(row), rewards[row], outcome & TERMINATED, (outcome & TRUNCATED) / TRUNCATED]
    const cells = outcome === LAST ? taken.map(() => '') : taken
    lines.push([episodes[row], step, ...log.observationOf(row), ...cells].join(','))
  }
  return `${lines.join('\n')}\n`
}

/**
 * Reads one or more tables, each with a header; columns may come in any order. Consecutive rows with the same `episode`, a number or a
 * name, are an episode; its steps count from 0. Ends are 0, 1, true or false. Throws a ValueError or ShapeError that names the line
 * (from 1) and the column.
 *
 * @param task the recorded task. Default: `log`, with the action space that `inferActionSpace` finds
 */
export function logFromCsv(tables: string | readonly string[], task?: LoggedTask): EpisodeLog {
  const [rows, { observations, actions }] = readTables([tables].flat(), task?.actionSpace)
  const { length } = actions
  const outcomes = rows.first('outcomes')
  if (outcomes.every((outcome) => outcome === LAST)) {
    throw new ValueError(`${FROM_CSV}: there is no step; expected at least one`)
  }
  const observationSpace = unboundedBox(observations.length)
  const taken = rows.first('actions').filter((_, i) => outcomes[Math.floor(i / length)] !== LAST)
  const actionSpace = inferActionSpace(taken, length)
  const log = new EpisodeLog(task ?? { id: 'log', observationSpace, actionSpace }, rows)
  if (log.observationSize === observations.length && log.actionSize === actions.length) return log
  throw new ShapeError(
    `${FROM_CSV}: the columns are ${[...observations, ...actions].join(', ')}; ${log.id} has observations of ${log.observationSize} numbers and actions of ${log.actionSize}`,
  )
}

const FROM_CSV = 'logFromCsv'
const AFTER = ['reward', 'terminated', 'truncated'] as const
const flags = new Map(Object.entries({ 0: 0, 1: 1, false: 0, true: 1 }))

function titlesOf(family: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${family}_${i}`)
}

/** The names of the observation's and the action's columns, and the position of each column by its name. */
function readHeader({ line, fields }: CsvLine) {
  const at = new Map(fields.map((field, i) => [field.trim(), i]))
  const count = (family: string) => [...at.keys()].filter((title) => new RegExp(`^${family}_\\d+$`).test(title)).length
  const observations = titlesOf('observation', Math.max(1, count('observation')))
  const actions = count('action') === 0 ? ['action'] : titlesOf('action', count('action'))
  const expected = ['episode', 'step', ...observations, ...actions, ...AFTER]
  const unknown = [...at.keys()].find((title) => !expected.includes(title))
  if (unknown !== undefined)
    throw new ValueError(`${FROM_CSV}: line ${line}: ${unknownName('column', unknown, expected)}`)
  const missing = expected.find((title) => !at.has(title))
  if (missing !== undefined || at.size < fields.length) {
    const found = missing === undefined ? 'a column occurs twice' : `there is no column ${missing}`
    throw new ValueError(`${FROM_CSV}: line ${line}: ${found}; expected ${expected.join(', ')}`)
  }
  return { at, observations, actions }
}

/** The rows of tables with the same columns, and the names of these. */
function readTables(tables: readonly string[], actionSpace: unknown) {
  let [rows, expected]: [Rows?, string?] = []
  let header: ReturnType<typeof readHeader> | undefined
  for (const text of tables) {
    const lines = csvLines(FROM_CSV, text)
    const first = lines.next().value
    if (!first)
      throw new ValueError(`${FROM_CSV}: the table is empty; expected a line of column names and a line per step`)
    header = readHeader(first)
    const given = [...header.observations, ...header.actions].join(', ')
    expected ??= given
    if (given !== expected) {
      throw new ShapeError(`${FROM_CSV}: a table has ${given}, the first ${expected}; expected the same columns`)
    }
    rows ??= new Columns(rowFields(header.observations.length, header.actions.length))
    appendRows(lines, header, rows, actionSpace)
  }
  if (rows === undefined || header === undefined) throw new ValueError(`${FROM_CSV}: no table; expected at least one`)
  return [rows, header] as const
}

function appendRows(
  lines: Iterable<CsvLine>,
  { at, observations, actions }: ReturnType<typeof readHeader>,
  rows: Rows,
  actionSpace: unknown,
): void {
  let episode = rows.first('episodes').at(-1) ?? -1
  let [name, step] = ['', -1]
  for (const { line, fields } of lines) {
    const place = `${FROM_CSV}: line ${line}`
    if (fields.length !== at.size) {
      throw new ShapeError(`${place} has ${fields.length} fields; the header has ${at.size}`)
    }
    const cell = (title: string) => fields[at.get(title)!]!.trim()
    const number = (title: string) => csvNumber(FROM_CSV, cell(title), line, title)
    const flag = (title: string) => {
      const value = flags.get(cell(title).toLowerCase())
      if (value !== undefined) return value
      throw new ValueError(`${place}, column ${title}: "${excerpt(cell(title))}"; expected 0, 1, true or false`)
    }
    const isNew = step < 0 || cell('episode') !== name
    ;[name, step] = [cell('episode'), isNew ? 0 : step + 1]
    if (isNew) episode++
    if (number('step') !== step) {
      throw new ValueError(`${place}, column step: ${number('step')} in episode ${excerpt(name)}; expected ${step}`)
    }
    const isLast = [...actions, ...AFTER].every((title) => cell(title) === '')
    const before = isNew ? WENT_ON : rows.first('outcomes').at(-1)
    if (before === LAST || (before !== WENT_ON && !isLast)) {
      throw new ValueError(`${place}: a step after the end of episode ${excerpt(name)}; expected another episode`)
    }
    const action = actions.map((title) => {
      if (isLast) return 0
      const value = number(title)
      if (!(actionSpace instanceof Discrete) || actionSpace.contains(value)) return value
      throw new ValueError(`${place}, column ${title}: ${value}; expected an action of ${actionSpace}`)
    })
    const rewards = [isLast ? 0 : number('reward')]
    const outcomes = [isLast ? LAST : flag('terminated') * TERMINATED + flag('truncated') * TRUNCATED]
    rows.push({ observations: observations.map(number), actions: action, rewards, outcomes, episodes: [episode] })
  }
}
