/**
 * FrozenLake: cross a frozen lake from S to G without falling into a hole. The ice is slippery: a step may slide sideways.
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
 * On slippery ice (`isSlippery`, the default) a move goes in the chosen direction with probability `successRate` (default 1/3),
 * otherwise to either side of it with equal probability. A move against the edge of the map does not change the cell.
 *
 * ## Observations
 *
 * | observation | low | high |
 * | --- | --- | --- |
 * | the cell, row × columns + column, counted from the upper left | 0 | 15 (4x4 map), 63 (8x8 map) |
 *
 * ## Reward
 *
 * - a step onto a goal, G: 1
 * - a step into a hole, H, or any other step: 0
 *
 * The option `rewardSchedule` sets the three rewards.
 *
 * ## Start
 *
 * - the cell: one marked S, drawn uniformly; the upper left corner of both named maps
 *
 * ## End
 *
 * - terminated: on a goal or in a hole
 * - truncated: after 100 steps (`FrozenLake-v1`, whatever its map) or 200 steps (`FrozenLake8x8-v1`)
 *
 * ## Source
 *
 * - reference: Gymnasium 1.4.0, `FrozenLake-v1`: the same tables, the order of outcomes included
 * - other maps: `desc`, for instance from `randomLakeMap(rng, size)`
 */

import { flag, fraction, type GivenOptions, numbers, readOptions, wholeBetween } from '../../../data/options.ts'
import { Discrete } from '../../../data/spaces.ts'
import { unknownName, ValueError } from '../../../tensor/errors.ts'
import type { Rng } from '../../../tensor/random.ts'
import { deterministic, TabularEnv, type Transition, transitionTable } from './tabular.ts'
import { canReach, cellsWith, neighbour, openNeighbours, parseMap, placeOf, type TileMap } from './tile-map.ts'

export const lakeMaps: Readonly<Record<string, readonly string[]>> = {
  '4x4': ['SFFF', 'FHFH', 'FFFH', 'HFFG'],
  '8x8': ['SFFFFFFF', 'FFFFFFFF', 'FFFHFFFF', 'FFFFFHFF', 'FFFHFFFF', 'FHHFFFHF', 'FHFFHFHF', 'FFFHFFFG'],
}

const LETTERS = { S: 'start', F: 'frozen', H: 'hole', G: 'goal' }
const ACTION_NAMES = ['left', 'down', 'right', 'up']

const frozenLakeOptions = {
  isSlippery: flag(true, 'moves may go to either side'),
  successRate: fraction(1 / 3, 'probability of the intended move on slippery ice'),
  rewardSchedule: numbers<readonly [goal: number, hole: number, frozen: number]>(
    [1, 0, 0],
    'rewards of reaching a goal, of falling into a hole, of any other step',
  ),
}

/** `mapName`: `4x4` (the default) or `8x8`. `desc`: a map of your own, one string a row, in its place (see `randomLakeMap`). */
type FrozenLakeOptions = GivenOptions<typeof frozenLakeOptions> & {
  readonly mapName?: '4x4' | '8x8'
  readonly desc?: readonly string[]
}

export class FrozenLake extends TabularEnv {
  readonly observationSpace = new Discrete(this.numStates)
  readonly map: TileMap

  /** Throws a `ValueError` on a map without a start, without a path from each start to a goal, ragged or with other letters. */
  constructor(options: FrozenLakeOptions = {}, id = 'FrozenLake-v1') {
    const o = readOptions(id, frozenLakeOptions, options, ['mapName', 'desc'])
    const { isSlippery, successRate, rewardSchedule: rewards } = o
    const { mapName = '4x4' } = options
    const desc = options.desc ?? (Object.hasOwn(lakeMaps, mapName) ? lakeMaps[mapName] : undefined)
    if (desc === undefined) throw new ValueError(unknownName('lake map', String(mapName), Object.keys(lakeMaps)))
    const map = lakeMap(id, desc)
    const sideways = (1 - successRate) / 2

    const land = (cell: number): Omit<Transition, 'probability'> => {
      const letter = map.cells[cell]!
      const reward = rewards[letter === 'G' ? 0 : letter === 'H' ? 1 : 2]!
      return { nextState: cell, reward, terminated: letter === 'G' || letter === 'H' }
    }
    const outcomes = transitionTable(map.cells.length, 4, (cell, action) => {
      if ('GH'.includes(map.cells[cell]!)) return deterministic(cell, 0, true)
      if (!isSlippery) return [{ probability: 1, ...land(neighbour(map, cell, action)) }]
      return [(action + 3) % 4, action, (action + 1) % 4].map((direction) => ({
        probability: direction === action ? successRate : sideways,
        ...land(neighbour(map, cell, direction)),
      }))
    })
    super({ id, actionNames: ACTION_NAMES, outcomes, starts: cellsWith(map, 'S') })
    this.map = map
  }
}

const randomLakeOptions = {
  size: wholeBetween(8, 2, 256, 'rows and columns'),
  frozenProbability: fraction(0.8, 'of each cell but the corners'),
}

/**
 * A random square map with a path: S in the upper left corner, G in the lower right one, every other cell frozen with the
 * given probability. Throws a `ValueError` if 10,000 draws hold no path.
 */
export function randomLakeMap(rng: Rng, size = 8, frozenProbability = 0.8): string[] {
  readOptions('randomLakeMap', randomLakeOptions, { size, frozenProbability })
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const cells: string[] = Array.from({ length: size * size }, () => (rng.uniform() < frozenProbability ? 'F' : 'H'))
    cells[0] = 'S'
    cells[cells.length - 1] = 'G'
    if (crossable({ rows: size, columns: size, cells }, 0)) {
      return Array.from({ length: size }, (_, row) => cells.slice(row * size, (row + 1) * size).join(''))
    }
  }
  throw new ValueError(`randomLakeMap: no path in 10,000 maps; raise frozenProbability above ${frozenProbability}`)
}

function lakeMap(id: string, lines: readonly string[]): TileMap {
  const map = parseMap(id, lines, LETTERS)
  const starts = cellsWith(map, 'S')
  if (starts.length === 0) throw new ValueError(`${id}: the map has no start; mark one cell or more with S`)
  const lost = starts.find((start) => !crossable(map, start))
  if (lost === undefined) return map
  const place = placeOf(map, lost)
  throw new ValueError(`${id}: the map has no path from the start at ${place} to a goal (G) around the holes (H)`)
}

function crossable(map: TileMap, start: number): boolean {
  return canReach(map, start, 'G', (cell) => openNeighbours(map, cell, 'H'))
}
