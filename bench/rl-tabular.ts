// Steps a second of tabular learning in Taxi on one core, the whole loop: environment, choice, update, reports.
// `npm run bench:rl:tabular`; quote the machine with the figures.

import { bench, do_not_optimize, run } from 'mitata'
import { Taxi } from '../src/rl/envs/tasks/taxi.ts'
import { finish } from '../src/rl/training/training.ts'
import { doubleQLearning, dynaQ, expectedSarsa, qLearning, sarsa } from '../src/tabular/td-control.ts'

const STEPS = 1_000_000 // a timed call, from an empty table on

const methods = { qLearning, sarsa, expectedSarsa, doubleQLearning, dynaQ }

for (const [name, method] of Object.entries(methods)) {
  bench(name, () =>
    do_not_optimize(finish(method(new Taxi(), { totalTimesteps: STEPS, learningRate: 0.5, gamma: 0.99 }))),
  )
}

const { benchmarks } = await run({ throw: true })
console.log('\nTaxi-v4, million steps a second (p75 of the calls)')
for (const { alias, runs } of benchmarks) {
  const p75 = runs[0]?.stats?.p75
  if (p75 !== undefined) console.log(`${alias.padEnd(32)} ${((STEPS / p75) * 1e3).toFixed(2)}`)
}
