// Bandit as a picture: the reward distribution of each arm, and the reward of the last pull. Blackjack: the dealer's cards above, the
// player's below, their sums at the left.

import { handSum } from '../rl/envs/tasks/blackjack.ts'
import { exp } from '../tensor/portable-math.ts'
import {
  type Coordinates,
  disc,
  label,
  line,
  type Paint,
  palette,
  polygon,
  rect,
  type Scene,
  type Shape,
  sceneOf,
} from './scene.ts'

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
  const arms = means.flatMap((mean, arm): Shape[] => {
    const fill = arm === best ? palette.moss : palette.sky
    const y = ZERO - mean * pixelsPerUnit
    const half = Math.min(12, spacing / 3)
    return [
      polygon(bell(middle(arm), y, spacing * 0.42, pixelsPerUnit), fill, { opacity: 0.35, faint: true }),
      line([middle(arm) - half, y, middle(arm) + half, y], fill, 4),
      ...(spacing > 16 ? [label([middle(arm), HEIGHT - 18], String(arm), 16, palette.slate)] : []),
    ]
  })
  return sceneOf([
    label([LEFT - 10, ZERO], '0', 15, palette.slate, { anchor: 'end' }),
    ...arms,
    line([LEFT, ZERO, WIDTH - 20, ZERO], palette.slate, 1.5),
    ...(pull === undefined ? [] : [disc([middle(pull.arm), ZERO - pull.reward * pixelsPerUnit], 8, palette.copper, 2)]),
  ])
}

// Reward upwards, density to both sides.
function bell(x: number, y: number, halfWidth: number, pixelsPerUnit: number): Coordinates {
  const heights = Array.from({ length: 25 }, (_, i) => (i - 12) / 4)
  const side = (z: number, sign: number) => [x + sign * halfWidth * exp(-(z * z) / 2), y - z * pixelsPerUnit]
  return [...heights.flatMap((z) => side(z, 1)), ...heights.flatMap((z) => side(-z, -1))]
}

const TABLE = 520
const CARD = { width: 64, height: 92 }

/** @param hidden whether the dealer's second card still lies face down. */
export function drawBlackjack(dealer: readonly number[], player: readonly number[], hidden: boolean): Scene {
  const shown = hidden ? dealer.slice(0, 1) : dealer
  return sceneOf(
    [
      ...row('DEALER', 82, dealer, shown.length, handSum(shown)),
      ...row('PLAYER', 218, player, player.length, handSum(player)),
    ],
    { width: TABLE, background: '#e4efe6' },
  )
}

function row(name: string, y: number, cards: readonly number[], open: number, sum: number): Shape[] {
  const fill = sum > 21 ? palette.berry : palette.ink
  // Long hands overlap.
  const step = Math.min(CARD.width + 10, (TABLE - 130 - CARD.width) / Math.max(1, cards.length - 1))
  return [
    label([60, y - 22], name, 15, palette.moss, { bold: true }),
    label([60, y + 10], String(sum), 36, fill, { bold: true }),
    ...cards.flatMap((card, i) => cardAt(118 + i * step, y, i < open ? card : undefined)),
  ]
}

function cardAt(x: number, y: number, card: number | undefined): Shape[] {
  const { width, height } = CARD
  const top = y - height / 2
  const box = (paint: Paint) => rect(x, top, width, height, 8, paint)
  if (card === undefined) {
    const back = rect(x + 8, top + 8, width - 16, height - 16, 4, { fill: palette.sky })
    return [box({ fill: '#ffffff', stroke: palette.slate, faint: true }), back]
  }
  const rank = card === 1 ? 'A' : String(card)
  return [
    box({ fill: '#ffffff', faint: true }),
    box({ stroke: palette.slate }),
    label([x + width / 2, y], rank, 34, palette.ink, { bold: true }),
  ]
}
