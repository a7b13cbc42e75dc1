// alambic's side of torch_rl.py: the loops of loops.json, environment steps a second on one core.
// `npx tsx bench/peers/run.ts rl`, or `npx tsx bench/peers/run.ts rl ppo 20000` for one of them with another number of steps.

import { algorithm } from '../../src/rl/algorithms/registry.ts'
import { meanOf } from '../../src/rl/statistics.ts'
import { makeVec } from '../../src/rl/vector/make-vec.ts'
import { printMachine } from '../lib/table.ts'
import loops from './loops.json' with { type: 'json' }

interface Loop {
  readonly env: string
  readonly numEnvs: number
  readonly steps: number
  readonly options: Readonly<Record<string, unknown>>
}

/** Trains to the end and gives the returns of the last twenty episodes. JSON has null for what has no limit. */
function train(name: string, { env, numEnvs, options: written }: Loop, totalTimesteps: number): number[] {
  const options = Object.fromEntries(Object.entries(written).map(([option, value]) => [option, value ?? Infinity]))
  const returns: number[] = []
  for (const { episodes } of algorithm(name).train(makeVec(env, numEnvs), { ...options, totalTimesteps })) {
    for (const episode of episodes) returns.push(episode.return)
  }
  return returns.slice(-20)
}

const [wanted, steps] = process.argv.slice(2)
const all: Readonly<Record<string, Loop>> = loops
const names = Object.keys(all).filter((name) => wanted === undefined || name === wanted)
if (names.length === 0) {
  console.error(`no loop is called "${wanted}"; there are ${Object.keys(all).join(', ')}`)
  process.exit(2)
}
printMachine()
for (const name of names) {
  const loop = all[name]!
  const total = steps === undefined ? loop.steps : Number(steps)
  train(name, loop, Math.ceil(total / 5)) // compiles
  const before = process.cpuUsage()
  const started = performance.now()
  const recent = train(name, loop, total)
  const clock = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(before)
  const rate = (seconds: number) => Math.round(total / seconds).toLocaleString('en')
  console.log(
    `${name} ${loop.env}: ${rate(clock)} steps/s on the clock, ${rate((user + system) / 1e6)} by processor time, ` +
      `return ${meanOf(recent).toFixed(1)} in the last episodes`,
  )
}
