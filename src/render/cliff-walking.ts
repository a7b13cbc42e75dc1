// CliffWalking as a picture: grass above, the cliff below.

import { CLIFF_GRID } from '../rl/envs/tasks/cliff-walking.ts'
import { type Coordinates, palette, type Scene, type Shape } from './scene.ts'
import { centerOf, figure, goalFlag, gridScene, letter, TILE } from './tiles.ts'

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
