// Pendulum as a picture: the rod on its pivot, and a mark at the upright where it should end.

import { cos, sin } from '../tensor/portable-math.ts'
import { disc, line, type Point, palette, type Scene, sceneOf } from './scene.ts'

const SIZE = 300
const ROD = 112
const PIVOT: Point = [SIZE / 2, SIZE / 2]
const TOP = SIZE / 2 - ROD

/** @param state angle (radians, counterclockwise from upright) and angular velocity. */
export function drawPendulum(state: ArrayLike<number>): Scene {
  const bob: Point = [PIVOT[0] - ROD * sin(state[0]!), PIVOT[1] - ROD * cos(state[0]!)]
  return sceneOf(
    [
      { kind: 'circle', center: PIVOT, radius: ROD, stroke: palette.mist, strokeWidth: 3, faint: true },
      { kind: 'line', points: [PIVOT[0], TOP - 26, PIVOT[0], TOP - 20], stroke: palette.moss, strokeWidth: 6 },
      line([...PIVOT, ...bob], palette.copper, 16),
      { kind: 'circle', center: bob, radius: 15, fill: palette.copper, stroke: palette.paper, strokeWidth: 3 },
      disc(PIVOT, 6, palette.ink),
    ],
    { width: SIZE, height: SIZE },
  )
}
