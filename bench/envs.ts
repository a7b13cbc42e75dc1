// Steps a second of the environments on one core, resets included: single, as most algorithms' first version steps them,
// and as vector environments. `npm run bench:envs`; `npm run bench:envs -- CartPole-v1` for one of them. Each has a process
// of its own, as in use: code that has seen many environments is compiled for many.

import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { bench, do_not_optimize, run } from 'mitata'
import { make } from '../src/rl/registry.ts'
import { makeVec } from '../src/rl/vector/make-vec.ts'
import { Rng } from '../src/tensor/random.ts'

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

/** Steps many copies; each sees other actions from step to step. */
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

/** Bytes that a step of one copy leaves on the heap; needs `--expose-gc`, and is NaN without. */
function garbage(call: () => void): number {
  for (let i = 0; i < 300; i++) call() // compiled by then
  if (globalThis.gc === undefined) return Number.NaN
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 20; i++) call()
  return Math.max(0, process.memoryUsage().heapUsed - before) / (20 * STEPS)
}

async function measure(id: string): Promise<void> {
  const calls = new Map([[`${id} single`, single(id)]])
  for (const numEnvs of NUM_ENVS) calls.set(`${id} x ${numEnvs}`, vector(id, numEnvs))
  for (const [name, call] of calls) bench(name, call)
  const { benchmarks } = await run({ format: 'quiet', throw: true })
  for (const { runs, alias } of benchmarks) {
    const stats = runs[0]?.stats
    if (stats === undefined) continue
    const times = [stats.min, stats.p50, stats.p75].map((time) => time / STEPS)
    const [best, median] = times.map((time) => (1000 / time).toFixed(1))
    const bytes = garbage(calls.get(alias)!)
    console.log(
      alias.padEnd(32) +
        times.map((time) => time.toFixed(1).padStart(8)).join('') +
        `${median!.padStart(9)} (${best})`.padEnd(18) +
        bytes.toFixed(1).padStart(10),
    )
  }
}

const [chosen] = process.argv.slice(2)
if (chosen !== undefined) await measure(chosen)
else {
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, one core, Node ${process.version}; a step of one copy takes`)
  console.log(`${''.padEnd(32)} ns best  median     p75   million/s (best)   garbage, bytes`)
  for (const id of ids) {
    const { status } = spawnSync(process.execPath, [...process.execArgv, process.argv[1]!, id], { stdio: 'inherit' })
    if (status !== 0) process.exitCode = 1
  }
}
