// CartPole as a picture. Pale: the tilt of 12 degrees that ends an episode; red: the ends of the track, 2.4 metres away.

import { ANGLE_LIMIT, X_LIMIT } from '../rl/envs/tasks/cart-pole.ts'
import { cos, sin } from '../tensor/portable-math.ts'
import { disc, line, type Point, palette, type Scene, type Shape, sceneOf } from './scene.ts'

const WIDTH = 600
const PIXELS_PER_METRE = 110
const TRACK = 236 // y of the rail
const AXLE = TRACK - 37
const POLE = 1.6 * PIXELS_PER_METRE // drawn longer than its 1 metre, so that a tilt shows in a small picture

/** @param state position (metres), velocity, pole angle (radians, clockwise from upright), angular velocity. */
export function drawCartPole(state: ArrayLike<number>): Scene {
  const x = WIDTH / 2 + state[0]! * PIXELS_PER_METRE
  const axle: Point = [x, AXLE]
  const tip = fromAxle(axle, state[2]!, POLE)
  const limits = [-1, -0.5, 0, 0.5, 1].flatMap((part) => fromAxle(axle, part * ANGLE_LIMIT, POLE + 14))
  return sceneOf([
    { kind: 'polygon', points: [...axle, ...limits], fill: palette.amber, opacity: 0.16, faint: true },
    line([0, TRACK, WIDTH, TRACK], palette.slate, 3),
    ...[-X_LIMIT, X_LIMIT].map(trackEnd),
    { kind: 'rect', x: x - 38, y: AXLE - 12, width: 76, height: 36, radius: 7, fill: palette.ink },
    ...[x - 22, x + 22].map(wheel),
    line([...axle, ...tip], palette.copper, 11),
    disc(axle, 4, palette.paper),
  ])
}

function trackEnd(position: number): Shape {
  const x = WIDTH / 2 + position * PIXELS_PER_METRE
  return line([x, TRACK - 16, x, TRACK + 16], palette.berry, 4)
}

function wheel(x: number): Shape {
  const rim = { stroke: palette.paper, strokeWidth: 3 }
  return { kind: 'circle', center: [x, TRACK - 12], radius: 9, fill: palette.slate, ...rim }
}

// Screen y points down, an angle of 0 points up.
function fromAxle([x, y]: Point, angle: number, length: number): Point {
  return [x + length * sin(angle), y - length * cos(angle)]
}
