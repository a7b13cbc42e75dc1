// Pictures in cells, which are counted row by row: FrozenLake, CliffWalking, GridWorld and Taxi on tiles, and Corridor, a row of cells with a
// flag at its end.

import { CLIFF_GRID } from '../rl/envs/tasks/cliff-walking.ts'
import type { Jump } from '../rl/envs/tasks/grid-world.ts'
import { decodeTaxi, TAXI_PLACES, TAXI_TOWN } from '../rl/envs/tasks/taxi.ts'
import type { TileMap } from '../rl/envs/tasks/tile-map.ts'
import {
  type Color,
  type Coordinates,
  disc,
  label,
  line,
  type Point,
  palette,
  polygon,
  rect,
  type Scene,
  type Shape,
  sceneOf,
} from './scene.ts'

/** Side of a tile in pixels. */
const TILE = 60
const MARGIN = 10
const SEAM = '#dde2e7'

type Grid = Pick<TileMap, 'rows' | 'columns'>

/** A scene of the grid's size: the ground of every cell, seams between them, and the shapes above. */
function gridScene(grid: Grid, ground: (cell: number) => Color, shapes: readonly Shape[]): Scene {
  const { rows, columns } = grid
  const [width, height] = [columns * TILE + 2 * MARGIN, rows * TILE + 2 * MARGIN]
  const tiles = Array.from({ length: rows * columns }, (_, cell) => tile(centerOf(grid, cell), ground(cell), true))
  return sceneOf([...tiles, ...seams(grid), ...shapes], { width, height })
}

function centerOf({ columns }: Pick<Grid, 'columns'>, cell: number): Point {
  return [MARGIN + ((cell % columns) + 0.5) * TILE, MARGIN + (Math.floor(cell / columns) + 0.5) * TILE]
}

/** A cell filled with a colour. */
function tile([x, y]: Point, fill: Color, faint = false): Shape {
  const side = TILE - 4
  return rect(x - side / 2, y - side / 2, side, side, 8, { fill, faint })
}

function seams({ rows, columns }: Grid): Shape[] {
  const [right, bottom] = [MARGIN + columns * TILE, MARGIN + rows * TILE]
  const inner = (count: number) => Array.from({ length: count - 1 }, (_, i) => MARGIN + (i + 1) * TILE)
  return [
    ...inner(columns).map((x) => line([x, MARGIN, x, bottom], SEAM, 1)),
    ...inner(rows).map((y) => line([MARGIN, y, right, y], SEAM, 1)),
  ]
}

function figure([x, y]: Point, color: Color = palette.copper, size = 1): Shape[] {
  const [foot, shoulder] = [11 * size, 8 * size]
  const [top, bottom] = [y - size, y + 20 * size]
  const body = [x - foot, bottom, x - shoulder, top, x + shoulder, top, x + foot, bottom]
  return [
    polygon(body, color, { stroke: color, strokeWidth: 6 * size }),
    disc([x, y - 13 * size], 9 * size, color, 2 * size),
  ]
}

function goalFlag([x, y]: Point): Shape[] {
  return [
    line([x - 9, y + 20, x - 9, y - 20], palette.ink, 3),
    polygon([x - 8, y - 20, x + 16, y - 11, x - 8, y - 2], palette.moss),
  ]
}

function letter(at: Point, text: string, fill: Color, size = 26): Shape {
  return label(at, text, size, fill, { bold: true })
}

const LENGTH = 600
const CORRIDOR = 100
const SIDE = 20
const RAIL = 86

/**
 * @param length number of cells.
 * @param cell the agent's cell.
 */
export function drawCorridor(length: number, cell: number): Scene {
  const side = (LENGTH - 2 * SIDE) / length
  const middle = (at: number) => SIDE + (at + 0.5) * side
  const borders = side > 12 ? Array.from({ length: length - 1 }, (_, i) => SIDE + (i + 1) * side) : []
  return sceneOf(
    [
      rect(SIDE, 30, LENGTH - 2 * SIDE, RAIL - 30, 0, { fill: palette.mist, faint: true }),
      ...borders.map((x) => line([x, 30, x, RAIL], palette.paper, 4)),
      ...borders.map((x) => line([x, RAIL, x, RAIL + 7], palette.slate, 2)),
      line([SIDE, RAIL, LENGTH - SIDE, RAIL], palette.slate, 3),
      ...goalFlag([middle(length - 1), 62]),
      ...figure([middle(cell), 60]),
    ],
    { height: CORRIDOR },
  )
}

/** The marks of a map's cells by their letters; the start is marked S. */
function marksOf(map: TileMap, marks: Readonly<Record<string, (at: Point) => Shape[]>>): Shape[] {
  const all: typeof marks = { S: (at) => [letter(at, 'S', palette.slate)], ...marks }
  return map.cells.flatMap((what, cell) => all[what]?.(centerOf(map, cell)) ?? [])
}

const ICE = '#dcebf5'
const WATER = '#1f4e79'

/** @param cell the agent's cell; in a hole its figure is red and half sunk. */
export function drawFrozenLake(map: TileMap, cell: number): Scene {
  const marks = marksOf(map, { H: (at) => [disc(at, 21, WATER)], G: goalFlag })
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
    rect(x + 2, y + 2, width - 4, TILE, 0, { fill: palette.paper, faint: true }),
    polygon(edge(x + 2, y + 3, width - 4), ROCK),
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
  const marks = marksOf(map, { T: (at) => [letter(at, 'T', palette.moss)], '#': (at) => [tile(at, palette.slate)] })
  return gridScene(map, ground, [
    ...marks,
    ...jumps.flatMap((jump) => arrow(map, jump)),
    ...figure(centerOf(map, cell)),
  ])
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
  const paid = `${reward > 0 ? '+' : ''}${reward}`
  return [
    line([...start, ...back(8, 0)], palette.sky, 3),
    polygon([...back(0, 0), ...back(14, 7), ...back(14, -7)], palette.sky),
    label([start[0] + 26, start[1] - 18], paid, 15, palette.sky, { bold: true, anchor: 'end' }),
  ]
}

const TOWN = { rows: 5, columns: 5 }
const PLACES: readonly [name: string, color: Color, light: Color][] = [
  ['R', palette.berry, '#f3cdd4'],
  ['G', palette.moss, '#cfe6d8'],
  ['Y', '#b98a00', '#f7e6b0'],
  ['B', palette.sky, '#cfe0f1'],
]

export function drawTaxi(state: number): Scene {
  const { taxi, passenger, destination } = decodeTaxi(state)
  const ground = (cell: number): Color => PLACES[TAXI_PLACES.indexOf(cell)]?.[2] ?? FLOOR
  const names = TAXI_PLACES.map((cell, place): Shape => {
    const [x, y] = centerOf(TOWN, cell)
    return letter([x - 17, y - 16], PLACES[place]![0], PLACES[place]![1], 17)
  })
  const [x, y] = centerOf(TOWN, TAXI_PLACES[passenger] ?? taxi)
  return gridScene(TOWN, ground, [
    ...names,
    ...flagAt(centerOf(TOWN, TAXI_PLACES[destination]!)),
    ...cab(centerOf(TOWN, taxi), passenger === 4),
    ...(passenger < 4 ? figure([x - 14, y + 10], palette.ink, 0.55) : []),
    ...walls(),
  ])
}

function walls(): Shape[] {
  return TAXI_TOWN.flatMap((streets, row) =>
    [0, 1, 2, 3].flatMap((column): Shape[] => {
      if (streets[2 * column + 2] !== '|') return []
      const [x, y] = centerOf(TOWN, row * 5 + column)
      const [wall, half] = [x + TILE / 2, TILE / 2]
      return [line([wall, y - half, wall, y + half], palette.ink, 6)]
    }),
  )
}

function flagAt([x, y]: Point): Shape[] {
  return [
    line([x + 12, y - 22, x + 12, y - 2], palette.ink, 2),
    polygon([x + 13, y - 22, x + 25, y - 17, x + 13, y - 12], palette.ink),
  ]
}

function cab([x, y]: Point, taken: boolean): Shape[] {
  const roof = [x - 15, y + 4, x - 10, y - 9, x + 10, y - 9, x + 15, y + 4]
  return [
    polygon(roof, palette.amber, { stroke: palette.amber, strokeWidth: 4 }),
    rect(x - 24, y + 1, 48, 15, 6, { fill: palette.amber }),
    rect(x - 9, y - 6, 18, 9, 2, { fill: palette.paper, faint: true }),
    disc([x - 13, y + 16], 6, palette.ink),
    disc([x + 13, y + 16], 6, palette.ink),
    ...(taken ? [disc([x, y - 1], 5, palette.ink)] : []),
  ]
}
