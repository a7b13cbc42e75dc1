// Sutton and Barto 2018, Example 8.1 and Fig. 8.2: an agent that thinks between its steps finds the way through the maze in a
// few episodes. What it thinks with is nothing but a memory of what each action led to.

import { dynaQ } from 'alambic/tabular'
import { formatFixed } from '../../src/plot/format.ts'
import { linesChart, savePage } from './lib/charts.ts'
import { dynaMaze } from './problems/dyna-maze.ts'

const RUNS = Number(process.argv[2] ?? 30)
const EPISODES = 50

const curves = [0, 5, 50].map((planningSteps) => {
  const steps = new Float64Array(EPISODES)
  for (let seed = 0; seed < RUNS; seed++) {
    const options = { totalEpisodes: EPISODES, totalTimesteps: 1_000_000, gamma: 0.95, planningSteps, seed }
    for (const { episode, episodes } of dynaQ(dynaMaze(), options)) steps[episode - 1]! += episodes[0]!.length / RUNS
  }
  return { name: `${planningSteps} planning steps`, steps }
})

const firstUnder = (steps: Float64Array) => steps.findIndex((count) => count < 20) + 1

savePage('dyna-maze', {
  title: 'The Dyna maze',
  lead: `Steps to the goal in each episode, averaged over ${RUNS} runs; α = 0.1, ε = 0.1, γ = 0.95. The shortest way takes 14.`,
  facts: curves.map(({ name, steps }) => ({
    label: `${name}: first episode under 20 steps, steps in the last`,
    value: `${firstUnder(steps) || 'none'}, ${formatFixed(steps[EPISODES - 1]!)}`,
  })),
  sections: [
    {
      title: 'Learning curves',
      figure: linesChart({
        description: 'Steps in each episode for 0, 5 and 50 planning steps',
        xLabel: 'episode',
        yLabel: 'steps',
        yDomain: [0, 800],
        rule: 14,
        lines: curves.map(({ name, steps }) => ({
          name,
          points: Array.from(steps, (y, i) => ({ x: i + 1, y })).slice(1),
        })),
      }),
      howToRead: 'From the second episode on, as in the book: the first one is the same chance walk for all.',
    },
  ],
})
