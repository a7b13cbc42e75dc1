// Acrobot as a picture: two links on a pivot, and the height that the free end must reach.

import { cos, sin } from '../tensor/portable-math.ts'
import { disc, line, type Point, palette, type Scene, sceneOf } from './scene.ts'

const SIZE = 300
const LINK = 64 // pixels for a link of 1 m
const PIVOT: Point = [SIZE / 2, SIZE / 2]
const GOAL = PIVOT[1] - LINK

/** @param state angle of the first link (radians, from hanging down), angle of the second to it, and their velocities. */
export function drawAcrobot(state: ArrayLike<number>): Scene {
  const elbow = below(PIVOT, state[0]!)
  const end = below(elbow, state[0]! + state[1]!)
  return sceneOf(
    [
      line([14, GOAL, SIZE - 14, GOAL], palette.moss, 3),
      line([...PIVOT, ...elbow], palette.ink, 14),
      line([...elbow, ...end], palette.copper, 14),
      disc(PIVOT, 4, palette.paper),
      disc(elbow, 4, palette.paper),
      disc(end, 4, palette.amber),
    ],
    { width: SIZE, height: SIZE },
  )
}

function below([x, y]: Point, angle: number): Point {
  return [x + LINK * sin(angle), y + LINK * cos(angle)]
}
