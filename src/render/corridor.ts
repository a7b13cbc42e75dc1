// Corridor as a picture: a row of cells with a flag at its end.

import { line, palette, type Scene, sceneOf } from './scene.ts'
import { figure, goalFlag } from './tiles.ts'

const WIDTH = 600
const HEIGHT = 100
const MARGIN = 20
const FLOOR = 86

/**
 * @param length number of cells.
 * @param cell the agent's cell.
 */
export function drawCorridor(length: number, cell: number): Scene {
  const side = (WIDTH - 2 * MARGIN) / length
  const middle = (at: number) => MARGIN + (at + 0.5) * side
  const borders = side > 12 ? Array.from({ length: length - 1 }, (_, i) => MARGIN + (i + 1) * side) : []
  const floor = { x: MARGIN, y: 30, width: WIDTH - 2 * MARGIN, height: FLOOR - 30, fill: palette.mist }
  return sceneOf(
    [
      { kind: 'rect', ...floor, faint: true },
      ...borders.map((x) => line([x, 30, x, FLOOR], palette.paper, 4)),
      ...borders.map((x) => line([x, FLOOR, x, FLOOR + 7], palette.slate, 2)),
      line([MARGIN, FLOOR, WIDTH - MARGIN, FLOOR], palette.slate, 3),
      ...goalFlag([middle(length - 1), 62]),
      ...figure([middle(cell), 60]),
    ],
    { height: HEIGHT },
  )
}
