import { describe, expect, it } from 'vitest'
import { Blackjack, type BlackjackObservation, handSum } from '../../../src/rl/envs/tasks/blackjack.ts'
import { make } from '../../../src/rl/envs/tasks/make.ts'
import { readGolden, ScriptedRng, toOptions } from './toy-text-golden.ts'

interface BlackjackFile {
  readonly deck: number[]
  readonly initial_obs_counts_of: number
  readonly initial_obs_counts: [sum: number, dealer: number, ace: number, count: number][]
  readonly dealer_final: [card: number, chances: Record<string, number>][]
  readonly episodes: {
    readonly name: string
    readonly kwargs: Record<string, unknown>
    readonly cards: number[]
    readonly actions: number[]
    readonly obs: number[][]
    readonly reward: number[]
    readonly terminated: number[]
    readonly truncated: number[]
    readonly player: number[]
    readonly dealer: number[]
  }[]
}

const golden = readGolden<BlackjackFile>('Blackjack-v1')
// Any of the deck's positions that holds the card.
const draws = (cards: readonly number[]) => cards.map((card) => golden.deck.indexOf(card))

describe('Blackjack-v1 as Gymnasium recorded it', () => {
  it.each(golden.episodes)('plays $name', (episode) => {
    const env = make<BlackjackObservation>('Blackjack-v1', toOptions(episode.kwargs))
    const rng = new ScriptedRng([], draws(episode.cards))
    env.rng = rng
    expect(env.reset().observation).toEqual(episode.obs[0])
    for (const [i, action] of episode.actions.entries()) {
      const { observation, reward, terminated, truncated } = env.step(action)
      expect(observation).toEqual(episode.obs[i + 1])
      expect([reward, Number(terminated), Number(truncated)]).toEqual([
        episode.reward[i],
        episode.terminated[i],
        episode.truncated[i],
      ])
    }
    const { player, dealer } = env.unwrapped as Blackjack
    expect({ player, dealer }).toEqual({ player: episode.player, dealer: episode.dealer })
    expect(rng.left).toBe(0)
  })

  it('deals each first observation as often as the cards allow', () => {
    const counts = new Map<string, number>()
    const env = new Blackjack()
    const size = golden.deck.length
    for (let deal = 0; deal < size ** 3; deal++) {
      const [open, first, second] = [deal % size, Math.floor(deal / size) % size, Math.floor(deal / size ** 2)]
      env.rng = new ScriptedRng([], [open, 0, first, second])
      const key = env.reset().observation.join()
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    const wanted = golden.initial_obs_counts.map(([sum, dealer, ace, count]) => [`${sum},${dealer},${ace}`, count])
    expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(wanted))
  })

  it('leaves the dealer with the chances that were computed', () => {
    for (const [open, wanted] of golden.dealer_final) {
      const got = dealerChances([open], golden.deck)
      for (const [end, chance] of Object.entries(wanted)) expect(got.get(end) ?? 0).toBeCloseTo(chance, 12)
    }
  })
})

// Every hand that the dealer can draw, through the environment: a scripted generator that runs out asks for one card more.
function dealerChances(hand: readonly number[], deck: readonly number[]): Map<string, number> {
  const chances = new Map<string, number>()
  const visit = (cards: readonly number[], chance: number): void => {
    const end = cards.length < 2 ? undefined : dealerEnd(cards)
    if (end !== undefined) {
      chances.set(end, (chances.get(end) ?? 0) + chance)
      return
    }
    for (const card of deck) visit([...cards, card], chance / deck.length)
  }
  visit(hand, 1)
  return chances
}

function dealerEnd(cards: readonly number[]): string | undefined {
  const env = new Blackjack()
  env.state = [cards[0]!, cards[1]!, 10, 10]
  env.rng = new ScriptedRng([], draws(cards.slice(2)))
  try {
    env.step(0)
  } catch {
    return undefined // the dealer wanted another card
  }
  if (handSum(env.dealer) > 21) return 'bust'
  return handSum(env.dealer) === 21 && env.dealer.length === 2 ? 'natural' : String(handSum(env.dealer))
}
