/**
 * GridWorld: a grid of cells to walk on, for the tabular methods of the textbook.
 *
 * ## Actions
 *
 * | action | meaning |
 * | --- | --- |
 * | 0 | left |
 * | 1 | down |
 * | 2 | right |
 * | 3 | up |
 *
 * A move against a wall or the edge of the grid does not change the cell. On a cell with a jump, every move leads to its target.
 *
 * ## Observations
 *
 * | observation | low | high |
 * | --- | --- | --- |
 * | the cell, row × columns + column, counted from the upper left | 0 | 15 (`GridWorld-v0`), 24 (`GridWorldJumps-v0`) |
 *
 * ## Reward
 *
 * | when | `GridWorld-v0` | `GridWorldJumps-v0` | option |
 * | --- | --- | --- | --- |
 * | a move to another cell | -1 | 0 | `moveReward` |
 * | a move against a wall or the edge | -1 | -1 | `bumpReward` |
 * | a jump from row 0, column 1 to row 4, column 1 | | 10 | `jumps` |
 * | a jump from row 0, column 3 to row 2, column 3 | | 5 | `jumps` |
 *
 * ## Start
 *
 * - the cell: uniform over those marked S or, without any, over all floor cells
 *
 * ## End
 *
 * - terminated: on a cell marked T: the upper left and lower right corners of `GridWorld-v0`; never in `GridWorldJumps-v0`
 * - truncated: after 100 steps
 *
 * ## Source
 *
 * - `GridWorld-v0`: Sutton and Barto 2018, Example 4.1 (undiscounted)
 * - `GridWorldJumps-v0`: Sutton and Barto 2018, Example 3.5 (discount 0.9)
 * - other grids: the options `map` and `jumps`
 */

import { finite, type GivenOptions, readOptions } from '../../../data/options.ts'
import { Discrete } from '../../../data/spaces.ts'
import { describeValue } from '../../../data/values.ts'
import { ValueError } from '../../../tensor/errors.ts'
import { deterministic, TabularEnv, transitionTable } from './tabular.ts'
import { canReach, cellsWith, neighbour, openNeighbours, parseMap, placeOf, type TileMap } from './tile-map.ts'

/** Cells as row * columns + column. */
export interface Jump {
  readonly from: number
  readonly to: number
  readonly reward: number
}

const gridWorldOptions = {
  moveReward: finite(-1, 'reward of a move'),
  bumpReward: finite(-1, 'reward of a move into a wall or the edge; by default moveReward'),
}

/** `map`: one string a row, `.` floor, `#` wall, `S` start, `T` terminal. `jumps`: cells from which every action leads to another cell. */
type GridWorldOptions = GivenOptions<typeof gridWorldOptions> & {
  readonly map?: readonly string[]
  readonly jumps?: readonly Jump[]
}

/** Sutton and Barto 2018, Example 3.5: no terminal cell, two cells with a reward and a jump. */
export const jumpingGrid: GridWorldOptions = {
  map: ['.....', '.....', '.....', '.....', '.....'],
  moveReward: 0,
  bumpReward: -1,
  jumps: [
    { from: 1, to: 21, reward: 10 },
    { from: 3, to: 13, reward: 5 },
  ],
}

const LETTERS = { '.': 'floor', '#': 'wall', S: 'start', T: 'terminal' }

export class GridWorld extends TabularEnv {
  readonly observationSpace = new Discrete(this.numStates)
  readonly map: TileMap
  readonly jumps: readonly Jump[]

  /** The defaults are Example 4.1. Throws a `ValueError` on a map without a start or a start without a way to a terminal. */
  constructor(options: GridWorldOptions = {}, id = 'GridWorld-v0') {
    const { moveReward, ...o } = readOptions(id, gridWorldOptions, options, ['map', 'jumps'])
    const bumpReward = options.bumpReward === undefined ? moveReward : o.bumpReward
    const map = parseMap(id, options.map ?? ['T...', '....', '....', '...T'], LETTERS)
    const jumps = options.jumps ?? []
    requireJumps(id, map, jumps)
    const marked = cellsWith(map, 'S')
    const starts = marked.length > 0 ? marked : cellsWith(map, '.')
    requireWay(id, map, starts, jumps)

    const outcomes = transitionTable(map.cells.length, 4, (cell, action) => {
      if (map.cells[cell] === 'T') return deterministic(cell, 0, true)
      const jump = jumps.find(({ from }) => from === cell)
      if (jump !== undefined) return deterministic(jump.to, jump.reward, map.cells[jump.to] === 'T')
      const next = neighbour(map, cell, action)
      if (next === cell || map.cells[next] === '#') return deterministic(cell, bumpReward)
      return deterministic(next, moveReward, map.cells[next] === 'T')
    })
    super({ id, actionNames: ['left', 'down', 'right', 'up'], outcomes, starts })
    this.map = map
    this.jumps = jumps
  }
}

function requireJumps(id: string, map: TileMap, jumps: readonly Jump[]): void {
  if (!Array.isArray(jumps)) throw new ValueError(`${id}: jumps is ${describeValue(jumps)}; expected a list`)
  for (const jump of jumps as readonly (Jump | null | undefined)[]) {
    const { from = -1, to = -1, reward } = jump ?? {}
    if (!Number.isFinite(reward)) {
      throw new ValueError(`${id}: the reward of a jump is ${describeValue(reward)}; expected a finite number`)
    }
    if ('.S'.includes(map.cells[from] ?? '#') && '.ST'.includes(map.cells[to] ?? '#')) continue
    const rule = `cells are 0 to ${map.cells.length - 1}, a jump starts on floor and ends on no wall`
    throw new ValueError(`${id}: a jump leads from cell ${from} to cell ${to}; ${rule}`)
  }
}

function requireWay(id: string, map: TileMap, starts: readonly number[], jumps: readonly Jump[]): void {
  if (starts.length === 0) throw new ValueError(`${id}: the map has no start; mark cells with S, or leave floor (.)`)
  if (!map.cells.includes('T')) return // a task without an end
  const from = (cell: number) => {
    const jump = jumps.find((each) => each.from === cell)
    return jump === undefined ? openNeighbours(map, cell, '#') : [jump.to]
  }
  const lost = starts.find((start) => !canReach(map, start, 'T', from))
  if (lost === undefined) return
  throw new ValueError(`${id}: the map has no path from the start at ${placeOf(map, lost)} to a terminal cell (T)`)
}
