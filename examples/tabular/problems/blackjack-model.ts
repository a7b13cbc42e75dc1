// The exact model of Blackjack, for planning and as the reference of values learned from play (Sutton and Barto 2018, Example
// 5.1 and Fig. 5.2).

import type { TabularModel, Transition } from '../../../src/rl/envs/tasks/tabular.ts'
import { ValueError } from '../../../src/tensor/errors.ts'

const NUM_DEALER_CARDS = 11 // 0 stays unused
/** The environment numbers sums up to 31; sums above 21 are terminal. */
const NUM_SUMS = 32

/** The state number of (sum, dealer's open card, usable ace): that of `EnumeratedStates` around `Blackjack-v1`. */
export function blackjackState(sum: number, dealer: number, usableAce: boolean): number {
  return (sum * NUM_DEALER_CARDS + dealer) * 2 + (usableAce ? 1 : 0)
}

/**
 * Actions: 0 stick, 1 hit. A hand of 21 with a usable ace counts as three cards or more. A natural, which also wins against a
 * dealer's drawn 21, is worth a little more; the optimal actions are the same.
 */
export class BlackjackModel implements TabularModel {
  readonly numStates = NUM_SUMS * NUM_DEALER_CARDS * 2
  readonly numActions = 2
  private readonly dealerSums = Array.from({ length: NUM_DEALER_CARDS }, (_, card) => dealerSums(card))

  transitions(state: number, action: number): readonly Transition[] {
    if (!(Number.isInteger(state) && state >= 0 && state < this.numStates) || (action !== 0 && action !== 1)) {
      throw new ValueError(`BlackjackModel: no action ${action} in state ${state}; actions are 0 stick and 1 hit`)
    }
    const usableAce = state % 2 === 1
    const dealer = Math.floor(state / 2) % NUM_DEALER_CARDS
    const sum = Math.floor(state / 2 / NUM_DEALER_CARDS)
    if (sum < 4 || sum > 21 || dealer === 0) return [{ probability: 1, nextState: state, reward: 0, terminated: true }]
    if (action === 1) return hit(sum, dealer, usableAce)
    return this.dealerSums[dealer]!.map(([dealerSum, probability]) => {
      const reward = dealerSum > 21 ? 1 : Math.sign(sum - dealerSum)
      return { probability, nextState: state, reward, terminated: true }
    })
  }

  /** Two cards of thirteen kinds for the player, one for the dealer. */
  startDistribution(): Float64Array {
    const distribution = new Float64Array(this.numStates)
    for (const [dealer, first] of cardChances()) {
      for (const [one, second] of cardChances()) {
        for (const [two, third] of cardChances()) {
          const usableAce = one === 1 || two === 1
          const state = blackjackState(one + two + (usableAce ? 10 : 0), dealer, usableAce)
          distribution[state] = distribution[state]! + first * second * third
        }
      }
    }
    return distribution
  }
}

type Chance = readonly [value: number, probability: number]

// Ace to nine, and ten with its three pictures.
function cardChances(): Chance[] {
  return Array.from({ length: 10 }, (_, i): Chance => [i + 1, (i === 9 ? 4 : 1) / 13])
}

function hit(sum: number, dealer: number, usableAce: boolean): Transition[] {
  return cardChances().map(([card, probability]) => {
    const ace = usableAce || (card === 1 && sum + 11 <= 21)
    const drawn = sum + card + (!usableAce && ace ? 10 : 0)
    const isSaved = drawn > 21 && ace // the ace counts 1 from now on
    const total = isSaved ? drawn - 10 : drawn
    const nextState = blackjackState(total, dealer, ace && !isSaved)
    return { probability, nextState, reward: total > 21 ? -1 : 0, terminated: total > 21 }
  })
}

// The dealer's final sums, showing `card` and drawing below 17.
function dealerSums(card: number): Chance[] {
  const chances = new Map<number, number>()
  const draw = (hard: number, hasAce: boolean, probability: number) => {
    const sum = hasAce && hard + 10 <= 21 ? hard + 10 : hard
    if (sum >= 17) chances.set(sum, (chances.get(sum) ?? 0) + probability)
    else for (const [next, chance] of cardChances()) draw(hard + next, hasAce || next === 1, probability * chance)
  }
  if (card > 0) draw(card, card === 1, 1)
  return [...chances]
}
