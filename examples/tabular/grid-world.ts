// Sutton and Barto 2018, Example 4.1 and Fig. 4.1: how long does a random walker take to a corner of a 4 by 4 grid? Iterative
// policy evaluation finds out, sweep by sweep; value iteration finds the best policy.

import { finish, GridWorld } from 'alambic/rl'
import { policyEvaluation, uniformPolicy, valueIteration } from 'alambic/tabular'
import { formatFixed, sideBySide } from '../../src/plot/format.ts'
import { savePage, tilesChart } from './lib/charts.ts'

const grid = new GridWorld()
const arrows = ['←', '↓', '→', '↑']

const picture = (values: ArrayLike<number>, label: (value: number, cell: number) => string) =>
  tilesChart(
    'Values of the 16 cells',
    Array.from(values, (value, cell) => ({
      row: Math.floor(cell / 4),
      column: cell % 4,
      label: label(value, cell),
      shade: 0.08 + (0.6 * value) / -22,
    })),
  )

const shown = [1, 2, 3, 10]
const panels: { title: string; picture: string }[] = []
let last = { sweep: 0, values: new Float64Array(16) as ArrayLike<number> }
for (const report of policyEvaluation(grid, uniformPolicy(4), { inPlace: false })) {
  last = report
  if (shown.includes(report.sweep)) {
    panels.push({
      title: `after sweep ${report.sweep}`,
      picture: picture(report.values, (value) => formatFixed(value)),
    })
  }
}
panels.push({
  title: `settled, after sweep ${last.sweep}`,
  picture: picture(last.values, (value) => formatFixed(value)),
})
const best = finish(valueIteration(grid))
panels.push({
  title: 'best action of each cell',
  picture: picture(best.values, (value, cell) => (value === 0 ? '' : arrows[best.actions[cell]!]!)),
})

savePage('grid-world', {
  title: 'The 4 by 4 grid world',
  lead: 'A walker who takes each direction alike, −1 a step, ends in two corners: what to expect from each cell.',
  facts: [
    {
      label: 'values of the first row (book: 0, −14, −20, −22)',
      value: Array.from(last.values)
        .slice(0, 4)
        .map((value) => formatFixed(value))
        .join(', '),
    },
    { label: 'sweeps until nothing changed', value: String(last.sweep) },
  ],
  sections: [
    {
      title: 'Policy evaluation',
      figure: sideBySide(panels),
      howToRead: 'Each square is a cell and its value under the random policy; the last panel shows the best policy.',
    },
  ],
})
