// alambic's side of torch_rl.py: the loops of loops.json, environment steps a second on one core.
// `npx tsx bench/peers/run.ts rl`, or `npx tsx bench/peers/run.ts rl ppo 20000` for one of them with another number of steps.

import { meanOf } from '../../src/data/statistics.ts'
import { printMachine } from '../lib/table.ts'
import { loops, train } from './loops.ts'

const [wanted, steps] = process.argv.slice(2)
const names = Object.keys(loops).filter((name) => wanted === undefined || name === wanted)
if (names.length === 0) {
  console.error(`no loop is called "${wanted}"; there are ${Object.keys(loops).join(', ')}`)
  process.exit(2)
}
printMachine()
for (const name of names) {
  const loop = loops[name]!
  const total = steps === undefined ? loop.steps : Number(steps)
  train(name, loop, Math.ceil(total / 5), loop.options) // compiles
  const before = process.cpuUsage()
  const started = performance.now()
  const recent = train(name, loop, total, loop.options)
  const clock = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(before)
  const rate = (seconds: number) => Math.round(total / seconds).toLocaleString('en')
  console.log(
    `${name} ${loop.env}: ${rate(clock)} steps/s on the clock, ${rate((user + system) / 1e6)} by processor time, ` +
      `return ${meanOf(recent).toFixed(1)} in the last episodes`,
  )
}
