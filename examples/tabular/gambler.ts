// Sutton and Barto 2018, Example 4.3 and Fig. 4.3: how to stake when the coin is against you and the goal is 100. Value
// iteration finds the chances of winning, and stakes with a spiky shape.

import { valueIteration } from 'alambic/tabular'
import { formatFixed } from '../../src/plot/format.ts'
import { linesChart, savePage } from './lib/charts.ts'
import { gamblersProblem } from './problems/gambler.ts'

const capitals = Array.from({ length: 99 }, (_, i) => i + 1)
const iteration = valueIteration(gamblersProblem({ headsProbability: 0.4 }))
const snapshots = new Map<string, Float64Array>()
let next = iteration.next()
for (; next.done !== true; next = iteration.next()) {
  const { sweep, values } = next.value
  if (sweep <= 3) snapshots.set(`sweep ${sweep}`, values.slice())
}
const { values, actions } = next.value
snapshots.set('settled', values)

savePage('gambler', {
  title: "The gambler's problem",
  lead: 'Heads come with probability 0.4 and double the stake; at a capital of 100 the gambler has won.',
  facts: [
    {
      label: 'chance of winning from 25, 50, 75 (exact: 0.16, 0.4, 0.64)',
      value: [25, 50, 75].map((capital) => formatFixed(values[capital]!, 4)).join(', '),
    },
    { label: 'stake at 25, 50, 51, 75', value: [25, 50, 51, 75].map((capital) => actions[capital]! + 1).join(', ') },
  ],
  sections: [
    {
      title: 'Chances of winning',
      figure: linesChart({
        description: 'Chance of winning against capital, after some sweeps of value iteration',
        xLabel: 'capital',
        yLabel: 'chance of winning',
        lines: [...snapshots].map(([name, at]) => ({ name, points: capitals.map((x) => ({ x, y: at[x]! })) })),
      }),
    },
    {
      title: 'The best stakes',
      text: 'Many stakes are equally good; these are the smallest of them.',
      figure: linesChart({
        description: 'Smallest best stake against capital',
        xLabel: 'capital',
        yLabel: 'stake',
        lines: [{ name: 'stake', points: capitals.map((x) => ({ x, y: actions[x]! + 1 })) }],
      }),
    },
  ],
})
