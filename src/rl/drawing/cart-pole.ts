// CartPole as a picture. Pale: the limits that end an episode, 2.4 metres to either side and 12 degrees of tilt.

import { cos, sin } from '../../tensor/portable-math.ts'
import { type Point, palette, type Scene } from './scene.ts'

const WIDTH = 600
const HEIGHT = 300
const PIXELS_PER_METRE = 110
const TRACK = 236 // y of the rail
const AXLE = TRACK - 37
const POLE = 1.6 * PIXELS_PER_METRE // drawn longer than its 1 metre, so that a tilt shows in a small picture
const TRACK_LIMIT = 2.4 // metres
const TILT_LIMIT = (12 * 2 * Math.PI) / 360 // radians

/** @param state position (metres), velocity, pole angle (radians, clockwise from upright), angular velocity. */
export function drawCartPole(state: ArrayLike<number>): Scene {
  const x = WIDTH / 2 + state[0]! * PIXELS_PER_METRE
  const axle: Point = [x, AXLE]
  const tip = fromAxle(axle, state[2]!, POLE)
  return {
    width: WIDTH,
    height: HEIGHT,
    background: palette.paper,
    shapes: [
      { kind: 'polygon', points: tiltLimits(axle), fill: palette.amber, opacity: 0.16, faint: true },
      {
        kind: 'line',
        points: [
          [0, TRACK],
          [WIDTH, TRACK],
        ],
        stroke: palette.slate,
        strokeWidth: 3,
      },
      ...trackLimit(-TRACK_LIMIT),
      ...trackLimit(TRACK_LIMIT),
      { kind: 'rect', x: x - 38, y: AXLE - 12, width: 76, height: 36, radius: 7, fill: palette.ink },
      {
        kind: 'circle',
        center: [x - 22, TRACK - 12],
        radius: 9,
        fill: palette.slate,
        stroke: palette.paper,
        strokeWidth: 3,
      },
      {
        kind: 'circle',
        center: [x + 22, TRACK - 12],
        radius: 9,
        fill: palette.slate,
        stroke: palette.paper,
        strokeWidth: 3,
      },
      { kind: 'line', points: [axle, tip], stroke: palette.copper, strokeWidth: 11 },
      { kind: 'circle', center: axle, radius: 4, fill: palette.paper },
    ],
  }
}

function trackLimit(position: number): Scene['shapes'] {
  const x = WIDTH / 2 + position * PIXELS_PER_METRE
  return [
    {
      kind: 'line',
      points: [
        [x, TRACK - 16],
        [x, TRACK + 16],
      ],
      stroke: palette.berry,
      strokeWidth: 4,
    },
  ]
}

function tiltLimits(axle: Point): Point[] {
  const reach = POLE + 14
  const arc = [-1, -0.5, 0, 0.5, 1].map((part) => fromAxle(axle, part * TILT_LIMIT, reach))
  return [axle, ...arc]
}

// Screen y points down, an angle of 0 points up.
function fromAxle([x, y]: Point, angle: number, length: number): Point {
  return [x + length * sin(angle), y - length * cos(angle)]
}
