// Steps a second of the environments on one core, resets included: single, as most algorithms' first version steps them,
// and as vector environments. `npm run bench:envs`; quote the machine with the figures.

import { cpus } from 'node:os'
import { bench, do_not_optimize, run } from 'mitata'
import { make } from '../src/rl/registry.ts'
import { makeVector } from '../src/rl/vector/make-vector.ts'
import { Rng } from '../src/tensor/random.ts'

const STEPS = 4096 // a timed call
const ids = ['CartPole-v1', 'MountainCar-v0', 'MountainCarContinuous-v0', 'Pendulum-v1', 'Acrobot-v1', 'FrozenLake-v1']

/** Steps one environment through a fixed list of random actions. */
function single(id: string): () => number {
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
    return do_not_optimize(total)
  }
}

/** Steps many copies; each sees other actions from step to step. */
function vector(id: string, numEnvs: number): () => number {
  const envs = makeVector(id, numEnvs)
  const rng = new Rng(1)
  const discrete = envs.actionSpace.kind === 'discrete'
  const rounds = STEPS / numEnvs
  const actions = Array.from({ length: rounds }, () => {
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
    return do_not_optimize(total)
  }
}

for (const id of ids) {
  bench(`${id} single`, single(id))
  for (const numEnvs of [8, 64, 1024]) bench(`${id} x ${numEnvs}`, vector(id, numEnvs))
}

const { benchmarks } = await run({ format: 'quiet', throw: true })
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, one core, Node ${process.version}`)
console.log(
  `${'environment'.padEnd(36)}${'ns a step'.padStart(12)}${'p75'.padStart(8)}${'million steps/s'.padStart(18)}`,
)
for (const { runs, alias } of benchmarks) {
  const stats = runs[0]?.stats
  if (stats === undefined) continue
  const median = stats.p50 / STEPS
  console.log(
    alias.padEnd(36) +
      median.toFixed(1).padStart(12) +
      (stats.p75 / STEPS).toFixed(1).padStart(8) +
      (1000 / median).toFixed(1).padStart(18),
  )
}
