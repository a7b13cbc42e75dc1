// MountainCar as a picture, of both kinds: the hill is sin(3 position), as the dynamics have it.

import { cos, sin } from '../tensor/portable-math.ts'
import { type Coordinates, line, type Point, palette, polygon, type Scene, type Shape, sceneOf } from './scene.ts'

const WIDTH = 600
const HEIGHT = 300
const LEFT_END = -1.2
const RIGHT_END = 0.6
const PIXELS_PER_UNIT = WIDTH / (RIGHT_END - LEFT_END)
const HILL = 92 // pixels from half height to the top

// Corners of the car's body: pixels right of its middle and above the ground, alternating.
const BODY = [-25, 12, 25, 12, 23, 24, 12, 25, 6, 35, -12, 35, -17, 25, -25, 24]

/**
 * @param state position and velocity.
 * @param goal position of the flag: 0.5, or 0.45 in the continuous task.
 */
export function drawMountainCar(state: ArrayLike<number>, goal = 0.5): Scene {
  const [x, y] = ground(goal)
  return sceneOf([
    { kind: 'polygon', points: [...hill(), WIDTH, HEIGHT, 0, HEIGHT], fill: palette.mist, faint: true },
    line(hill(), palette.slate, 3),
    line([x, y, x, y - 52], palette.ink, 3),
    polygon([x + 1, y - 52, x + 25, y - 44, x + 1, y - 36], palette.moss),
    ...car(state[0]!),
  ])
}

function hill(): Coordinates {
  return Array.from({ length: 61 }, (_, i) => ground(LEFT_END + (i / 60) * (RIGHT_END - LEFT_END))).flat()
}

function ground(position: number): Point {
  return [(position - LEFT_END) * PIXELS_PER_UNIT, 170 - HILL * sin(3 * position)]
}

function car(position: number): Shape[] {
  // The slope as a vector of length 1, from the derivative of the ground.
  const up = 3 * HILL * cos(3 * position)
  const length = Math.sqrt(PIXELS_PER_UNIT ** 2 + up ** 2)
  const [dx, dy] = [PIXELS_PER_UNIT / length, -up / length]
  const [x, y] = ground(position)
  const place = (right: number, high: number): Point => [x + right * dx + high * dy, y + right * dy - high * dx]
  const body = BODY.flatMap((right, i) => (i % 2 === 0 ? place(right, BODY[i + 1]!) : []))
  const rim = { stroke: palette.paper, strokeWidth: 2 }
  return [
    polygon(body, palette.copper),
    { kind: 'circle', center: place(-15, 9), radius: 8, fill: palette.ink, ...rim },
    { kind: 'circle', center: place(15, 9), radius: 8, fill: palette.ink, ...rim },
  ]
}
