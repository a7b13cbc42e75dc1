// Taxi as a picture: the town's streets and walls, its four places, the cab, the passenger, and a flag at the destination.

import { decodeTaxi, TAXI_PLACES, TAXI_TOWN } from '../rl/envs/tasks/taxi.ts'
import { type Color, disc, line, type Point, palette, polygon, type Scene, type Shape } from './scene.ts'
import { centerOf, figure, gridScene, letter, TILE } from './tiles.ts'

const TOWN = { rows: 5, columns: 5 }
const STREET = '#ece9e2'
const PLACES: readonly [name: string, color: Color, light: Color][] = [
  ['R', palette.berry, '#f3cdd4'],
  ['G', palette.moss, '#cfe6d8'],
  ['Y', '#b98a00', '#f7e6b0'],
  ['B', palette.sky, '#cfe0f1'],
]

export function drawTaxi(state: number): Scene {
  const { taxi, passenger, destination } = decodeTaxi(state)
  const ground = (cell: number): Color => PLACES[TAXI_PLACES.indexOf(cell)]?.[2] ?? STREET
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
    { kind: 'polygon', points: roof, fill: palette.amber, stroke: palette.amber, strokeWidth: 4 },
    { kind: 'rect', x: x - 24, y: y + 1, width: 48, height: 15, radius: 6, fill: palette.amber },
    { kind: 'rect', x: x - 9, y: y - 6, width: 18, height: 9, radius: 2, fill: palette.paper, faint: true },
    disc([x - 13, y + 16], 6, palette.ink),
    disc([x + 13, y + 16], 6, palette.ink),
    ...(taken ? [disc([x, y - 1], 5, palette.ink)] : []),
  ]
}
