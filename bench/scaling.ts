// How cost scales: a training step with batch size and width, a vector environment with its sub-environments, a product with its
// size on one and two threads, the training of a student with its labels. `npm run bench:scaling`, within a minute;
// `-- --json` for bench:compare and for docs/benchmarks.md.

import { Command } from 'commander'
import { do_not_optimize } from 'mitata'
import { startProgress } from '../src/cli/terminal/progress.ts'
import { distill } from '../src/distill/distill.ts'
import { MLP } from '../src/nn/layers/mlp.ts'
import { mseLoss } from '../src/nn/losses/regression.ts'
import { Adam } from '../src/nn/optimizers/adam.ts'
import { formatTable } from '../src/plot/format.ts'
import { make } from '../src/rl/envs/tasks/make.ts'
import { makeVec } from '../src/rl/envs/vector/make-vec.ts'
import { QPolicy } from '../src/rl/policies/discrete-policies.ts'
import { finish } from '../src/rl/training/training.ts'
import { matmul, normal, Rng, scope, setThreads, tensor } from '../src/tensor/index.ts'
import { JSON_OPTION, namesOf } from './lib/arguments.ts'
import { type BenchRow, benchFile, benchRow, type Unit } from './lib/bench-file.ts'
import { describeMachine, thisMachine, writeJson } from './lib/machine.ts'
import { randomMatrix } from './lib/operands.ts'
import { sampleCalls } from './lib/samples.ts'

const BUDGET = 1000 // milliseconds a row

/** One curve: its points on the x axis, and for each a call to time and the figure computed from its milliseconds. */
interface Curve {
  readonly unit: Unit
  readonly at: readonly number[]
  prepare(x: number): () => unknown
  figure(milliseconds: number, x: number): number
}

function trainingStep(sizes: readonly number[], batch: number): () => void {
  const rng = new Rng(1)
  const network = new MLP(sizes, rng)
  const optimizer = new Adam(network)
  const x = normal(rng, [batch, sizes[0]!]).toArray()
  const y = normal(rng, [batch, sizes.at(-1)!]).toArray()
  return () => {
    do_not_optimize(
      optimizer.minimize(() =>
        mseLoss(network.forward(tensor(x, [batch, sizes[0]!])), tensor(y, [batch, sizes.at(-1)!])),
      ),
    )
  }
}

const STEPS = 4096

function vectorSteps(numEnvs: number): () => void {
  const envs = makeVec('CartPole-v1', numEnvs)
  const rng = new Rng(1)
  const actions = Array.from({ length: STEPS / numEnvs }, () =>
    Int32Array.from({ length: numEnvs }, () => rng.integer(2)),
  )
  envs.reset({ seed: 1 })
  return () => {
    for (const action of actions) envs.step(action)
    do_not_optimize(envs.rewards[0])
  }
}

function student(labels: number): () => void {
  const env = make('CartPole-v1')
  const teacher = new QPolicy(new MLP([4, 64, 2], new Rng(1)), 4, 2)
  const training = { hidden: [64, 64], finalStudents: 1, updates: 500, seed: 1 }
  return () => {
    do_not_optimize(finish(distill(env, teacher, { labels, rounds: 1, rolloutSteps: 2000, ...training })))
  }
}

/** C = A · B of n × n on so many threads. */
function product(n: number, threads: number): () => void {
  setThreads(threads)
  const [a, b] = [randomMatrix(n, 1), randomMatrix(n, 2)]
  const call = () => scope(() => do_not_optimize(matmul(a, b)))
  const began = performance.now()
  while (performance.now() - began < 500) call() // the helper thread starts and is judged
  return call
}

const gigaflops = (milliseconds: number, n: number) => (2 * n ** 3) / (1e6 * milliseconds)
const sizes = [32, 64, 128, 256, 512]
const microseconds = (milliseconds: number) => 1000 * milliseconds
const curves: Readonly<Record<string, Curve>> = {
  batch: {
    ...{ unit: 'us', at: [1, 4, 16, 64, 256, 1024], figure: microseconds },
    prepare: (batch) => trainingStep([4, 64, 64, 2], batch),
  },
  width: {
    ...{ unit: 'us', at: [8, 16, 32, 64, 128, 256, 512], figure: microseconds },
    prepare: (width) => trainingStep([4, width, width, 2], 64),
  },
  'sub-environments': {
    ...{ unit: 'steps/s', at: [1, 4, 16, 64, 256, 1024], figure: (ms) => (1000 * STEPS) / ms },
    prepare: vectorSteps,
  },
  'matmul-1': { ...{ unit: 'GFLOP/s', at: sizes, figure: gigaflops }, prepare: (n) => product(n, 1) },
  'matmul-2': { ...{ unit: 'GFLOP/s', at: sizes, figure: gigaflops }, prepare: (n) => product(n, 2) },
  labels: { ...{ unit: 'ms', at: [20, 50, 100, 200, 500, 1000], figure: (ms) => ms }, prepare: student },
}
const names = Object.keys(curves)

const program = new Command('bench:scaling')
  .description('How the cost of a training step, of environments, of products on threads and of a student grows.')
  .option('--only <curves>', `some of ${names.join(', ')}`, namesOf('curve', names), names)
  .option(...JSON_OPTION)
  .allowExcessArguments(false)
const { only, json } = program.parse().opts<{ only: readonly string[]; json?: string | true }>()

const machine = thisMachine()
const cells = only.flatMap((name) => curves[name]!.at.map((x) => ({ name, x, ...curves[name]! })))
const progress = startProgress('bench:scaling', cells.length, 'figures')
const rows: BenchRow[] = []
for (const [i, { name, x, unit, prepare, figure }] of cells.entries()) {
  progress.update(i, `${name} ${x}`)
  const call = prepare(x)
  const times = await sampleCalls((count) => {
    for (let n = 0; n < count; n++) call()
  }, BUDGET)
  setThreads(1)
  rows.push(
    benchRow(
      `${name}/${x}`,
      unit,
      times.map((milliseconds) => figure(milliseconds, x)),
    ),
  )
}
progress.finish()
if (json !== undefined) writeJson(benchFile('scaling', machine, rows), json)
else {
  console.log(describeMachine(machine))
  const shown = (value: number) => value.toPrecision(4)
  const lines = rows.map(({ name, unit, median, p25, p75 }) => [name, shown(median), shown(p25), shown(p75), unit])
  console.log(formatTable(['curve', 'median', 'p25', 'p75', 'unit'], lines))
}
