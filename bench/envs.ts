// Steps per second of the environments on one core, resets included, as single and as vector environments.
// `npm run bench:envs`; `-- --only CartPole-v1` for some of them, `-- --json` for bench:compare. Each runs in
// its own process, as in use: code that has run many environments is compiled for many.

import { spawnSync } from 'node:child_process'
import { Command } from 'commander'
import { do_not_optimize } from 'mitata'
import { startProgress } from '../src/cli/terminal/progress.ts'
import { make } from '../src/rl/envs/tasks/make.ts'
import { makeVec } from '../src/rl/envs/vector/make-vec.ts'
import { Rng } from '../src/tensor/random.ts'
import { JSON_OPTION, namesOf } from './lib/arguments.ts'
import { type BenchRow, benchFile, benchRow } from './lib/bench-file.ts'
import { describeMachine, thisMachine, writeJson } from './lib/machine.ts'
import { sampleCalls } from './lib/samples.ts'

const STEPS = 4096 // a timed call
const NUM_ENVS = [8, 64, 1024]
const ids = [
  'CartPole-v1',
  'MountainCar-v0',
  'MountainCarContinuous-v0',
  'Pendulum-v1',
  'PendulumDiscrete-v1',
  'Acrobot-v1',
  'FrozenLake-v1',
]

/** Steps one environment through a fixed list of random actions. */
function single(id: string): () => void {
  const env = make<unknown, unknown>(id)
  const rng = new Rng(1)
  const actions = Array.from({ length: STEPS }, () => env.actionSpace.sample(rng))
  env.reset({ seed: 1 })
  return () => {
    let total = 0
    for (let t = 0; t < STEPS; t++) {
      const step = env.step(actions[t])
      total += step.reward
      if (step.terminated || step.truncated) env.reset()
    }
    do_not_optimize(total)
  }
}

/** Steps many copies, each with its own actions. */
function vector(id: string, numEnvs: number): () => void {
  const envs = makeVec(id, numEnvs)
  const rng = new Rng(1)
  const discrete = envs.actionSpace.kind === 'discrete'
  const actions = Array.from({ length: STEPS / numEnvs }, () => {
    const flat = Array.from({ length: numEnvs }, () => envs.actionSpace.sample(rng) as number | Float32Array)
    return discrete ? Int32Array.from(flat as number[]) : Float32Array.from(flat as Float32Array[], ([force]) => force!)
  })
  envs.reset({ seed: 1 })
  return () => {
    let total = 0
    for (const action of actions) {
      envs.step(action)
      total += envs.rewards[0]! + envs.observations[0]!
    }
    do_not_optimize(total)
  }
}

/** Heap bytes allocated per step of one copy; NaN without `--expose-gc`. */
function garbage(call: () => void): number {
  for (let i = 0; i < 300; i++) call() // compiled by then
  if (globalThis.gc === undefined) return Number.NaN
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 20; i++) call()
  return Math.max(0, process.memoryUsage().heapUsed - before) / (20 * STEPS)
}

type EnvRow = BenchRow & { readonly garbage: number }

const BUDGET = 700 // milliseconds a row

async function measure(id: string): Promise<EnvRow[]> {
  const calls = new Map([[`${id} single`, single(id)]])
  for (const numEnvs of NUM_ENVS) calls.set(`${id} x ${numEnvs}`, vector(id, numEnvs))
  const rows: EnvRow[] = []
  for (const [name, call] of calls) {
    const times = await sampleCalls((count) => {
      for (let i = 0; i < count; i++) call()
    }, BUDGET)
    const rates = times.map((ms) => (STEPS / ms) * 1000)
    rows.push({ ...benchRow(name, 'steps/s', rates), garbage: garbage(call) })
  }
  return rows
}

const program = new Command('bench:envs')
  .description('Environment steps a second on one core, of single and of vector environments, resets included.')
  .option('--only <ids>', `some of ${ids.join(', ')}`, namesOf('environment', ids), ids)
  .option(...JSON_OPTION)
  .allowExcessArguments(false)
const { only, json } = program.parse().opts<{ only: readonly string[]; json?: string | true }>()

if (process.env.BENCH_ENV !== undefined) console.log(JSON.stringify(await measure(process.env.BENCH_ENV)))
else {
  const machine = thisMachine()
  const progress = startProgress('bench:envs', only.length, 'environments')
  const rows = only.flatMap((id, i): EnvRow[] => {
    progress.update(i, id)
    const env = { ...process.env, BENCH_ENV: id }
    const argv = [...process.execArgv, process.argv[1]!]
    const child = spawnSync(process.execPath, argv, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    if (child.status === 0) return JSON.parse(child.stdout)
    process.exitCode = 1
    return []
  })
  progress.finish()
  if (json !== undefined) writeJson(benchFile('envs', machine, rows), json)
  else {
    console.log(`${describeMachine(machine)}, one core`)
    console.log(`${'million steps a second'.padEnd(32)}  median     p25     p75   ns a step   garbage, bytes a step`)
    for (const { name, median, p25, p75, garbage } of rows) {
      const millions = [median, p25, p75].map((rate) => (rate / 1e6).toFixed(1).padStart(8)).join('')
      console.log(name.padEnd(32) + millions + (1e9 / median).toFixed(1).padStart(12) + garbage.toFixed(1).padStart(17))
    }
  }
}
