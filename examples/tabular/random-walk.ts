// Sutton and Barto 2018, Example 7.1 and Fig. 7.2: how many rewards should a target hold? On a walk of 19 states neither one
// nor all of them is best. Beside it, the same question put to λ (Fig. 12.6).

import { nStepTd, type TabularReport, tdLambda, uniformPolicy } from 'alambic/tabular'
import { formatFixed } from '../../src/plot/format.ts'
import { type Line, linesChart, savePage } from './lib/charts.ts'
import { randomWalk, randomWalkValues } from './problems/random-walk.ts'

const RUNS = Number(process.argv[2] ?? 50)
const truth = randomWalkValues(19)
const budget = { totalEpisodes: 10, totalTimesteps: 10_000_000 }
const stepSizes = Array.from({ length: 21 }, (_, i) => i / 20)

/** Root mean square error over the states, averaged over the first 10 episodes and the runs. */
function meanError(learn: (seed: number) => Generator<TabularReport<Float64Array>>): number {
  let total = 0
  for (let seed = 0; seed < RUNS; seed++) {
    for (const { agent: values } of learn(seed)) {
      let squares = 0
      for (let state = 1; state <= 19; state++) squares += (values[state]! - truth[state]!) ** 2
      total += Math.sqrt(squares / 19)
    }
  }
  return total / (10 * RUNS)
}

const byN = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map(
  (nStep): Line => ({
    name: `n = ${nStep}`,
    points: stepSizes.map((learningRate) => ({
      x: learningRate,
      y: meanError((seed) => nStepTd(randomWalk(), uniformPolicy(1), { ...budget, nStep, learningRate, seed })),
    })),
  }),
)
const byLambda = [0, 0.4, 0.8, 0.9, 0.95, 0.975, 0.99, 1].map(
  (lambda): Line => ({
    name: `λ = ${lambda}`,
    points: stepSizes.map((learningRate) => ({
      x: learningRate,
      y: meanError((seed) => tdLambda(randomWalk(), uniformPolicy(1), { ...budget, lambda, learningRate, seed })),
    })),
  }),
)

function lowest(lines: readonly Line[]): string {
  const all = lines.flatMap(({ name, points }) => points.map(({ x, y }) => ({ name, x, y })))
  const best = all.reduce((a, b) => (b.y < a.y ? b : a))
  return `${formatFixed(best.y, 3)} with ${best.name}, α = ${best.x}`
}

const chart = (description: string, lines: readonly Line[]) =>
  linesChart({ description, xLabel: 'α', yLabel: 'error', yDomain: [0.2, 0.56], lines })

savePage('random-walk', {
  title: 'The walk of 19 states',
  lead: `Error of the values, averaged over the first 10 episodes and ${RUNS} runs, for each step size.`,
  facts: [
    { label: 'lowest error of n-step TD (book: n = 4, α about 0.4)', value: lowest(byN) },
    { label: 'lowest error of TD(λ)', value: lowest(byLambda) },
  ],
  sections: [
    { title: 'n-step TD', figure: chart('Error of n-step TD against the step size, for each n', byN) },
    { title: 'TD(λ)', figure: chart('Error of TD(λ) against the step size, for each λ', byLambda) },
  ],
})
