// Pictures in cells: the parts of grids (tiles, figures, flags, letters), whose cells are counted row by row, and Corridor, a row of cells with
// a flag at its end.

import type { TileMap } from '../rl/envs/tasks/tile-map.ts'
import { type Color, line, type Point, palette, polygon, type Scene, type Shape, sceneOf } from './scene.ts'

/** Side of a tile in pixels. */
export const TILE = 60
const MARGIN = 10
const SEAM = '#dde2e7'

type Grid = Pick<TileMap, 'rows' | 'columns'>

/** A scene of the grid's size: the ground of every cell, seams between them, and the shapes above. */
export function gridScene(grid: Grid, ground: (cell: number) => Color, shapes: readonly Shape[]): Scene {
  const { rows, columns } = grid
  const [width, height] = [columns * TILE + 2 * MARGIN, rows * TILE + 2 * MARGIN]
  const tiles = Array.from({ length: rows * columns }, (_, cell) => tile(grid, cell, ground(cell)))
  return { width, height, background: palette.paper, shapes: [...tiles, ...seams(grid), ...shapes] }
}

export function centerOf({ columns }: Pick<Grid, 'columns'>, cell: number): Point {
  return [MARGIN + ((cell % columns) + 0.5) * TILE, MARGIN + (Math.floor(cell / columns) + 0.5) * TILE]
}

/** A cell filled with a colour; blank in a terminal. */
function tile(grid: Grid, cell: number, fill: Color): Shape {
  const [x, y] = centerOf(grid, cell)
  const side = TILE - 4
  return { kind: 'rect', x: x - side / 2, y: y - side / 2, width: side, height: side, radius: 8, fill, faint: true }
}

function seams({ rows, columns }: Grid): Shape[] {
  const [right, bottom] = [MARGIN + columns * TILE, MARGIN + rows * TILE]
  const inner = (count: number) => Array.from({ length: count - 1 }, (_, i) => MARGIN + (i + 1) * TILE)
  return [
    ...inner(columns).map((x) => line([x, MARGIN, x, bottom], SEAM, 1)),
    ...inner(rows).map((y) => line([MARGIN, y, right, y], SEAM, 1)),
  ]
}

export function figure([x, y]: Point, color: Color = palette.copper, size = 1): Shape[] {
  const [foot, shoulder] = [11 * size, 8 * size]
  const [top, bottom] = [y - size, y + 20 * size]
  const body = [x - foot, bottom, x - shoulder, top, x + shoulder, top, x + foot, bottom]
  const rim = { stroke: palette.paper, strokeWidth: 2 * size }
  return [
    { kind: 'polygon', points: body, fill: color, stroke: color, strokeWidth: 6 * size },
    { kind: 'circle', center: [x, y - 13 * size], radius: 9 * size, fill: color, ...rim },
  ]
}

export function goalFlag([x, y]: Point): Shape[] {
  return [
    line([x - 9, y + 20, x - 9, y - 20], palette.ink, 3),
    polygon([x - 8, y - 20, x + 16, y - 11, x - 8, y - 2], palette.moss),
  ]
}

export function letter(at: Point, text: string, fill: Color, size = 26): Shape {
  return { kind: 'label', at, text, size, fill, bold: true }
}

const LENGTH = 600
const CORRIDOR = 100
const SIDE = 20
const FLOOR = 86

/**
 * @param length number of cells.
 * @param cell the agent's cell.
 */
export function drawCorridor(length: number, cell: number): Scene {
  const side = (LENGTH - 2 * SIDE) / length
  const middle = (at: number) => SIDE + (at + 0.5) * side
  const borders = side > 12 ? Array.from({ length: length - 1 }, (_, i) => SIDE + (i + 1) * side) : []
  const floor = { x: SIDE, y: 30, width: LENGTH - 2 * SIDE, height: FLOOR - 30, fill: palette.mist }
  return sceneOf(
    [
      { kind: 'rect', ...floor, faint: true },
      ...borders.map((x) => line([x, 30, x, FLOOR], palette.paper, 4)),
      ...borders.map((x) => line([x, FLOOR, x, FLOOR + 7], palette.slate, 2)),
      line([SIDE, FLOOR, LENGTH - SIDE, FLOOR], palette.slate, 3),
      ...goalFlag([middle(length - 1), 62]),
      ...figure([middle(cell), 60]),
    ],
    { height: CORRIDOR },
  )
}
