// FrozenLake, CliffWalking and GridWorld as pictures: tiles with marks, goals and the agent.

import { CLIFF_GRID } from '../rl/envs/tasks/cliff-walking.ts'
import type { Jump } from '../rl/envs/tasks/grid-world.ts'
import type { TileMap } from '../rl/envs/tasks/tile-map.ts'
import {
  type Color,
  type Coordinates,
  disc,
  line,
  type Point,
  palette,
  polygon,
  type Scene,
  type Shape,
} from './scene.ts'
import { centerOf, figure, goalFlag, gridScene, letter, TILE } from './tiles.ts'

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

const GRASS = '#e3eed8'
const ROCK = '#7a6a58'

export function drawCliffWalking(cell: number): Scene {
  const { start, goal } = CLIFF_GRID
  const [middle, top] = centerOf(CLIFF_GRID, start + 1)
  const [x, y, width] = [middle - TILE / 2, top - TILE / 2, (goal - start - 1) * TILE]
  const cliff: Shape[] = [
    { kind: 'rect', x: x + 2, y: y + 2, width: width - 4, height: TILE, fill: palette.paper, faint: true },
    { kind: 'polygon', points: edge(x + 2, y + 3, width - 4), fill: ROCK },
  ]
  return gridScene(CLIFF_GRID, () => GRASS, [
    ...cliff,
    letter(centerOf(CLIFF_GRID, start), 'S', palette.slate),
    ...goalFlag(centerOf(CLIFF_GRID, goal)),
    ...figure(centerOf(CLIFF_GRID, cell)),
  ])
}

// A flat top and teeth below.
function edge(x: number, y: number, width: number): Coordinates {
  const teeth = Array.from({ length: 21 }, (_, i) => [x + width - (i / 20) * width, y + (i % 2 === 0 ? 27 : 51)])
  return [x, y, x + width, y, ...teeth.flat()]
}

const FLOOR = '#ece9e2'
const END = '#c9d6c3'

export function drawGridWorld(map: TileMap, jumps: readonly Jump[], cell: number): Scene {
  const ground = (at: number): Color => (map.cells[at] === 'T' ? END : FLOOR)
  const marks = map.cells.flatMap((what, at): Shape[] => {
    if (what === 'T') return [letter(centerOf(map, at), 'T', palette.moss)]
    if (what === 'S') return [letter(centerOf(map, at), 'S', palette.slate)]
    return what === '#' ? [wall(centerOf(map, at))] : []
  })
  return gridScene(map, ground, [
    ...marks,
    ...jumps.flatMap((jump) => arrow(map, jump)),
    ...figure(centerOf(map, cell)),
  ])
}

function wall([x, y]: Point): Shape {
  const side = TILE - 4
  return { kind: 'rect', x: x - side / 2, y: y - side / 2, width: side, height: side, radius: 8, fill: palette.slate }
}

function arrow(map: TileMap, { from, to, reward }: Jump): Shape[] {
  const [start, end] = [centerOf(map, from), centerOf(map, to)]
  const [right, down] = [end[0] - start[0], end[1] - start[1]]
  const length = Math.sqrt(right * right + down * down)
  if (length === 0) return []
  const [dx, dy] = [right / length, down / length]
  const back = (along: number, side: number): Point => [
    end[0] - along * dx - side * dy,
    end[1] - along * dy + side * dx,
  ]
  const paid: Shape = {
    ...{ kind: 'label', at: [start[0] + 26, start[1] - 18], text: `${reward > 0 ? '+' : ''}${reward}` },
    ...{ size: 15, fill: palette.sky, bold: true, anchor: 'end' },
  }
  return [
    line([...start, ...back(8, 0)], palette.sky, 3),
    polygon([...back(0, 0), ...back(14, 7), ...back(14, -7)], palette.sky),
    paid,
  ]
}
