// Sutton and Barto 2018, Example 5.3 and Fig. 5.2: when to hit and when to stick. Monte-Carlo control learns it from play
// alone; planning with the chances of every card says how far it came. Pass a number of episodes to change the two million.

import { Blackjack, finish } from 'alambic/rl'
import {
  deterministicPolicy,
  EnumeratedStates,
  monteCarloControl,
  policyEvaluation,
  valueIteration,
} from 'alambic/tabular'
import { formatCount, formatFixed, formatPercent, sideBySide } from '../../src/plot/format.ts'
import { savePage, tilesChart } from './lib/charts.ts'
import { BlackjackModel, blackjackState } from './problems/blackjack-model.ts'

const totalEpisodes = Number(process.argv[2] ?? 2_000_000)
const learnt = finish(
  monteCarloControl(new EnumeratedStates(new Blackjack()), {
    totalEpisodes,
    totalTimesteps: 10 * totalEpisodes,
    exploringStarts: true,
    epsilon: 0,
    seed: 1,
  }),
)
const model = new BlackjackModel()
const best = finish(valueIteration(model))

/** The mean return of a policy, from the deal on. */
function worthOf(values: Float64Array): number {
  return model.startDistribution().reduce((sum, chance, state) => sum + chance * values[state]!, 0)
}
const learntActions = Int32Array.from({ length: model.numStates }, (_, state) => learnt.act(state))
const learntValues = finish(policyEvaluation(model, deterministicPolicy(learntActions)))

const sums = Array.from({ length: 10 }, (_, i) => 21 - i)
const dealers = Array.from({ length: 10 }, (_, i) => i + 1)
const picture = (usableAce: boolean, actionOf: (state: number) => number) =>
  tilesChart(
    'Hit or stick for each sum and each open card of the dealer',
    sums.flatMap((sum) =>
      dealers.map((dealer) => {
        const action = actionOf(blackjackState(sum, dealer, usableAce))
        return {
          row: sum,
          column: dealer === 1 ? 'A' : dealer,
          label: action === 1 ? 'hit' : '',
          shade: action === 1 ? 0.3 : 0.05,
        }
      }),
    ),
    { row: 'sum', column: 'dealer shows' },
  )
const states = sums.flatMap((sum) =>
  dealers.flatMap((dealer) => [true, false].map((ace) => blackjackState(sum, dealer, ace))),
)
const same = states.filter((state) => learnt.act(state) === best.actions[state]).length

savePage('blackjack', {
  title: 'Blackjack',
  lead: 'The policy that Monte-Carlo control with exploring starts learnt from play, and the best one by planning.',
  facts: [
    { label: 'hands played', value: formatCount(totalEpisodes) },
    { label: 'decisions that agree with the best policy', value: formatPercent(same / states.length) },
    {
      label: 'worth of a hand: learnt policy, best policy',
      value: `${formatFixed(worthOf(learntValues), 4)}, ${formatFixed(worthOf(best.values), 4)}`,
    },
  ],
  sections: [
    {
      title: 'Learnt from play',
      figure: sideBySide([
        { title: 'usable ace', picture: picture(true, (state) => learnt.act(state)) },
        { title: 'no usable ace', picture: picture(false, (state) => learnt.act(state)) },
      ]),
    },
    {
      title: 'Best, by planning',
      figure: sideBySide([
        { title: 'usable ace', picture: picture(true, (state) => best.actions[state]!) },
        { title: 'no usable ace', picture: picture(false, (state) => best.actions[state]!) },
      ]),
      howToRead: 'Dark squares: hit. The two differ where both choices are worth almost the same.',
    },
  ],
})
