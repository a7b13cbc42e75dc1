/**
 * Blackjack: draw cards to come closer to 21 than the dealer, but not over it.
 *
 * Cards are drawn from an endless deck: an ace is 1, tens and pictures are 10. An ace counts 11 where that does not take
 * the hand over 21. The dealer takes cards below 17. A natural is an ace and a ten as the only two cards.
 *
 * ## Actions
 *
 * | action | meaning |
 * | --- | --- |
 * | 0 | stick: take no more cards |
 * | 1 | hit: take a card |
 *
 * ## Observations
 *
 * | index | observation | low | high |
 * | --- | --- | --- | --- |
 * | 0 | the player's sum | 0 | 31 |
 * | 1 | the dealer's open card | 0 | 10 |
 * | 2 | 1 if the player has an ace that counts 11 | 0 | 1 |
 *
 * ## Reward
 *
 * - the player's hand goes over 21: -1
 * - the player sticks and the dealer has more: -1
 * - the player sticks and both have the same: 0
 * - the player sticks and the dealer has less, or goes over 21: 1
 * - the same with a natural, under the options `natural: true, sab: false`: 1.5
 * - the player sticks on a natural and the dealer has none, under `sab: true` (the default): 1
 * - a card that keeps the game going: 0
 *
 * ## Start
 *
 * - the dealer: two cards, one of them open
 * - the player: two cards
 *
 * ## End
 *
 * - terminated: the player sticks or goes over 21
 * - truncated: never
 *
 * ## Source
 *
 * - task: Sutton and Barto 2018, Example 5.1, whose rules `sab: true` follows
 * - reference: Gymnasium 1.4.0, `Blackjack-v1`
 */

import { flag, type GivenOptions, type OptionValues, readOptions } from '../../../data/options.ts'
import { Discrete, Tuple } from '../../../data/spaces.ts'
import { ValueError } from '../../../tensor/errors.ts'
import { EpisodicEnv, type Outcome } from '../episodic-env.ts'

const DECK = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10] as const

/** Player's sum, dealer's open card, whether an ace counts 11. */
export type BlackjackObservation = readonly [sum: number, dealer: number, usableAce: number]

const blackjackOptions = {
  natural: flag(false, 'a natural that wins pays 1.5; without effect if sab is true'),
  sab: flag(true, "the rules of Sutton and Barto: a player's natural beats everything but a dealer's natural"),
}

/** `state` is the dealer's first two cards, then the player's. The dealer's second card is face down while `inProgress`. */
export class Blackjack extends EpisodicEnv<BlackjackObservation> {
  readonly observationSpace = new Tuple<BlackjackObservation>([new Discrete(32), new Discrete(11), new Discrete(2)])
  readonly actionSpace = new Discrete(2)
  /** The hands, in the order drawn. */
  dealer: readonly number[] = []
  player: readonly number[] = []
  private readonly rules: OptionValues<typeof blackjackOptions>

  constructor(
    options: GivenOptions<typeof blackjackOptions> = {},
    readonly id = 'Blackjack-v1',
  ) {
    super()
    this.rules = readOptions(id, blackjackOptions, options)
  }

  protected saveState(): readonly number[] {
    return [...this.dealer.slice(0, 2), ...this.player]
  }

  protected restoreState(cards: readonly number[]): void {
    const player = cards.slice(2)
    const areCards = cards.every((card) => Number.isInteger(card) && card >= 1 && card <= 10)
    if (cards.length < 4 || !areCards || handSum(player) > 21) {
      const form = 'two cards of the dealer, then two or more of the player that are not over 21, each 1 to 10'
      throw new ValueError(`${this.id}: a state is ${form}; given [${cards.join(', ')}]`)
    }
    this.dealer = cards.slice(0, 2)
    this.player = player
  }

  protected start(): void {
    this.dealer = [this.drawCard(), this.drawCard()]
    this.player = [this.drawCard(), this.drawCard()]
  }

  protected advance(action: number): Outcome {
    if (action === 1) {
      this.player = [...this.player, this.drawCard()]
      const isBust = handSum(this.player) > 21
      return { reward: isBust ? -1 : 0, terminated: isBust }
    }
    while (handSum(this.dealer) < 17) this.dealer = [...this.dealer, this.drawCard()]
    return { reward: this.settle(), terminated: true }
  }

  private settle(): number {
    const difference = score(this.player) - score(this.dealer)
    const reward = Math.sign(difference)
    if (!isNatural(this.player)) return reward
    if (this.rules.sab) return isNatural(this.dealer) ? reward : 1
    return this.rules.natural && reward === 1 ? 1.5 : reward
  }

  private drawCard(): number {
    return DECK[this.rng.integer(DECK.length)]!
  }

  protected observe(): BlackjackObservation {
    return [handSum(this.player), this.dealer[0]!, hasUsableAce(this.player) ? 1 : 0]
  }
}

/** The sum of a hand, one ace counting 11 unless the sum would exceed 21. */
export function handSum(cards: readonly number[]): number {
  const sum = cards.reduce((total, card) => total + card, 0)
  return hasUsableAce(cards) ? sum + 10 : sum
}

function hasUsableAce(cards: readonly number[]): boolean {
  return cards.includes(1) && cards.reduce((total, card) => total + card, 0) <= 11
}

function isNatural(cards: readonly number[]): boolean {
  return cards.length === 2 && cards.includes(1) && cards.includes(10)
}

function score(cards: readonly number[]): number {
  const sum = handSum(cards)
  return sum > 21 ? 0 : sum
}
