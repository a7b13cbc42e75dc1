// CartPole, Pendulum and Acrobot as pictures: poles on pivots; and MountainCar of both kinds, whose hill is sin(3 position), as the dynamics
// have it.
// CartPole: pale is the tilt of 12 degrees that ends an episode, red are the ends of the track, 2.4 metres away.

import { ANGLE_LIMIT, X_LIMIT } from '../rl/envs/tasks/cart-pole.ts'
import { cos, sin } from '../tensor/portable-math.ts'
import { disc, line, type Point, palette, polygon, rect, type Scene, type Shape, sceneOf } from './scene.ts'

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
    polygon([...axle, ...limits], palette.amber, { opacity: 0.16, faint: true }),
    line([0, TRACK, WIDTH, TRACK], palette.slate, 3),
    ...[-X_LIMIT, X_LIMIT].map((position) => {
      const end = WIDTH / 2 + position * PIXELS_PER_METRE
      return line([end, TRACK - 16, end, TRACK + 16], palette.berry, 4)
    }),
    rect(x - 38, AXLE - 12, 76, 36, 7, { fill: palette.ink }),
    ...[x - 22, x + 22].map((wheel) => disc([wheel, TRACK - 12], 9, palette.slate, 3)),
    line([...axle, ...tip], palette.copper, 11),
    disc(axle, 4, palette.paper),
  ])
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
      line([CENTER[0], TOP - 26, CENTER[0], TOP - 20], palette.moss, 6),
      line([...CENTER, ...bob], palette.copper, 16),
      disc(bob, 15, palette.copper, 3),
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
  const hill = Array.from({ length: 61 }, (_, i) => ground(LEFT_END + (i / 60) * (RIGHT_END - LEFT_END))).flat()
  const [x, y] = ground(goal)
  return sceneOf([
    polygon([...hill, WIDTH, HEIGHT, 0, HEIGHT], palette.mist, { faint: true }),
    line(hill, palette.slate, 3),
    line([x, y, x, y - 52], palette.ink, 3),
    polygon([x + 1, y - 52, x + 25, y - 44, x + 1, y - 36], palette.moss),
    ...car(state[0]!),
  ])
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
  return [polygon(body, palette.copper), ...[-15, 15].map((wheel) => disc(place(wheel, 9), 8, palette.ink, 2))]
}
