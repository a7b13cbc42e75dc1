// Blackjack as a picture: the dealer's cards above, the player's below, their sums at the left.

import { handSum } from '../rl/envs/tasks/blackjack.ts'
import { palette, type Scene, type Shape, sceneOf } from './scene.ts'

const WIDTH = 520
const CARD = { width: 64, height: 92 }

/** @param hidden whether the dealer's second card still lies face down. */
export function drawBlackjack(dealer: readonly number[], player: readonly number[], hidden: boolean): Scene {
  const shown = hidden ? dealer.slice(0, 1) : dealer
  return sceneOf(
    [
      ...row('DEALER', 82, dealer, shown.length, handSum(shown)),
      ...row('PLAYER', 218, player, player.length, handSum(player)),
    ],
    { width: WIDTH, background: '#e4efe6' },
  )
}

function row(name: string, y: number, cards: readonly number[], open: number, sum: number): Shape[] {
  const fill = sum > 21 ? palette.berry : palette.ink
  // Long hands overlap.
  const step = Math.min(CARD.width + 10, (WIDTH - 130 - CARD.width) / Math.max(1, cards.length - 1))
  return [
    { kind: 'label', at: [60, y - 22], text: name, size: 15, fill: palette.moss, bold: true },
    { kind: 'label', at: [60, y + 10], text: String(sum), size: 36, fill, bold: true },
    ...cards.flatMap((card, i) => cardAt(118 + i * step, y, i < open ? card : undefined)),
  ]
}

function cardAt(x: number, y: number, card: number | undefined): Shape[] {
  const { width, height } = CARD
  const box = { kind: 'rect', x, y: y - height / 2, width, height, radius: 8 } as const
  if (card === undefined) {
    const back = { x: x + 8, y: y - height / 2 + 8, width: width - 16, height: height - 16, radius: 4 }
    return [
      { ...box, fill: '#ffffff', stroke: palette.slate, faint: true },
      { ...box, ...back, fill: palette.sky },
    ]
  }
  const rank = card === 1 ? 'A' : String(card)
  return [
    { ...box, fill: '#ffffff', faint: true },
    { ...box, stroke: palette.slate },
    { kind: 'label', at: [x + width / 2, y], text: rank, size: 34, fill: palette.ink, bold: true },
  ]
}
