// Maps of grid environments as strings, one a row, one letter a cell: parsing, validation, neighbours and paths.

import { describeValue } from '../../../data/values.ts'
import { ValueError } from '../../../tensor/errors.ts'

/** Rows from the top; all of one length. Cell `row * columns + column`. */
export interface TileMap {
  readonly rows: number
  readonly columns: number
  /** One letter a cell. */
  readonly cells: readonly string[]
}

/** @param letters the allowed letters and their meanings. Throws a `ValueError` on a ragged map or an unknown letter. */
export function parseMap(owner: string, lines: readonly string[], letters: Readonly<Record<string, string>>): TileMap {
  const areRows = Array.isArray(lines) && lines.every((line) => typeof line === 'string')
  const columns = areRows ? (lines[0]?.length ?? 0) : 0
  if (columns === 0) {
    throw new ValueError(`${owner}: the map is ${describeValue(lines)}; expected a list of strings, one for each row`)
  }
  const ragged = lines.findIndex((line) => line.length !== columns)
  if (ragged >= 0) {
    throw new ValueError(`${owner}: row ${ragged} of the map has ${lines[ragged]!.length} cells, row 0 has ${columns}`)
  }
  const cells = lines.flatMap((line) => [...line])
  const foreign = cells.findIndex((letter) => !Object.hasOwn(letters, letter))
  if (foreign >= 0) {
    const legend = Object.entries(letters).map(([letter, meaning]) => `${letter} (${meaning})`)
    const given = `"${cells[foreign]}" at ${placeOf({ columns }, foreign)}`
    throw new ValueError(`${owner}: unknown letter ${given}; known are ${legend.join(', ')}`)
  }
  return { rows: lines.length, columns, cells }
}

export function cellsWith(map: TileMap, letter: string): number[] {
  return map.cells.flatMap((each, cell) => (each === letter ? [cell] : []))
}

/** The cell one move away: 0 left, 1 down, 2 right, 3 up. At the edge, the cell itself. */
export function neighbour(map: Pick<TileMap, 'rows' | 'columns'>, cell: number, direction: number): number {
  const row = Math.floor(cell / map.columns)
  const column = cell % map.columns
  if (direction === 0) return column > 0 ? cell - 1 : cell
  if (direction === 1) return row < map.rows - 1 ? cell + map.columns : cell
  if (direction === 2) return column < map.columns - 1 ? cell + 1 : cell
  return row > 0 ? cell - map.columns : cell
}

/** The cells one move away, without those of the letter `blocked`. */
export function openNeighbours(map: TileMap, cell: number, blocked: string): number[] {
  const cells = [0, 1, 2, 3].map((direction) => neighbour(map, cell, direction))
  return cells.filter((next) => map.cells[next] !== blocked)
}

/** Whether a cell of the letter `goal` can be reached from `start`, where `from(cell)` lists the successors of a cell. */
export function canReach({ cells }: TileMap, start: number, goal: string, from: (cell: number) => number[]): boolean {
  const seen = new Set([start])
  for (const cell of seen) {
    if (cells[cell] === goal) return true
    for (const next of from(cell)) seen.add(next) // iteration over a set includes what is added during it
  }
  return false
}

/** `row 1, column 2` */
export function placeOf(map: Pick<TileMap, 'columns'>, cell: number): string {
  return `row ${Math.floor(cell / map.columns)}, column ${cell % map.columns}`
}
