// GridWorld as a picture: floor, walls, terminal cells, and jumps as arrows with their rewards.

import type { Jump } from '../rl/envs/tasks/grid-world.ts'
import type { TileMap } from '../rl/envs/tasks/tile-map.ts'
import { type Color, line, type Point, palette, polygon, type Scene, type Shape } from './scene.ts'
import { centerOf, figure, gridScene, letter, TILE } from './tiles.ts'

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
