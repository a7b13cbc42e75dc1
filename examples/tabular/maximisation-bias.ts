// Sutton and Barto 2018, Example 6.7 and Fig. 6.5: going left is worse on average, but the best of ten noisy estimates looks
// good. Q-learning falls for it; double Q-learning hardly does.

import { doubleQLearning, qLearning } from 'alambic/tabular'
import { formatPercent } from '../../src/plot/format.ts'
import { linesChart, savePage } from './lib/charts.ts'
import { MaximisationBias } from './problems/maximisation-bias.ts'

const RUNS = Number(process.argv[2] ?? 2000)
const EPISODES = 300
const methods = { 'Q-learning': qLearning, 'double Q-learning': doubleQLearning }

const curves = Object.entries(methods).map(([name, method]) => {
  const lefts = new Float64Array(EPISODES)
  for (let seed = 0; seed < RUNS; seed++) {
    for (const { episode, episodes } of method(new MaximisationBias(), { totalEpisodes: EPISODES, seed })) {
      if (episodes[0]!.length === 2) lefts[episode - 1]! += 1 / RUNS
    }
  }
  return { name, lefts }
})

savePage('maximisation-bias', {
  title: 'Maximisation bias',
  lead: `How often the first step goes left, the worse way, over ${RUNS} runs; α = 0.1, ε = 0.1. The best share is 5 %.`,
  facts: curves.map(({ name, lefts }) => ({
    label: `${name}: largest share, and in the last episode`,
    value: `${formatPercent(Math.max(...lefts))}, ${formatPercent(lefts[EPISODES - 1]!)}`,
  })),
  sections: [
    {
      title: 'Steps to the left',
      figure: linesChart({
        description: 'Share of first steps to the left against episodes',
        xLabel: 'episode',
        yLabel: '% to the left',
        yDomain: [0, 100],
        rule: 5,
        lines: curves.map(({ name, lefts }) => ({
          name,
          points: Array.from(lefts, (share, i) => ({ x: i + 1, y: 100 * share })),
        })),
      }),
    },
  ],
})
