// CartPole, Pendulum and Acrobot as pictures: poles on pivots.
// CartPole: pale is the tilt of 12 degrees that ends an episode, red are the ends of the track, 2.4 metres away.

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

const SIZE = 300
const ROD = 112
const CENTER: Point = [SIZE / 2, SIZE / 2]
const TOP = SIZE / 2 - ROD

/** @param state angle (radians, counterclockwise from upright) and angular velocity. */
export function drawPendulum(state: ArrayLike<number>): Scene {
  const bob: Point = [CENTER[0] - ROD * sin(state[0]!), CENTER[1] - ROD * cos(state[0]!)]
  return sceneOf(
    [
      { kind: 'circle', center: CENTER, radius: ROD, stroke: palette.mist, strokeWidth: 3, faint: true },
      { kind: 'line', points: [CENTER[0], TOP - 26, CENTER[0], TOP - 20], stroke: palette.moss, strokeWidth: 6 },
      line([...CENTER, ...bob], palette.copper, 16),
      { kind: 'circle', center: bob, radius: 15, fill: palette.copper, stroke: palette.paper, strokeWidth: 3 },
      disc(CENTER, 6, palette.ink),
    ],
    { width: SIZE, height: SIZE },
  )
}

const LINK = 64 // pixels for a link of 1 m
const GOAL = CENTER[1] - LINK

/** @param state angle of the first link (radians, from hanging down), angle of the second to it, and their velocities. */
export function drawAcrobot(state: ArrayLike<number>): Scene {
  const elbow = below(CENTER, state[0]!)
  const end = below(elbow, state[0]! + state[1]!)
  return sceneOf(
    [
      line([14, GOAL, SIZE - 14, GOAL], palette.moss, 3),
      line([...CENTER, ...elbow], palette.ink, 14),
      line([...elbow, ...end], palette.copper, 14),
      disc(CENTER, 4, palette.paper),
      disc(elbow, 4, palette.paper),
      disc(end, 4, palette.amber),
    ],
    { width: SIZE, height: SIZE },
  )
}

function below([x, y]: Point, angle: number): Point {
  return [x + LINK * sin(angle), y + LINK * cos(angle)]
}
