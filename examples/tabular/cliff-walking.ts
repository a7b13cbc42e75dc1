// Sutton and Barto 2018, Example 6.6: Sarsa learns the safe way round the cliff, since it knows that it will stumble;
// Q-learning learns the shortest way along the edge, and falls off now and then while it explores.

import { CliffWalking } from 'alambic/rl'
import { expectedSarsa, type QTable, qLearning, sarsa } from 'alambic/tabular'
import { formatFixed, sideBySide } from '../../src/plot/format.ts'
import { linesChart, savePage, tilesChart } from './lib/charts.ts'

const RUNS = 100
const EPISODES = 500
const methods = { Sarsa: sarsa, 'Q-learning': qLearning, 'Expected Sarsa': expectedSarsa }

const lines = []
const ways = []
const facts = []
for (const [name, method] of Object.entries(methods)) {
  const means = new Float64Array(EPISODES)
  let table: QTable | undefined
  for (let seed = 0; seed < RUNS; seed++) {
    const options = { totalEpisodes: EPISODES, totalTimesteps: 1_000_000, learningRate: 0.5, epsilon: 0.1, seed }
    for (const { episode, episodes, agent } of method(new CliffWalking(), options)) {
      means[episode - 1]! += episodes[0]!.return / RUNS
      table = agent
    }
  }
  lines.push({ name, points: smooth(means).map((y, i) => ({ x: i + 1, y })) })
  ways.push({ title: `${name}, greedy`, picture: wayOf(table!) })
  const late = means.subarray(EPISODES - 100)
  facts.push({ label: `${name}, mean return of the last 100 episodes`, value: formatFixed(average(late)) })
}

function average(numbers: Float64Array): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length
}

/** Means over ten episodes, as the figure has. */
function smooth(returns: Float64Array): number[] {
  return Array.from(returns, (_, i) => average(returns.subarray(Math.max(0, i - 9), i + 1)))
}

function wayOf(q: QTable): string {
  const env = new CliffWalking()
  const visited = new Map<number, string>()
  let { observation } = env.reset()
  for (let t = 0; t < 40; t++) {
    const action = q.act(observation)
    visited.set(observation, ['↑', '→', '↓', '←'][action]!)
    const step = env.step(action)
    observation = step.observation
    if (step.terminated) break
  }
  const tiles = Array.from({ length: 48 }, (_, cell) => ({
    row: Math.floor(cell / 12),
    column: cell % 12,
    label: cell === 36 ? 'S' : cell === 47 ? 'G' : (visited.get(cell) ?? ''),
    shade: visited.has(cell) ? 0.3 : cell > 36 && cell < 47 ? 0.55 : 0.05,
    ...(cell > 36 && cell < 47 ? { color: 'var(--controls)' } : {}),
  }))
  return tilesChart('The greedy way; the grey cells are the cliff', tiles)
}

savePage('cliff-walking', {
  title: 'Cliff walking',
  lead: `Return of each episode while learning, averaged over ${RUNS} runs; α = 0.5, ε = 0.1.`,
  facts,
  sections: [
    {
      title: 'Returns while learning',
      figure: linesChart({
        description: 'Return of each episode for three methods',
        xLabel: 'episode',
        yLabel: 'sum of rewards',
        yDomain: [-100, 0],
        lines,
      }),
      howToRead: 'The book has Sarsa near −25 and Q-learning near −50: exploring costs more on the edge.',
    },
    { title: 'What they learnt', figure: sideBySide(ways) },
  ],
})
