// FrozenLake as a picture: ice, holes, the way in and the flag.

import type { TileMap } from '../rl/envs/tasks/tile-map.ts'
import { disc, palette, type Scene, type Shape } from './scene.ts'
import { centerOf, figure, goalFlag, gridScene, letter } from './tiles.ts'

const ICE = '#dcebf5'
const WATER = '#1f4e79'

/** @param cell the agent's cell; in a hole its figure is red and half sunk. */
export function drawFrozenLake(map: TileMap, cell: number): Scene {
  const marks = map.cells.flatMap((what, at): Shape[] => {
    const middle = centerOf(map, at)
    if (what === 'H') return [disc(middle, 21, WATER)]
    if (what === 'G') return goalFlag(middle)
    return what === 'S' ? [letter(middle, 'S', palette.slate)] : []
  })
  const fell = map.cells[cell] === 'H'
  const walker = figure(centerOf(map, cell), fell ? palette.berry : palette.copper, fell ? 0.6 : 1)
  return gridScene(map, () => ICE, [...marks, ...walker])
}
