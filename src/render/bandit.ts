// Bandit as a picture: the reward distribution of each arm, and the reward of the last pull.

import { exp } from '../tensor/portable-math.ts'
import { type Coordinates, line, type Point, palette, type Scene, type Shape, sceneOf } from './scene.ts'

const WIDTH = 600
const HEIGHT = 300
const LEFT = 40
const ZERO = 140 // y of reward 0
const REACH = 124 // pixels from 0 to the farthest end of a bell

/** @param pull the last action and its reward. */
export function drawBandit(means: readonly number[], pull?: { readonly arm: number; readonly reward: number }): Scene {
  const pixelsPerUnit = REACH / Math.max(4, ...means.map((mean) => Math.abs(mean) + 3))
  const spacing = (WIDTH - LEFT - 20) / means.length
  const middle = (arm: number) => LEFT + (arm + 0.5) * spacing
  const best = means.indexOf(Math.max(...means))
  const small = { size: 16, fill: palette.slate }
  const arms = means.flatMap((mean, arm): Shape[] => {
    const fill = arm === best ? palette.moss : palette.sky
    const y = ZERO - mean * pixelsPerUnit
    const half = Math.min(12, spacing / 3)
    return [
      {
        kind: 'polygon',
        points: bell(middle(arm), y, spacing * 0.42, pixelsPerUnit),
        fill,
        opacity: 0.35,
        faint: true,
      },
      line([middle(arm) - half, y, middle(arm) + half, y], fill, 4),
      ...(spacing > 16
        ? [{ kind: 'label', at: [middle(arm), HEIGHT - 18], text: String(arm), ...small } as const]
        : []),
    ]
  })
  return sceneOf([
    { kind: 'label', at: [LEFT - 10, ZERO], text: '0', size: 15, fill: palette.slate, anchor: 'end' },
    ...arms,
    line([LEFT, ZERO, WIDTH - 20, ZERO], palette.slate, 1.5),
    ...(pull === undefined ? [] : [mark([middle(pull.arm), ZERO - pull.reward * pixelsPerUnit])]),
  ])
}

// Reward upwards, density to both sides.
function bell(x: number, y: number, halfWidth: number, pixelsPerUnit: number): Coordinates {
  const heights = Array.from({ length: 25 }, (_, i) => (i - 12) / 4)
  const side = (z: number, sign: number) => [x + sign * halfWidth * exp(-(z * z) / 2), y - z * pixelsPerUnit]
  return [...heights.flatMap((z) => side(z, 1)), ...heights.flatMap((z) => side(-z, -1))]
}

function mark(center: Point): Shape {
  return { kind: 'circle', center, radius: 8, fill: palette.copper, stroke: palette.paper }
}
